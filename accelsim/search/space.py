"""What a dataflow brings to the search: its choices for one layer, grouped under starting points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from accelsim.mapping.work import Work
from accelsim.network.layer import BoolArray, IntArray

CELLS = 1 << 16
"""Candidates looked at in one go, legal or not: bounds memory, and keeps arrays in the caches."""


class Batch(NamedTuple):
    """Candidates side by side: arrays that broadcast against each other."""

    choice: dict[str, IntArray]  # tile sizes by name
    legal: BoolArray
    work: Work  # of arrays, exact
    floor_cycles: IntArray  # no simulation of the candidate takes fewer cycles
    active: IntArray  # PEs in use; ties go to more


class Space(Protocol):
    """The choices of a dataflow for one layer, grouped under starting points."""

    def starts(self) -> tuple[Work, IntArray]:
        """For every starting point, a lower bound of the work and of the cycles of all under it.

        Further axes are cases: whatever is under a point is bounded by one of them.
        """

    def fan(self, *, equal_counts_once: bool) -> int:
        """Candidates that one starting point expands to, at most, legal or not."""

    def expand(self, index: IntArray, *, equal_counts_once: bool) -> Batch:
        """All candidates under starting points *index*; or, of those with equal or worse counts, one."""

    def at(self, choice: Mapping[str, int]) -> Batch:
        """A batch of the one candidate *choice*, tile sizes by name."""
