"""Integer multipliers of any pair of widths."""

from dataclasses import dataclass
from typing import Literal

from accelsim.checks import at_least
from accelsim.errors import ConfigError
from accelsim.machine.datapath.protocol import IntegerIfmap, Widths, check_integers
from accelsim.network.layer import Tensor


@dataclass(frozen=True, kw_only=True)
class Integer(IntegerIfmap):
    """A multiplier and an adder for integers; a multiply-accumulate a cycle.

    With *odd_weights*, a code of k bits in memory stands for the odd integer 2c - (2**k - 1), c in
    0..2**k - 1; the multiplier takes it with its last bit, which is one, and so is a bit wider.
    Source: Zhou et al., "DoReFa-Net", 2016: 2 quantize_k(x) - 1 has these values, over 2**k - 1.
    """

    kind: Literal["integer"]
    weight_bits: int | None = None
    odd_weights: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1 if self.odd_weights else 2, weight_bits=self.weight_bits)

    def widths(self, word_bits: int) -> Widths:
        """Bits of words in memory, on a machine with words of *word_bits*."""
        return Widths(self.ifmap_width(word_bits), self.weight_bits or word_bits)

    def multiplier(self, word_bits: int, psum_bits: int) -> tuple[int, int]:
        """Bits of the operands: an ifmap word, and a weight with its last bit where that is not stored."""
        return self.ifmap_width(word_bits), (self.weight_bits or word_bits) + self.odd_weights

    def check_weights(self, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError unless weights are integers that fit their width and, with *odd_weights*, odd."""
        bits = self.weight_bits or word_bits
        top = (1 << bits) - 1 if self.odd_weights else 1 << bits - 1
        check_integers("weights", weight, -top, top - (not self.odd_weights))
        if self.odd_weights and not (weight % 2).all():
            raise ConfigError("weights of this datapath must be odd (got an even one)")
