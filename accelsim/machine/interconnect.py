"""How words reach PEs that share them: all at once, or at the edge of the array and on from PE to PE.

PEs are counted by row, from the edge where words enter, and by lane. An interconnect says who takes a word
from its bus, when a PE has its turn, and over how many hops a word goes; whoever builds a pass, or counts
one, asks it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from accelsim.machine.datapath import Count

Counted = Literal["passes", "rows", "cols"]
"""What a loop nest can tell of its passes on the array."""

Ints = npt.NDArray[np.int64]
"""Integers, an entry per PE, lane or word."""


class Turns(NamedTuple):
    """The order in which a bus serves PEs with a word each."""

    order: Ints  # PEs
    beat: Ints  # by place in the order: 1 where a word never goes in the cycle of the word before


class Handing(NamedTuple):
    """How one word for each class of PEs gets to all of its class: from the bus, then from PE to PE."""

    takers: Ints  # PEs that take it from the bus
    givers: Ints  # PEs that hand it on, to the receiver in the same place
    receivers: Ints


class Interconnect(Protocol):
    """How words travel between the buses and the PEs that share them."""

    @property
    def at_once(self) -> bool:
        """Whether a word reaches all its PEs in one cycle."""

    def handing(self, classes: Ints) -> Handing:
        """How a word for each of *classes* gets to its PEs; an entry per PE, the number of its class."""

    def step_beats(self, words: int) -> Ints:
        """The beats of the *words* that a bus brings for one step."""

    def turns(self, row: Ints, lane: Ints) -> Turns:
        """Who has its turn when, of PEs in *row* and *lane* that take, or give, a word each."""

    def skew(self, row: Ints, lane: Ints) -> Ints:
        """Cycles between the corner PE's step and a PE's own: as many words wait for it at the edge."""

    def lag(self, lane: Ints) -> Ints:
        """Cycles that what leaves a lane waits for what leaves the last lane of the array."""

    def hops(self, crossed: Callable[[], Count]) -> Count:
        """Hops of words between PEs and the edge, which have *crossed* so many rows; asked if words hop."""

    def delivered(self, uses: Count, words: Count) -> Count:
        """Deliveries to PEs of *words* that serve *uses* in all; what is not delivered hops from PE to PE."""

    def skew_cycles(self, extent: Callable[[Counted], Count]) -> Count:
        """Cycles beside their steps that passes take at least.

        *extent* is asked, if words hop, how many passes there are, and their rows and cols, all together.
        """

    def tail(self, rows: int, cols: int, *, sweeps: int) -> int:
        """Cycles that a pass on *rows* x *cols* PEs lasts longer than they need.

        Words pass all rows of the array *sweeps* times, one after the other, and all columns once.
        """


@dataclass(frozen=True)
class Multicast:
    """Wires from a bus to every PE: a word reaches all its PEs in one cycle, and each takes its own copy."""

    at_once: ClassVar[bool] = True

    def handing(self, classes: Ints) -> Handing:
        """All PEs take it from the bus."""
        nobody = np.zeros(0, np.int64)
        return Handing(np.arange(len(classes)), nobody, nobody)

    def step_beats(self, words: int) -> Ints:
        """Words of several steps may share a cycle."""
        return np.zeros(words, np.int64)

    def turns(self, row: Ints, lane: Ints) -> Turns:
        """Row after row from the edge, as many words in a cycle as the bus is wide."""
        return Turns(np.arange(len(row)), np.zeros(len(row), np.int64))

    def skew(self, row: Ints, lane: Ints) -> Ints:
        """All PEs step together."""
        return np.zeros(len(row), np.int64)

    def lag(self, lane: Ints) -> Ints:
        """No lane waits for another."""
        return np.zeros(len(lane), np.int64)

    def hops(self, crossed: Callable[[], Count]) -> Count:
        """No hop at all: a word crosses rows on its wire."""
        return 0

    def delivered(self, uses: Count, words: Count) -> Count:
        """A copy for every use."""
        return uses

    def skew_cycles(self, extent: Callable[[Counted], Count]) -> Count:
        """No cycle: an operand reaches all PEs at once."""
        return 0

    def tail(self, rows: int, cols: int, *, sweeps: int) -> int:
        """No cycle: the array is free when the last PE is."""
        return 0


@dataclass(frozen=True)
class Systolic:
    """Registers from PE to PE: a word enters at the edge of *rows* x *cols* PEs and hops one PE a cycle.

    A step, or a row of what PEs keep, enters a cycle, however wide the bus is. A pass that uses fewer PEs
    takes as long as one that uses all, if *whole* says so.

    Source: Kung, "Why systolic architectures?", Computer 15(1), 1982; cycles as in SCALE-Sim (Samajdar et
    al., 2018).
    """

    rows: int
    cols: int
    whole: bool
    at_once: ClassVar[bool] = False

    def handing(self, classes: Ints) -> Handing:
        """The first PE of a class takes it from the bus, each next one from the PE before."""
        order = np.lexsort((np.arange(len(classes)), classes))
        follows = classes[order][1:] == classes[order][:-1]
        first = np.concatenate(([True], ~follows)) if len(classes) else np.zeros(0, bool)
        return Handing(order[first], order[:-1][follows], order[1:][follows])

    def step_beats(self, words: int) -> Ints:
        """A step a cycle: the first word waits for a new one."""
        beats: Ints = (np.arange(words) == 0).astype(np.int64)
        return beats

    def turns(self, row: Ints, lane: Ints) -> Turns:
        """The row farthest from the edge first, a row a cycle."""
        order = np.lexsort((lane, -row))
        return Turns(order, (lane[order] == 0).astype(np.int64))

    def skew(self, row: Ints, lane: Ints) -> Ints:
        """A cycle for each hop from the corner where words enter."""
        return row + lane

    def lag(self, lane: Ints) -> Ints:
        """A cycle for each lane after it, up to the last of the array."""
        waits: Ints = self.cols - 1 - lane
        return waits

    def hops(self, crossed: Callable[[], Count]) -> Count:
        """One for each row."""
        return crossed()

    def delivered(self, uses: Count, words: Count) -> Count:
        """Each word is delivered once, and handed on from there."""
        return words

    def skew_cycles(self, extent: Callable[[Counted], Count]) -> Count:
        """An operand reaches the last of r rows and c columns r + c - 2 cycles after the first."""
        passes = extent("passes")
        if self.whole:
            return passes * (self.rows + self.cols - 2)
        return extent("rows") + extent("cols") - 2 * passes

    def tail(self, rows: int, cols: int, *, sweeps: int) -> int:
        """What the PEs that it does not use would have added to each sweep."""
        return sweeps * (self.rows - rows) + self.cols - cols if self.whole else 0
