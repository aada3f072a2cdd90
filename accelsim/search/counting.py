"""The least energy: it follows from the counts alone, so nothing is simulated."""

import numpy as np

from accelsim.machine.datapath import Count
from accelsim.mapping.space import Batch
from accelsim.mapping.work import Work
from accelsim.network.layer import FloatArray, IntArray
from accelsim.search.goal import TIE, Candidate, Goal, values_at


def least_energy(goal: Goal, other_than: Candidate | None = None) -> tuple[Candidate | None, int]:
    """The best candidate, among equals that with most PEs in use, then least floor; how many were counted.

    With *other_than* it is the best with other counts than that one, and of candidates with equal or worse
    counts none is left out.
    """
    once = other_than is None
    best: Candidate | None = None
    counted = 0
    for part, least in goal.parts(equal_counts_once=once):
        if best is not None and least > best.energy * (1 + TIE):
            break
        batch = goal.space.expand(part, equal_counts_once=once)
        energy = goal.values(batch)
        counted += int(batch.legal.sum())
        at = _up_to(best, energy)
        if other_than is not None:
            at = at[_differs(batch, at, other_than.work)]
        best = _better(best, _first(goal, batch, energy, at))
    return best, counted


def _up_to(known: Candidate | None, energy: FloatArray) -> IntArray:
    """Flat indices of *energy* that is no more than that of the candidate *known*, if there is one."""
    return np.flatnonzero(energy.ravel() <= (np.inf if known is None else known.energy * (1 + TIE)))


def _differs(batch: Batch, at: IntArray, work: Work[Count]) -> IntArray:
    """Where, among flat indices *at*, any count is not that of *work*."""
    fields = values_at(batch.work._asdict(), batch, at)
    differs: IntArray = np.logical_or.reduce([of != getattr(work, name) for name, of in fields.items()])
    return differs


def _first(goal: Goal, batch: Batch, energy: FloatArray, at: IntArray) -> Candidate | None:
    """The candidate of least energy among flat indices *at*; of equals most PEs in use, then least floor."""
    values = energy.ravel()[at]
    if not len(at) or not np.isfinite(values.min()):
        return None
    at = at[values <= values.min() * (1 + TIE)]
    rest = values_at({"active": batch.active, "floor": batch.floor_cycles}, batch, at)
    return goal.pick(batch, at[np.lexsort((rest["floor"], -rest["active"]))[:1]])[0]


def _better(a: Candidate | None, b: Candidate | None) -> Candidate | None:
    """The one of less energy; of equals more PEs in use, then the lower floor; *a*, if nothing differs."""
    if a is None or b is None:
        return b if a is None else a
    if abs(a.energy - b.energy) <= TIE * a.energy:
        return b if (-b.active, b.floor_cycles) < (-a.active, a.floor_cycles) else a
    return b if b.energy < a.energy else a
