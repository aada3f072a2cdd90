"""Max-plus arithmetic: the two recurrences that every bus and every adder obey, solved over whole arrays."""

import numpy as np

from accelsim.workload import IntArray

NEVER = -(1 << 40)
"""The neutral element of max: a constraint that binds nobody."""


def serve(ready: IntArray, width: int, before: IntArray) -> IntArray:
    """When an in-order bus of *width* words a cycle moves its next words.

    ``move[x] = max(ready[x], move[x-1], move[x-width] + 1)``, hence
    ``move[x] = max over y <= x of ready[y] + (x - y) // width``.

    Args:
        ready: ``(words,)`` first cycle in which each word may move.
        width: words a cycle.
        before: ``(width,)`` cycles of the words moved last; NEVER where there were none.
    """
    words = len(ready)
    if width == 1:
        index = np.arange(words)
        moves = np.maximum.accumulate(ready - index) + index
        in_order: IntArray = np.maximum(moves, before[0] + 1 + index)
        return in_order
    turns = -(-words // width) + 1
    line = np.full(turns * width, NEVER)
    line[:width] = before
    line[width : width + words] = ready
    turn = np.arange(turns)[:, None]
    best = np.maximum.accumulate(line.reshape(turns, width) - turn, axis=0)
    best = np.maximum.accumulate(best, axis=1)
    best[1:] = np.maximum(best[1:], best[:-1, -1:] - 1)
    return (best + turn).ravel()[width : width + words]


def issue(ready: IntArray, free: IntArray) -> IntArray:
    """When adders issue their next words, one a cycle: ``at[j] = max(ready[j], at[j-1] + 1)``.

    Args:
        ready: ``(lanes, words)`` first cycle in which each word may issue.
        free: ``(lanes,)`` first cycle in which the adder is free.
    """
    index = np.arange(ready.shape[1])
    line = ready - index
    line[:, 0] = np.maximum(line[:, 0], free)
    at: IntArray = np.maximum.accumulate(line, axis=1)
    at += index
    return at


def last_moves(before: IntArray, moves: IntArray) -> IntArray:
    """The last ``len(before)`` moves of a bus after *moves*."""
    width = len(before)
    return moves[-width:] if len(moves) >= width else np.concatenate((before, moves))[-width:]
