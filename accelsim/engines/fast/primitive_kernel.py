"""The recurrences of a pass of 1-D primitives, compiled: plain functions that say the same uncompiled."""

import numba
import numpy as np

from accelsim.engines.fast.pass_timing import NEVER, Cycle
from accelsim.engines.fast.primitive_state import Delays, Frontier, PsumMoves
from accelsim.engines.fast.queue_kernel import serve
from accelsim.engines.fast.schedule import Schedule
from accelsim.engines.fast.state import BLOCKED, NO_IFMAP, NO_PSUM, NO_WEIGHT


@numba.njit(cache=True)
def feed(schedule: Schedule, step: int, at: Frontier, latency: int) -> None:
    """Move the ifmap words up to the windows of *step*; note when each stream has got its last."""
    for word in range(schedule.bounds[step], schedule.bounds[step + 1]):
        stream = schedule.stream[word]
        time = serve(at.step_ends[schedule.room[word] + 1, stream], at.ifmap_moves, word)
        at.arrived[stream] = time + latency


@numba.njit(cache=True)
def multiply(schedule: Schedule, step: int, at: Frontier) -> None:
    """PEs wait for what they need, and multiply."""
    depth, lanes = at.free.shape
    for d in range(depth):
        for lane in range(lanes):
            armed = max(at.free[d, lane], at.weights[d, lane])
            start = max(armed, at.arrived[schedule.streams[d, lane]])
            at.causes[NO_WEIGHT, d, lane] += armed - at.free[d, lane]
            at.causes[NO_IFMAP, d, lane] += start - armed
            at.free[d, lane] = start + schedule.work[step, d, lane]


@numba.njit(cache=True)
def climb(lane: int, word: int, at: Frontier, below: Cycle, onward: int) -> Cycle:
    """The *word*-th psum of *lane* climbs its chain from *below*; the cycle in which the top PE issues it."""
    time = below
    for d in range(at.free.shape[0]):
        turn = at.free[d, lane]
        clear = max(turn, at.links[d + 1, lane, word % at.sizes[d + 1]])
        time = max(clear, below)
        at.causes[BLOCKED, d, lane] += clear - turn
        at.causes[NO_PSUM, d, lane] += time - clear
        at.free[d, lane] = time + 1
        at.links[d, lane, word % at.sizes[d]] = time + 1
        below = time + onward
    return time


@numba.njit(cache=True)
def give_back(schedule: Schedule, step: int, at: Frontier) -> None:
    """Window columns are given back: note when, per stream, the slowest of its PEs did."""
    depth, lanes = at.free.shape
    for d in range(depth):
        for lane in range(lanes):
            stream = schedule.streams[d, lane]
            at.step_ends[step + 1, stream] = max(at.step_ends[step + 1, stream], at.free[d, lane])


@numba.njit(cache=True)
def run_steps(schedule: Schedule, at: Frontier, delays: Delays, psum: PsumMoves) -> Cycle:
    """Run a pass, step after step; the first cycle in which a PE could give away a psum.

    Args:
        schedule: what moves, in which order.
        at: since when everything is free; is moved on.
        delays: latencies.
        psum: which psums are read, and since when they can be; is filled in.
    """
    psums, turn = len(schedule.lane), np.int64(0)
    for step in range(len(schedule.work)):
        feed(schedule, step, at, delays.ifmap_bus)
        multiply(schedule, step, at)
        if not step:
            turn = at.free[-1].min()
        for k in range(psums):
            lane, count = schedule.lane[k], step * psums + k
            word = step * schedule.filters[lane] + schedule.rank[k]
            below = np.int64(NEVER)
            if psum.read.size:
                ready = max(0, at.links[0, lane, word % at.sizes[0]])
                if psum.written.size:
                    ready = max(ready, psum.written[step, k])
                psum.read[step, k] = serve(ready, at.psum_moves, count)
                below = psum.read[step, k] + delays.psum_bus
            top = climb(lane, word, at, below, delays.climb)
            psum.made[step, k] = serve(top + delays.out, at.ofmap_moves, count)
            at.links[-1, lane, word % at.sizes[-1]] = psum.made[step, k] + 1
        give_back(schedule, step, at)
    return turn
