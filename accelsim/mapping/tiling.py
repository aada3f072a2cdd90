"""How many tiles a loop bound falls into, and how large; for ints and for arrays of candidates."""

from collections.abc import Iterator

import numpy as np

from accelsim.machine.datapath import Count
from accelsim.network.layer import IntArray


def tiles(size: int, step: Count) -> list[tuple[Count, Count]]:
    """(how many, how large) of the whole tiles and of the ragged one, if any."""
    rest = size % step
    return [(size // step, step), (np.minimum(rest, 1), np.maximum(rest, 1))]


def block_tiles(size: int, block: IntArray, step: IntArray) -> list[tuple[Count, Count]]:
    """(how many, how large) of the tiles of *step* within blocks of *block*: whole ones, and ragged ones."""
    rest, inner = size % block, block % step
    whole = size // block * (block // step) + rest // step
    last = rest % step
    return [
        (whole, step),
        (size // block * (inner > 0), np.maximum(inner, 1)),
        (last > 0, np.maximum(last, 1)),
    ]


Steps = tuple[Count, ...]
"""What an extent is cut by in turn, outermost first, the ragged rest of one step by the next, too."""


def tile_count(size: Count, steps: Steps) -> Count:
    """Innermost tiles of *size*.

    >>> tile_count(5, (3, 2))
    3
    """
    if not steps:
        return 1
    step, *inner = steps
    if isinstance(steps[-1], int) and steps[-1] == 1:  # the same for all candidates, whatever is around
        return size
    if not inner:
        return -(-size // step)
    return size // step * tile_count(step, tuple(inner)) + tile_count(size % step, tuple(inner))


def squares(size: Count, steps: Steps) -> Count:
    """The squares of the innermost tiles of *size*, summed.

    >>> squares(5, (3, 2))
    9
    """
    if not steps:
        return size * size
    step, *inner = steps
    return size // step * squares(step, tuple(inner)) + squares(size % step, tuple(inner))


def nested_blocks(extent: range, steps: tuple[int, ...]) -> Iterator[range]:
    """The innermost tiles of *extent*, in order.

    >>> list(nested_blocks(range(5), (3, 2)))
    [range(0, 2), range(2, 3), range(3, 5)]
    """
    if not steps:
        yield extent
        return
    for start in range(extent.start, extent.stop, steps[0]):
        yield from nested_blocks(range(start, min(start + steps[0], extent.stop)), steps[1:])


def pairs_up_to(a: int, b: int) -> tuple[IntArray, IntArray]:
    """All pairs of 1..*a* and 1..*b*, as two arrays of a * b numbers each."""
    i, j = np.indices((a, b)) + 1
    return i.ravel(), j.ravel()


def distinct_tilings(size: int) -> IntArray:
    """The smallest step for every number of tiles."""
    steps = np.arange(1, size + 1)
    return np.unique(-(-size // steps), return_index=True)[1] + 1
