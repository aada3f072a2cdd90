"""What tiles of the ofmap touch of the ifmap: along one axis, or as the pixels of a product."""

from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import Literal, NamedTuple

import numpy as np

from accelsim.machine.datapath import Count
from accelsim.mapping.footprint import is_inside, padded_shape, touched_positions, under_taps
from accelsim.mapping.tiling import Steps, nested_blocks
from accelsim.network.layer import IntArray, Layer, Lowered, touched

Axis = Literal["rows", "columns"]


class Cut(NamedTuple):
    """What tiles touch: positions of an axis of the ifmap, or ifmap words of a group."""

    words: int  # over all tiles
    largest: int  # of one tile


Of = Literal["words", "largest"]
"""What is asked of a Cut."""


def axis_cut(of: Of, layer: Layer, axis: Axis, out: Steps, taps: Steps = (), *, stored: bool) -> Count:
    """The positions of one axis of the ifmap that tiles of the ofmap touch, under tiles of the filter.

    Args:
        of: over all tiles, or of the one that touches most.
        layer: a layer that is not lowered.
        axis: the axis.
        out: cuts the ofmap along it.
        taps: cuts the filter along it; a position counts for each of its tiles that touches it.
        stored: whether pad zeros count.
    """
    if len(out) > 1 or taps:
        return _each(of, (*out, *taps), lambda steps: _axis_cut(layer, axis, steps, len(out), stored))
    table = _by_step(layer, axis, stored)[of]
    return table[out[0] if out else -1]


def pixel_cut(of: Of, layer: Lowered, pixels: Steps, taps: Steps = (), *, stored: bool) -> Count:
    """The ifmap words of one group that blocks of the pixels of *layer* touch, under tiles of its taps.

    *stored* says whether pad zeros count.
    """
    return _each(of, (*pixels, *taps), lambda steps: _pixel_cut(layer, steps, len(pixels), stored))


def window_pairs(layer: Layer, *, stored: bool) -> int:
    """(ifmap word, MAC of one filter) pairs of *layer*, with its pad zeros if they are *stored*."""
    conv = layer.source
    along = _axis_pairs(conv, "rows", stored) * _axis_pairs(conv, "columns", stored)
    return conv.groups * conv.group_c * conv.n * along


def _each(of: Of, steps: Steps, cut: Callable[[tuple[int, ...]], Cut]) -> Count:
    """*cut* of the steps of every candidate; where they are equal, it is made once."""
    if all(np.ndim(step) == 0 for step in steps):
        words: int = getattr(cut(tuple(int(step) for step in steps)), of)
        return words
    rows = np.stack(np.broadcast_arrays(*steps))
    key = np.ravel_multi_index(tuple(rows), tuple(rows.reshape(len(rows), -1).max(axis=1) + 1))
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    kinds = rows.reshape(len(rows), -1)[:, first].T.tolist()
    table = np.array([getattr(cut(tuple(kind)), of) for kind in kinds], np.int64)
    return table[place.reshape(key.shape)]


@lru_cache(maxsize=256)
def _by_step(layer: Layer, axis: Axis, stored: bool) -> dict[Of, IntArray]:
    """A cut into strips of every size, which is the index; 0 is not one."""
    size = layer.e if axis == "rows" else layer.f
    cuts = [_axis_cut(layer, axis, (step,), 1, stored) for step in range(1, size + 1)]
    words, largest = np.array([Cut(0, 0), *cuts], np.int64).T
    return {"words": words, "largest": largest}


def _axis_cut(layer: Layer, axis: Axis, steps: tuple[int, ...], outer: int, stored: bool) -> Cut:
    """The first *outer* of *steps* cut the ofmap, the others the filter."""
    at = 0 if axis == "rows" else 1
    out, taps = (layer.e, layer.r) if axis == "rows" else (layer.f, layer.s)
    is_pad = layer.is_pad_row if axis == "rows" else layer.is_pad_column
    sizes = [
        sum(
            stored or not is_pad(position)
            for position in touched(*tile, layer.stride[at], layer.dilation[at])
        )
        for tile in product(
            nested_blocks(range(out), steps[:outer]), nested_blocks(range(taps), steps[outer:])
        )
    ]
    return Cut(sum(sizes), max(sizes))


@lru_cache(maxsize=256)
def _axis_pairs(layer: Layer, axis: Axis, stored: bool) -> int:
    """(position, tap) pairs along *axis*: what is touched pixel by pixel and tap by tap."""
    return int(_axis_cut(layer, axis, (1, 1), 1, stored).words)


@lru_cache(maxsize=4096)
def _pixel_cut(layer: Lowered, steps: tuple[int, ...], outer: int, stored: bool) -> Cut:
    """The first *outer* of *steps* cut the pixels, the others the taps."""
    if len(steps) == outer == 1:
        return _block_words(layer, steps[0], stored)
    pixels = nested_blocks(range(layer.e), steps[:outer])
    tiles = product(nested_blocks(range(layer.group_c), steps[outer:]), pixels)
    sizes = [len(touched_positions(layer, *tile, stored)) for tile in tiles]
    return Cut(sum(sizes), max(sizes))


def _block_words(layer: Lowered, step: int, stored: bool) -> Cut:
    """Blocks of *step* pixels under all taps, whose channels are all touched alike."""
    position, pixel = _touches(layer, stored)
    block = pixel // step
    again = (position[1:] == position[:-1]) & (block[1:] == block[:-1])
    first = np.concatenate((np.ones(1, bool), ~again))[: len(block)]
    words = np.bincount(block[first], minlength=1)
    channels = layer.source.group_c
    return Cut(channels * int(words.sum()), channels * int(words.max()))


@lru_cache(maxsize=8)
def _touches(layer: Lowered, stored: bool) -> tuple[IntArray, IntArray]:
    """(position in one channel of the ifmaps, pixel whose window touches it) pairs, in ascending order."""
    conv = layer.source
    plane, y, x = under_taps(layer, range(conv.r * conv.s), range(layer.e))
    _, _, height, width = padded_shape(conv)
    inside = is_inside(conv, y, x) | stored
    pixel = np.broadcast_to(np.arange(layer.e), y.shape)[inside]
    position = ((plane * height + y) * width + x)[inside]
    order = np.lexsort((pixel, position))
    return position[order], pixel[order]
