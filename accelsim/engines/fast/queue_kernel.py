"""The recurrences of a pass of queues, compiled: plain functions that say the same uncompiled."""

import numba
import numpy as np


@numba.njit(cache=True)
def serve(ready, moves, count):  # type: ignore[no-untyped-def]
    """When an in-order bus moves its next word, the *count*-th of the pass, that may move from *ready* on.

    *moves* are its last ones, a ring as long as it is wide; the word is in it then.
    """
    width = len(moves)
    time = max(ready, moves[(count - 1) % width], moves[count % width] + 1)
    moves[count % width] = time
    return time


@numba.njit(cache=True)
def run(taps, first, work, owner, free, queue, places, ifmap_moves, ofmap_moves, delays, waits, made):  # type: ignore[no-untyped-def]
    """Run a pass, pixel after pixel; the first cycle in which a PE could give away a psum.

    Args:
        taps: ``(activations,)`` in the order in which they are broadcast.
        first: ``(pixels + 1,)`` where those of each pixel begin.
        work: ``(taps, PEs)`` cycles that an activation takes each PE.
        owner: ``(psums,)`` PE of each psum of a pixel, in the order of the ofmap bus.
        free: ``(PEs,)`` since when each PE is free; is moved on.
        queue: ``(PEs, words)`` when places of its queue come free, a ring; is moved on.
        places: the same of its FIFO to the ofmap bus; is moved on.
        ifmap_moves: ``(width,)`` last moves of the ifmap bus, a ring; is moved on.
        ofmap_moves: the same of the ofmap bus.
        delays: latency of the ifmap bus, and of a PE.
        waits: ``(2, PEs)`` cycles for an activation, and for room; is added to.
        made: ``(pixels * psums,)`` is filled with the moves of the ofmap bus.
    """
    pes, depth, room = work.shape[1], queue.shape[1], places.shape[1]
    given = np.zeros(pes, np.int64)
    turn = np.int64(0)
    for pixel in range(len(first) - 1):
        for j in range(first[pixel], first[pixel + 1]):
            ready = np.int64(0)
            for pe in range(pes):
                ready = max(ready, queue[pe, j % depth])
            there = serve(ready, ifmap_moves, j) + delays[0]
            for pe in range(pes):
                start = max(free[pe], there)
                waits[0, pe] += start - free[pe]
                free[pe] = start + work[taps[j], pe]
                queue[pe, j % depth] = max(free[pe], start + 1)
        if not pixel:
            turn = free.min()
        for k in range(len(owner)):
            pe, word = owner[k], pixel * len(owner) + k
            at = max(free[pe], places[pe, given[pe] % room])
            waits[1, pe] += at - free[pe]
            free[pe] = at + 1
            made[word] = serve(at + delays[1], ofmap_moves, word)
            places[pe, given[pe] % room] = made[word] + 1
            given[pe] += 1
    return turn
