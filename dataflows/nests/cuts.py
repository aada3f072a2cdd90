"""An axis of the ofmap cut into strips of every size: how many, and what they touch of the ifmap."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from accelsim.machine import Arch
from accelsim.mapping.nest import blocks
from accelsim.mapping.tiling import distinct_tilings
from accelsim.network.layer import IntArray, Layer, Lowered


class Cuts(NamedTuple):
    """By the ofmap pixels of a strip (index 0 unused); ifmap positions of the axis."""

    number: IntArray  # strips
    touched: IntArray  # positions over all strips
    kept: IntArray  # those that are no pad zeros, or are stored
    largest: IntArray  # kept positions of one strip
    pairs: int  # (position, tap) pairs over the axis, without pad zeros that are not stored


@lru_cache(maxsize=256)
def rows(layer: Layer, arch: Arch) -> Cuts:
    """The ofmap rows of *layer*, cut."""
    return _cuts(layer, 0, arch.padding == "stored")


@lru_cache(maxsize=256)
def columns(layer: Layer, arch: Arch) -> Cuts:
    """Its ofmap columns."""
    return _cuts(layer, 1, arch.padding == "stored")


def _cuts(layer: Layer, axis: int, stored: bool) -> Cuts:
    size, taps = (layer.e, range(layer.r)) if axis == 0 else (layer.f, range(layer.s))
    is_pad = layer.is_pad_row if axis == 0 else layer.is_pad_column
    touched_by = layer.rows if axis == 0 else layer.columns
    stride, dilation = layer.stride[axis], layer.dilation[axis]
    number, touched, kept, largest = [0], [0], [0], [0]
    for step in range(1, size + 1):
        strips = [touched_by(strip, taps) for strip in blocks(range(size), step)]
        sizes = [len(strip) for strip in strips]
        inside = sizes if stored else [sum(not is_pad(at) for at in strip) for strip in strips]
        number.append(len(strips))
        touched.append(sum(sizes))
        kept.append(sum(inside))
        largest.append(max(inside))
    pairs = sum(stored or not is_pad(o * stride + t * dilation) for o in range(size) for t in taps)
    return Cuts(np.array(number), np.array(touched), np.array(kept), np.array(largest), pairs)


def pairs(layer: Layer, arch: Arch) -> int:
    """(ifmap word, MAC of one filter) pairs of a layer, without pad zeros that are not stored."""
    channels = layer.groups * layer.group_c * layer.n
    return channels * rows(layer, arch).pairs * columns(layer, arch).pairs


class Blocks(NamedTuple):
    """A lowered layer's pixels cut into blocks of one size: ifmap words of all their channels and taps."""

    kept: int  # over all blocks of one group
    largest: int


@lru_cache(maxsize=4096)
def pixel_blocks(layer: Lowered, arch: Arch, step: int) -> Blocks:
    """The pixels of *layer* in blocks of *step*."""
    position, pixel = _touches(layer, arch.padding == "stored")
    block = pixel // step
    again = (position[1:] == position[:-1]) & (block[1:] == block[:-1])
    first = np.concatenate((np.ones(1, bool), ~again))[: len(block)]
    words = np.bincount(block[first], minlength=1)
    channels = layer.source.group_c
    return Blocks(channels * int(words.sum()), channels * int(words.max()))


@lru_cache(maxsize=8)
def _touches(layer: Lowered, stored: bool) -> tuple[IntArray, IntArray]:
    """(position in one channel of the ifmaps, pixel whose window touches it) pairs, in ascending order."""
    conv = layer.source
    n, e, f = layer.pixels(range(layer.e))
    height, width = conv.h + sum(conv.pad[:2]), conv.w + sum(conv.pad[2:])
    r, s = np.divmod(np.arange(conv.r * conv.s), conv.s)
    y = e * conv.stride[0] + (r * conv.dilation[0])[:, None]
    x = f * conv.stride[1] + (s * conv.dilation[1])[:, None]
    top, _, left, _ = conv.pad
    inside = (y >= top) & (y < top + conv.h) & (x >= left) & (x < left + conv.w) | stored
    pixel = np.broadcast_to(np.arange(layer.e), y.shape)[inside]
    position = ((n * height + y) * width + x)[inside]
    order = np.lexsort((pixel, position))
    return position[order], pixel[order]


def few_blocks(size: int) -> IntArray:
    """Steps that cut *size* as evenly as can be into 1 to 8 tiles, or these times a power of two.

    Twice the size can be cut into the same steps: a batch twice as large has all choices of the smaller one.
    """
    numbers = {n << k for n in range(1, 9) for k in range(31) if n << k <= size}
    return np.unique([-(-size // n) for n in numbers])


def tilings_up_to(size: int, limit: int) -> IntArray:
    """The smallest step of each number of tiles, up to *limit*."""
    steps = distinct_tilings(size)
    return steps[steps <= limit]
