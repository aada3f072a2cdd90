"""Which ifmap words a box touches, and where they are in the layer's tensor; pad zeros only where stored."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

from accelsim.machine import Arch
from accelsim.mapping.nest import Tile
from accelsim.mapping.operands import channels_of
from accelsim.network.layer import IntArray, Layer, Lowered, Tensor

Address = tuple[int, int, int, int]
"""ifmap (N, C, padded H, padded W), weight (M, C/G, R, S) or psum (N, M, E, F)."""


def ifmap_words(layer: Layer, tile: Tile, arch: Arch) -> int:
    """Ifmap words that *tile* touches."""
    if isinstance(layer, Lowered):
        return len(touched_positions(layer, tile.c, tile.e, arch.padding == "stored"))
    rows, columns = kept_pixels(layer, tile, arch)
    return len(tile.n) * len(tile.c) * len(rows) * len(columns)


def ifmap_values(layer: Layer, tile: Tile, arch: Arch, ifmap: Tensor) -> Tensor:
    """The values of those words, any shape, in the order of *ifmap*, ``(N, C, H, W)`` with its padding."""
    if isinstance(layer, Lowered):
        flat = touched_positions(layer, tile.c, tile.e, arch.padding == "stored")
        n, c, y, x = np.unravel_index(flat, padded_shape(layer.source))
        words: Tensor = ifmap[n, c + tile.g.start * layer.source.group_c, y, x]
        return words
    rows, columns = kept_pixels(layer, tile, arch)
    first = tile.g.start * layer.group_c + tile.c.start
    box = ifmap[tile.n.start : tile.n.stop, first : first + len(tile.c)]
    return box[:, :, _slice(rows)][:, :, :, _slice(columns)]


def ifmap_addresses(layer: Layer, tile: Tile, arch: Arch) -> Iterator[Address]:
    """The addresses of those words."""
    if isinstance(layer, Lowered):
        flat = touched_positions(layer, tile.c, tile.e, arch.padding == "stored")
        first = tile.g.start * layer.source.group_c
        for n, c, y, x in zip(*np.unravel_index(flat, padded_shape(layer.source)), strict=True):
            yield int(n), first + int(c), int(y), int(x)
        return
    first = tile.g.start * layer.group_c
    rows, columns = kept_pixels(layer, tile, arch)
    yield from product(tile.n, range(first + tile.c.start, first + tile.c.stop), rows, columns)


def weight_box(layer: Layer, tile: Tile) -> Iterator[Address]:
    """The weights of *tile*."""
    taps: Iterable[tuple[int, int, int]] = product(tile.c, tile.r, tile.s)
    if isinstance(layer, Lowered):
        taps = zip(*(axis.tolist() for axis in layer.taps(tile.c)), strict=True)
    return ((m, c, r, s) for m, (c, r, s) in product(channels_of(layer, tile), taps))


def psum_box(layer: Layer, tile: Tile) -> Iterator[Address]:
    """The psums of *tile*, in the order of the loops n, m, e, f."""
    if isinstance(layer, Lowered):
        pixels = zip(*(axis.tolist() for axis in layer.pixels(tile.e)), strict=True)
        return ((n, m, e, f) for m, (n, e, f) in product(channels_of(layer, tile), pixels))
    return product(tile.n, channels_of(layer, tile), tile.e, tile.f)


def psums_of(layer: Layer, tile: Tile, ofmap: Tensor) -> Tensor:
    """The psums of *tile* in the ``(N, M, E, F)`` *ofmap*: ``(n, m, e, f)``; lowered, ``(m, pixels)``."""
    first = tile.g.start * layer.group_m
    m = slice(first + tile.m.start, first + tile.m.stop)
    if isinstance(layer, Lowered):
        n, e, f = layer.pixels(tile.e)
        return ofmap[n, m, e, f].T
    return ofmap[tile.n.start : tile.n.stop, m, tile.e.start : tile.e.stop, tile.f.start : tile.f.stop]


def kept_pixels(layer: Layer, tile: Tile, arch: Arch) -> tuple[list[int], list[int]]:
    """Touched rows and columns of *tile*'s padded ifmap; those of pad zeros only where they are stored."""
    return _kept(layer, tile.e, tile.f, tile.r, tile.s, arch.padding == "stored")


def inner_taps(layer: Layer, tile: Tile) -> int:
    """(ifmap word, MAC of one filter) pairs of *tile* in which the word is no pad zero."""
    if isinstance(layer, Lowered):
        _, y, x = under_taps(layer, tile.c, tile.e)
        return int(is_inside(layer.source, y, x).sum())
    rows = sum(not layer.is_pad_row(y) for y in _positions(layer, 0, tile.e, tile.r))
    columns = sum(not layer.is_pad_column(x) for x in _positions(layer, 1, tile.f, tile.s))
    return len(tile.n) * len(tile.c) * rows * columns


def _positions(layer: Layer, axis: int, out: range, taps: range) -> list[int]:
    return [o * layer.stride[axis] + t * layer.dilation[axis] for o in out for t in taps]


def padded_shape(layer: Layer) -> tuple[int, int, int, int]:
    """``(N, C/G, padded H, padded W)`` of the ifmap of one group."""
    top, bottom, left, right = layer.pad
    return layer.n, layer.group_c, layer.h + top + bottom, layer.w + left + right


def under_taps(layer: Lowered, c: range, e: range) -> tuple[IntArray, IntArray, IntArray]:
    """(image and channel) plane, padded row and padded column under every tap: ``(c, e)`` each."""
    conv = layer.source
    (channel, r, s), (n, row, f) = layer.taps(c), layer.pixels(e)
    plane = n * conv.group_c + channel[:, None]
    y = row * conv.stride[0] + (r * conv.dilation[0])[:, None]
    x = f * conv.stride[1] + (s * conv.dilation[1])[:, None]
    return plane, y, x


def is_inside(conv: Layer, y: IntArray, x: IntArray) -> npt.NDArray[np.bool_]:
    """Which padded rows *y* and columns *x* of the ifmap of *conv* are those of no pad zero, same shape."""
    top, _, left, _ = conv.pad
    inside: npt.NDArray[np.bool_] = (y >= top) & (y < top + conv.h) & (x >= left) & (x < left + conv.w)
    return inside


@lru_cache(maxsize=1024)
def touched_positions(layer: Lowered, c: range, e: range, stored: bool) -> IntArray:
    """Flat positions in one group's padded ifmap that taps *c* of pixels *e* touch, ascending, each once.

    Those of pad zeros are among them where they are *stored*.
    """
    conv = layer.source
    plane, y, x = under_taps(layer, c, e)
    _, _, height, width = padded_shape(conv)
    flat = (plane * height + y) * width + x
    if not stored:
        flat = flat[is_inside(conv, y, x)]
    if not flat.size:
        return flat.ravel()
    low = int(flat.min())
    seen = np.zeros(int(flat.max()) - low + 1, bool)
    seen[flat - low] = True
    touched: IntArray = np.flatnonzero(seen) + low
    return touched


def _slice(positions: list[int]) -> slice | list[int]:
    """*positions* as a slice where they follow each other, which copies nothing."""
    whole = slice(positions[0], positions[-1] + 1) if positions else slice(0, 0)
    return whole if whole.stop - whole.start == len(positions) else positions


@lru_cache(maxsize=4096)
def _kept(layer: Layer, e: range, f: range, r: range, s: range, stored: bool) -> tuple[list[int], list[int]]:
    rows, columns = layer.rows(e, r), layer.columns(f, s)
    if stored:
        return rows, columns
    return (
        [row for row in rows if not layer.is_pad_row(row)],
        [column for column in columns if not layer.is_pad_column(column)],
    )
