"""The addresses of the words in a box that crosses the DRAM link; pure."""

from collections.abc import Iterable, Iterator
from itertools import product

from accelsim.mapping.footprint import Address
from accelsim.mapping.nest import Tile
from accelsim.network.layer import Layer, Lowered


def weight_box(layer: Layer, tile: Tile) -> Iterator[Address]:
    """The weights of *tile*."""
    taps: Iterable[tuple[int, int, int]] = product(tile.c, tile.r, tile.s)
    if isinstance(layer, Lowered):
        taps = zip(*(axis.tolist() for axis in layer.taps(tile.c)), strict=True)
    return ((m, c, r, s) for m, (c, r, s) in product(_filters(layer, tile), taps))


def psum_box(layer: Layer, tile: Tile) -> Iterator[Address]:
    """The psums of *tile*, in the order of the loops n, m, e, f."""
    if isinstance(layer, Lowered):
        pixels = zip(*(axis.tolist() for axis in layer.pixels(tile.e)), strict=True)
        return ((n, m, e, f) for m, (n, e, f) in product(_filters(layer, tile), pixels))
    return product(tile.n, _filters(layer, tile), tile.e, tile.f)


def _filters(layer: Layer, tile: Tile) -> range:
    first = tile.g.start * layer.group_m
    return range(first + tile.m.start, first + tile.m.stop)
