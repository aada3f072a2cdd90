"""The least latency or energy-delay product: candidates simulated in the order of a proven bound."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from accelsim.network.layer import IntArray
from accelsim.search.goal import Candidate, Goal, values_at

KEEP = 16
"""Candidates of a batch held at first, twice as many each time they run out; the others are found again."""

CyclesOf = Callable[[dict[str, int]], int]
"""Simulates the choice of tile sizes, by name, and says how many cycles it takes."""


class BestFirst:
    """Simulates what could still be best, least bound first, until the bound reaches what was found.

    With *second* it goes on until the bound reaches the best of those with other counts than the best.
    """

    def __init__(self, goal: Goal, cycles_of: CyclesOf, *, second: bool) -> None:
        self.goal, self.cycles_of, self.second = goal, cycles_of, second
        self.best: Candidate | None = None
        self.runner_up: Candidate | None = None
        self.counted = self.simulated = 0
        self._heap: list[tuple[float, int, int, _Run]] = []

    def run(self) -> None:
        """Simulate until nothing left can be better."""
        for ticket, (part, least) in enumerate(self.goal.parts(equal_counts_once=False)):
            self._simulate_up_to(least)
            if least >= self._enough:
                break
            run = _Run(self.goal, part)
            self.counted += run.legal
            self._queue(run, ticket)
        self._simulate_up_to(np.inf)

    @property
    def _enough(self) -> float:
        """The bound from which on nothing needs to be simulated."""
        worst = self.runner_up if self.second else self.best
        return np.inf if worst is None else worst.value(self.goal.objective)

    def _queue(self, run: _Run, ticket: int) -> None:
        if run.left:
            bound, active = run.left[-1].value(self.goal.objective), run.left[-1].active
            # The ticket keeps runs of equal bounds in order, and runs themselves from being compared.
            heapq.heappush(self._heap, (bound, -active, ticket, run))

    def _simulate_up_to(self, limit: float) -> None:
        heap = self._heap
        while heap and heap[0][0] <= limit and heap[0][0] < self._enough:
            bound, _, ticket, run = heapq.heappop(heap)
            candidate = run.take()
            self._queue(run, ticket)
            best = self.best
            if best and candidate.work == best.work and bound >= best.value(self.goal.objective):
                continue  # neither better nor with other counts
            self._note(replace(candidate, cycles=self.cycles_of(candidate.choice)))
            self.simulated += 1

    def _note(self, new: Candidate) -> None:
        """Keep *new* if it is the best yet, or the best with other counts than the best."""
        objective, best, second = self.goal.objective, self.best, self.runner_up
        value = new.value(objective)
        if best is None or value < best.value(objective):
            if best is not None and best.work != new.work:
                self.runner_up = best
            self.best = new
        elif new.work != best.work and (second is None or value < second.value(objective)):
            self.runner_up = new


class _Run:
    """The candidates of some starting points, least bound first; of equals, more PEs in use."""

    def __init__(self, goal: Goal, part: IntArray) -> None:
        self.goal, self.part = goal, part
        self.left: list[Candidate] = []  # the next one last
        self.legal = self._taken = 0
        self._keep = KEEP
        self._fill()

    def take(self) -> Candidate:
        """Take out the candidate of the least bound that is left, and refill when none is held."""
        candidate = self.left.pop()
        self._taken += 1
        if not self.left and self._taken < self.legal:
            self._keep *= 2
            self._fill()
        return candidate

    def _fill(self) -> None:
        """Expand the starting points, and hold the next few candidates."""
        batch = self.goal.space.expand(self.part, equal_counts_once=False)
        values = self.goal.values(batch).ravel()
        at = np.flatnonzero(np.isfinite(values))
        self.legal, until = len(at), self._taken + self._keep
        if until < len(at):
            at = at[values[at] <= np.partition(values[at], until)[until]]
        active = values_at({"active": batch.active}, batch, at)["active"]
        order = np.lexsort((-active, values[at]))
        self.left = self.goal.pick(batch, at[order][self._taken : until][::-1])
