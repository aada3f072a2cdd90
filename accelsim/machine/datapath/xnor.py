"""Products of signs: an exclusive nor of bits, and a count of ones."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from accelsim.checks import at_least
from accelsim.machine.datapath.protocol import Amounts, Count, Datapath, N, Uses, Widths, Word, check_levels
from accelsim.network.layer import Tensor

_LANES = 32


@dataclass(frozen=True, kw_only=True)
class Xnor(Datapath):
    """*lanes* products of signs in a cycle, over channels and taps of a window, and a count of their ones.

    dot = 2 popcount(xnor & mask) - popcount(mask). The mask leaves out lanes past the end of a window, and
    padding, whose place control knows: it has no sign, and adds 0.
    Source: Courbariaux et al., "Binarized neural networks", 2016; Rastegari et al., "XNOR-Net", ECCV 2016.
    In software they take 3 instructions in 6 clocks for 32 products.
    """

    kind: Literal["xnor"]
    lanes: int = _LANES
    verb: ClassVar[str] = "xnor"
    extra_ops: ClassVar[str] = "popcount"
    one_by_one: ClassVar[bool] = False
    gates: ClassVar[bool] = False

    def __post_init__(self) -> None:
        at_least(1, lanes=self.lanes)

    def widths(self, word_bits: int) -> Widths:
        """Bits of words in memory: ifmap words and weights are signs, one bit each."""
        return Widths(1, 1)

    def cycles(self, p: Count, q: Count, s: Count, width: int) -> tuple[Count, Count]:
        """Cycles with MACs, *lanes* window words at a time for each filter, and none without."""
        return -(-p // width) * -(-q * s // self.lanes), 0

    def uses(self, amounts: Amounts[N]) -> Uses[N]:
        """Register file words and counts of ones; a psum is read and written once for all lanes."""
        return Uses(amounts.macs, amounts.macs, amounts.issues, amounts.issues)

    def dot(self, window: Tensor, weights: Tensor) -> list[Word]:
        """The psums of a window: equal bits counted lane by lane, without those of padding."""
        words = window.ravel()
        signs, mask = words > 0, words != 0
        sums: list[Word] = []
        for own in weights.reshape(len(weights), -1) > 0:
            psum = 0
            for lane in range(0, len(words), self.lanes):
                part = slice(lane, lane + self.lanes)
                equal = ~(signs[part] ^ own[part]) & mask[part]
                psum += 2 * int(np.count_nonzero(equal)) - int(np.count_nonzero(mask[part]))
            sums.append(psum)
        return sums

    def check(self, ifmap: Tensor, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError unless every ifmap word and weight is -1 or +1."""
        check_levels("ifmap words", ifmap, (-1, 1))
        check_levels("weights", weight, (-1, 1))
