"""The recurrences of a pass of queues, compiled: plain functions that say the same uncompiled."""

from typing import NamedTuple

import numba
import numpy as np

from accelsim.engines.fast.pass_timing import Cycle
from accelsim.network.layer import IntArray


class Broadcasts(NamedTuple):
    """What is broadcast, and what it takes."""

    taps: IntArray  # (activations,) in the order in which they are broadcast
    first: IntArray  # (pixels + 1,) where those of each pixel begin
    work: IntArray  # (taps, PEs) cycles that an activation takes each PE


class Ready(NamedTuple):
    """Since when everything is free; is moved on."""

    pes: IntArray  # (PEs,)
    queue: IntArray  # (PEs, words) places of each queue, a ring
    above: IntArray  # (PEs, words) places of each FIFO to the ofmap bus, a ring
    ifmap_moves: IntArray  # (width,) last moves of each bus, rings
    ofmap_moves: IntArray


class Done(NamedTuple):
    """What a pass did; is filled in."""

    no_ifmap: IntArray  # (PEs,) cycles waited for an activation, added to
    blocked: IntArray  # (PEs,) and for room
    made: IntArray  # (pixels * psums,) moves of the ofmap bus


@numba.njit(cache=True)
def serve(ready: Cycle, moves: IntArray, count: int) -> Cycle:
    """When an in-order bus moves its next word, the *count*-th of the pass, that may move from *ready* on.

    *moves* are its last ones, a ring as long as it is wide; the word is in it then.
    """
    width = len(moves)
    time: Cycle = max(ready, moves[(count - 1) % width], moves[count % width] + 1)
    moves[count % width] = time
    return time


@numba.njit(cache=True)
def absorb(word: int, cost: IntArray, at: Ready, done: Done, latency: int) -> None:
    """Broadcast the *word*-th activation of the pass, of *cost* ``(PEs,)``, and let every PE work it off."""
    depth, ready = at.queue.shape[1], np.int64(0)
    for pe in range(len(cost)):
        ready = max(ready, at.queue[pe, word % depth])
    there = serve(ready, at.ifmap_moves, word) + latency
    for pe in range(len(cost)):
        start = max(at.pes[pe], there)
        done.no_ifmap[pe] += start - at.pes[pe]
        at.pes[pe] = start + cost[pe]
        at.queue[pe, word % depth] = max(at.pes[pe], start + 1)


@numba.njit(cache=True)
def run_pixels(
    moving: Broadcasts, owner: IntArray, at: Ready, done: Done, latency: int, stages: int
) -> Cycle:
    """Run a pass, pixel after pixel; the first cycle in which a PE could give away a psum.

    Args:
        moving: the activations.
        owner: ``(psums,)`` PE of each psum of a pixel, in the order of the ofmap bus.
        at: the clocks.
        done: is filled in.
        latency: of the ifmap bus.
        stages: of the pipeline of a PE.
    """
    room, given = at.above.shape[1], np.zeros(len(at.pes), np.int64)
    turn = np.int64(0)
    for pixel in range(len(moving.first) - 1):
        for j in range(moving.first[pixel], moving.first[pixel + 1]):
            absorb(j, moving.work[moving.taps[j]], at, done, latency)
        if not pixel:
            turn = at.pes.min()
        for k in range(len(owner)):
            pe, word = owner[k], pixel * len(owner) + k
            time = max(at.pes[pe], at.above[pe, given[pe] % room])
            done.blocked[pe] += time - at.pes[pe]
            at.pes[pe] = time + 1
            done.made[word] = serve(time + stages, at.ofmap_moves, word)
            at.above[pe, given[pe] % room] = done.made[word] + 1
            given[pe] += 1
    return turn
