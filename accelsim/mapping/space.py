"""What a dataflow brings to the search: its choices for one layer, grouped under starting points."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from accelsim.machine.datapath import Count
from accelsim.mapping.work import Work
from accelsim.network.layer import BoolArray, IntArray


@dataclass(frozen=True)
class Batch:
    """Candidates side by side: arrays that broadcast against each other."""

    choice: dict[str, IntArray]  # tile sizes by name
    legal: BoolArray
    work: Work[Count]  # of arrays, exact
    floor: Callable[[], Count]  # gives the cycles that no simulation of the candidate undercuts
    active: IntArray  # PEs in use; ties go to more

    @cached_property
    def floor_cycles(self) -> IntArray:
        """The cycles of *floor*, asked for once, if at all: most batches of a search for energy need none."""
        return np.asarray(self.floor(), np.int64)


class Space(Protocol):
    """The choices of a dataflow for one layer, grouped under starting points."""

    def starts(self) -> tuple[Work[Count], IntArray]:
        """For every starting point, a lower bound of the work and of the cycles of all under it.

        Further axes are cases: whatever is under a point is bounded by one of them.
        """

    def fan(self, *, equal_counts_once: bool) -> int:
        """Candidates that one starting point expands to, at most, legal or not."""

    def expand(self, index: IntArray, *, equal_counts_once: bool) -> Batch:
        """All candidates under starting points *index*; or, of those with equal or worse counts, one."""

    def at(self, choice: Mapping[str, int]) -> Batch:
        """A batch of the one candidate *choice*, tile sizes by name."""
