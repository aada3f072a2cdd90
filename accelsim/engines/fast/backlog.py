"""What one pass leaves on the ofmap bus for the next, and whether the next can feel it."""

from functools import lru_cache

import numpy as np

from accelsim.engines.fast.pass_timing import NEVER, Backlog, PassTiming
from accelsim.machine import Arch
from accelsim.network.layer import IntArray
from accelsim.passes.protocol import Outputs, Plan

LONG_SINCE = np.zeros(0, np.int64)


@lru_cache(maxsize=64)
def outputs(plan: Plan, arch: Arch) -> Outputs:
    """The FIFOs that psums of *plan* leave through; worked out once."""
    return plan.outputs(arch)


@lru_cache(maxsize=64)
def nothing(plan: Plan, arch: Arch) -> Backlog:
    """The backlog after a pass whose psums are all in the GLB."""
    pes, places = outputs(plan, arch)
    return Backlog(
        ofmap_moves=np.full(arch.words_per_cycle("ofmap"), NEVER),
        places=np.full((len(pes), places.max()), NEVER),
        written=LONG_SINCE,
    )


def binds(before: PassTiming, elapsed: int, after: PassTiming, arch: Arch, *, follows_write: bool) -> bool:
    """Whether a pass that would run as *after* on an idle ofmap bus feels the pass *before* it.

    *elapsed* is the distance of their starts. It feels nothing if all is written, and its place free,
    before its PEs could hand over a psum, and before it reads each psum.
    """
    left = max(before.written, int(before.ofmap_moves[-1]) + 1) - elapsed
    if left > max(after.first_turn, 0):
        return True
    return follows_write and bool((_written(before, elapsed, arch) > after.read).any())


def left_over(
    plan: Plan,
    before: PassTiming,
    before_plan: Plan,
    elapsed: int,
    arch: Arch,
    *,
    follows_write: bool,
) -> Backlog:
    """The backlog that a pass of *plan* finds *elapsed* cycles after the start of the pass before it."""
    (pes, sizes), (others, _) = outputs(plan, arch), outputs(before_plan, arch)
    deepest = int(sizes.max())
    places = np.full((len(pes), deepest), NEVER)
    _, here, there = np.intersect1d(pes, others, return_indices=True)
    freed = before.freed[there][:, -deepest:] - elapsed
    places[here, deepest - freed.shape[1] :] = freed
    written = _written(before, elapsed, arch) if follows_write else LONG_SINCE
    moves = before.ofmap_moves - elapsed
    return Backlog(_relevant(moves, 0), _relevant(places, 1), _relevant(written, 1))


def _written(before: PassTiming, elapsed: int, arch: Arch) -> IntArray:
    return before.made + (arch.noc.ofmap.latency_cycles - elapsed)


def _relevant(cycles: IntArray, first: int) -> IntArray:
    """*cycles* from *first* on; earlier ones bind nobody and must not tell passes apart."""
    return np.where(cycles >= first, cycles, NEVER)
