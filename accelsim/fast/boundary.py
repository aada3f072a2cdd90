"""What one pass leaves on the ofmap bus for the next, and whether the next can feel it."""

from functools import lru_cache

import numpy as np

from accelsim.arch import Arch
from accelsim.fast.array import Boundary, PassTiming
from accelsim.fast.maxplus import NEVER
from accelsim.plan import Plan
from accelsim.workload import IntArray


@lru_cache(maxsize=32)
def nothing(plan: Plan, arch: Arch) -> Boundary:
    """The boundary after a pass whose psums are all in the GLB."""
    return Boundary(
        ofmap_moves=np.full(arch.words_per_cycle("ofmap"), NEVER),
        places=np.full((plan.lanes, arch.noc.ofmap.fifo_words), NEVER),
        written=np.zeros((0, 0), np.int64),
    )


def binds(before: PassTiming, elapsed: int, after: PassTiming, arch: Arch, *, follows_write: bool) -> bool:
    """Whether a pass that would run as *after* on an idle ofmap bus feels the pass *before* it.

    *elapsed* is the distance of their starts. It feels nothing if all is written before its top
    PEs could hand over a psum, and before it reads each psum.
    """
    left = before.written - elapsed
    if left > max(after.first_turn, 0):
        return True
    return follows_write and bool((_written(before, elapsed, arch) > after.psum_moves).any())


def left_over(
    plan: Plan, before: PassTiming, before_plan: Plan, elapsed: int, arch: Arch, *, follows_write: bool
) -> Boundary:
    """The boundary that a pass of *plan* finds *elapsed* cycles after the start of the pass before it."""
    fifo, width = arch.noc.ofmap.fifo_words, arch.words_per_cycle("ofmap")
    places = np.full((plan.lanes, fifo), NEVER)
    for lane in range(plan.lanes):
        filter_set, row = divmod(lane, plan.shape.e)
        other = filter_set * before_plan.shape.e + row
        if row < before_plan.shape.e and other < before_plan.lanes:
            moves = _lane_moves(before, before_plan, other)[-fifo:]
            places[lane, fifo - len(moves) :] = moves + 1 - elapsed
    moves = before.ofmap_moves.ravel()[-width:] - elapsed
    last = np.concatenate((np.full(width - len(moves), NEVER), moves))
    written = _written(before, elapsed, arch) if follows_write else np.zeros((0, 0), np.int64)
    return Boundary(_relevant(last, 0), _relevant(places, 1), _relevant(written, 1))


def _written(before: PassTiming, elapsed: int, arch: Arch) -> IntArray:
    return before.ofmap_moves + (arch.noc.ofmap.latency_cycles - elapsed)


def _relevant(cycles: IntArray, first: int) -> IntArray:
    """*cycles* from *first* on; earlier ones bind nobody and must not tell passes apart."""
    return np.where(cycles >= first, cycles, NEVER)


def _lane_moves(timing: PassTiming, plan: Plan, lane: int) -> IntArray:
    places = sorted((j, k) for k, (other, j) in enumerate(plan.psum_order) if other == lane)
    moves: IntArray = timing.ofmap_moves[:, [k for _, k in places]].ravel()
    return moves
