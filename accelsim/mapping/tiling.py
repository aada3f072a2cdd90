"""How many tiles a loop bound falls into, and how large; for ints and for arrays of candidates."""

from __future__ import annotations

import numpy as np

from accelsim.machine.datapath import Count
from accelsim.network.layer import IntArray


def tiles(size: int, step: Count) -> list[tuple[Count, Count]]:
    """(how many, how large) of the whole tiles and of the ragged one, if any."""
    rest = size % step
    return [(size // step, step), (rest > 0, np.maximum(rest, 1))]


def block_tiles(size: int, block: IntArray, step: IntArray) -> list[tuple[Count, Count]]:
    """The same for tiles of *step* within blocks of *block*."""
    rest, inner = size % block, block % step
    whole = size // block * (block // step) + rest // step
    last = rest % step
    return [
        (whole, step),
        (size // block * (inner > 0), np.maximum(inner, 1)),
        (last > 0, np.maximum(last, 1)),
    ]


def grid(a: int, b: int) -> tuple[IntArray, IntArray]:
    i, j = np.indices((a, b)) + 1
    return i.ravel(), j.ravel()


def distinct_tilings(size: int) -> IntArray:
    """The smallest step for every number of tiles."""
    steps = np.arange(1, size + 1)
    return np.unique(-(-size // steps), return_index=True)[1] + 1
