"""What passes of one kind have in common: the extents of their tiles."""

from typing import NamedTuple

from accelsim.mapping.nest import Tile


class Shape(NamedTuple):
    """All that a plan depends on: passes of one shape move the same words in the same order."""

    n: int
    m: int
    c: int
    e: int
    f: int
    r: int
    s: int


def shape_of(tile: Tile) -> Shape:
    """The extents of *tile*."""
    return Shape(*(len(extent) for extent in tile[1:]))
