"""One pass word by word: what its FIFOs, buses and PEs have to do, for whoever runs it; nothing about time.

PEs are counted in the pass. Ports, where words wait for a PE or for the ofmap bus, have numbers: kind x PEs
+ PE (:data:`accelsim.passes.patterns.FIFO_KINDS`), and after them the stores of PEs, which keep words.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, Protocol

from accelsim.machine import Operand
from accelsim.mapping.footprint import Address
from accelsim.network.layer import BoolArray
from accelsim.passes.patterns import FIFO_KINDS, NOWHERE

Verb = Literal["mac", "primitive", "activation", "give"]
"""What a step does once it need not wait:

* ``mac``: one MAC, in one cycle; the psum is given away or stays.
* ``primitive``: the 1-D primitives of one ofmap column; their sums stay.
* ``activation``: one ifmap word with all weights of its tap; the sums stay.
* ``give``: the first of the sums that stay, added to the psum from before, is given away, in one cycle.
"""


class Fifo(NamedTuple):
    """A FIFO that a pass has for itself."""

    operand: Operand
    giver: int | None  # PE; None: the bus of the operand
    taker: int  # PE
    places: int  # words
    latency: int  # cycles
    counts: str | None = None  # an action for every word
    columns: BoolArray | None = None  # (columns, words) that come of a window; None: words go one by one


class Load(NamedTuple):
    """What one PE is given to keep, and can use when all of it has come; the others are zero."""

    operand: Operand
    carried: BoolArray  # the words that come, in their order
    latency: int  # cycles
    hops: int = 0  # PEs that each word passes on its way


class Sent(NamedTuple):
    """One word on a bus into the array."""

    address: Address | None  # None: a pad zero that the bus makes itself
    ports: tuple[int, ...]  # that take it together; none: it is only looked at
    beat: bool = False  # never in the cycle of the word before


class Collected(NamedTuple):
    """One psum on the ofmap bus."""

    address: Address
    pe: int  # that gives it
    bypass: bool  # on its way to DRAM, past the GLB
    beat: bool = False


class Step(NamedTuple):
    """One step of a PE: what it waits for, in the order of the fields, and what it does and gives."""

    verb: Verb
    weight: int = NOWHERE  # port; NOWHERE: nothing to wait for
    ifmap: int = NOWHERE
    need: int = 1  # words that must have come to it; columns of a window
    above: int = NOWHERE  # where the psum goes, once there is room; NOWHERE: it stays
    ifmap_onward: tuple[int, ...] = ()  # likewise, the words taken
    weight_onward: tuple[int, ...] = ()
    psum: int = NOWHERE  # where it comes from; NOWHERE: it has stayed, or starts at zero
    done: int = 0  # columns of its window that the PE is done with, before
    taps: tuple[int, ...] = ()  # columns of a window under the taps; the tap of an activation
    hops: int = 0  # PEs that the psum passes on its way to the ofmap bus
    skipped: int = 0  # MACs that have no step, since their words do not come


class Script(Protocol):
    """A pass of one job, ready to be run."""

    keeps: tuple[Operand, ...]
    """Operands that lie in the register files of PEs while they are used."""
    together: bool
    """Whether what PEs are given to keep can be used when all of them have it, not each for itself."""
    drained: bool
    """Whether the pass lasts until its psums have left the PEs."""
    tail: int
    """Cycles that the array is not free for longer."""

    def fifos(self) -> dict[int, Fifo]:
        """Its own FIFOs, by port; those to the ofmap bus stay, see ``Plan.outputs``."""

    def loads(self) -> list[Load]:
        """What each PE is given to keep; none at all: they have it from the pass before."""

    def words(self, bus: Operand) -> Iterator[Sent]:
        """The words on *bus* into the array, in its order."""

    def steps(self, pe: int) -> Iterable[Step]:
        """What *pe* does in the pass, one step after the other."""

    def collected(self) -> Iterator[Collected]:
        """The psums in the order of the ofmap bus."""


class Numbers(NamedTuple):
    """The ports of a pass with so many PEs."""

    pes: int

    def port(self, kind: str, pe: int) -> int:
        """The FIFO of *kind* of *pe*."""
        return FIFO_KINDS.index(kind) * self.pes + pe

    def kept(self, pe: int) -> int:
        """The store of *pe*."""
        return len(FIFO_KINDS) * self.pes + pe
