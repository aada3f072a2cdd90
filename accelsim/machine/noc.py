"""The networks on the chip."""

from dataclasses import dataclass
from typing import Literal

from accelsim.checks import at_least, description


@description
class QueuedBus:
    """A bus into the PEs' scratch pads: in order, at most *bits_per_cycle* a cycle.

    It moves a word only when every destination's FIFO has room for it.
    """

    bits_per_cycle: int
    latency_cycles: int = 1
    fifo_words: int = 32

    def __post_init__(self) -> None:
        at_least(1, bits_per_cycle=self.bits_per_cycle, fifo_words=self.fifo_words)
        at_least(0, latency_cycles=self.latency_cycles)


@dataclass(frozen=True)
class WeightBus(QueuedBus):
    """The bus of weights; where every PE has ``private`` wires to the memory, a read contains the way."""

    wires: Literal["shared", "private"] = "shared"


@description
class LocalLink:
    """PE to PE: one psum a cycle, since the adder makes no more, and one operand; the FIFO is the receiver's.

    The latency is that of the wire: the cycles in the PE's pipeline, or in the register of an operand that
    is passed on, come before it.
    """

    latency_cycles: int = 1
    fifo_words: int = 32

    def __post_init__(self) -> None:
        at_least(0, latency_cycles=self.latency_cycles)
        at_least(1, fifo_words=self.fifo_words)


@description
class NoC:
    """The networks: three GINs (weight, ifmap, psum), the GON (ofmap) and the LN (local)."""

    weight: WeightBus
    ifmap: QueuedBus
    psum: QueuedBus
    ofmap: QueuedBus
    local: LocalLink
