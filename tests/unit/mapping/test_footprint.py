"""Which words a box touches, recounted in naive loops over its MACs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from accelsim.mapping.footprint import (
    Address,
    ifmap_addresses,
    ifmap_values,
    ifmap_words,
    inner_taps,
    psums_of,
)
from accelsim.mapping.nest import Tile
from accelsim.network.layer import Layer, lowered
from tests.laws.cases import backlogged

ARCH = backlogged(1, 1).program.arch
UNEVEN = Layer(
    "uneven", n=2, m=4, c=6, h=7, w=5, r=3, s=2, groups=2, stride=(2, 1), dilation=(1, 2), pad=(1, 2, 3, 1)
)
TILE = Tile(
    g=range(1, 2),
    n=range(2),
    m=range(1, 2),
    c=range(1, 3),
    e=range(1, 4),
    f=range(3),
    r=range(1, 3),
    s=range(2),
)
"""A box of the second group, in the top left corner of its planes."""

PRODUCT = lowered(UNEVEN)
FOLD = Tile(
    g=range(1, 2),
    n=range(1),
    m=range(1, 2),
    c=range(4, 11),
    e=range(2, 13),
    f=range(1),
    r=range(1),
    s=range(1),
)
"""Seven taps of eleven pixels of the second group's product."""

BOXES = pytest.mark.parametrize("layer, tile", [(UNEVEN, TILE), (PRODUCT, FOLD)], ids=["conv", "product"])
PADDING = pytest.mark.parametrize("padding", ["stored", "generated"])


def under_taps(layer: Layer, tile: Tile) -> Iterator[Address]:
    """The address of the ifmap word of every MAC of one filter, pad zeros among them."""
    conv = layer.source
    for n, c, e, f, r, s in macs(layer, tile):
        y, x = e * conv.stride[0] + r * conv.dilation[0], f * conv.stride[1] + s * conv.dilation[1]
        yield n, tile.g.start * conv.group_c + c, y, x


def macs(layer: Layer, tile: Tile) -> Iterator[tuple[int, ...]]:
    """n, c, e, f, r, s of the convolution for every MAC of one filter."""
    conv = layer.source
    if layer is conv:
        yield from product(tile.n, tile.c, tile.e, tile.f, tile.r, tile.s)
        return
    taps = list(product(range(conv.group_c), range(conv.r), range(conv.s)))
    pixels = list(product(range(conv.n), range(conv.e), range(conv.f)))
    for tap, pixel in product(tile.c, tile.e):
        (c, r, s), (n, e, f) = taps[tap], pixels[pixel]
        yield n, c, e, f, r, s


def is_inside(address: Address) -> bool:
    """Whether the word is no pad zero."""
    top, _, left, _ = UNEVEN.pad
    _, _, y, x = address
    return 0 <= y - top < UNEVEN.h and 0 <= x - left < UNEVEN.w


@BOXES
@PADDING
def test_a_box_touches_the_words_under_its_taps(layer, tile, padding):
    arch = replace(ARCH, padding=padding)
    touched = {at for at in under_taps(layer, tile) if padding == "stored" or is_inside(at)}
    found = list(ifmap_addresses(layer, tile, arch))
    assert set(found) == touched
    assert len(found) == len(touched) == ifmap_words(layer, tile, arch)


@BOXES
@PADDING
def test_values_are_those_at_the_addresses_in_their_order(layer, tile, padding):
    arch = replace(ARCH, padding=padding)
    ifmap = UNEVEN.padded(np.arange(1, 1 + np.prod(UNEVEN.ifmap_shape)).reshape(UNEVEN.ifmap_shape))
    addresses = ifmap_addresses(layer, tile, arch)
    assert ifmap_values(layer, tile, arch, ifmap).ravel().tolist() == [int(ifmap[at]) for at in addresses]


def test_rows_and_columns_between_touched_ones_are_left_out():
    """Strides of 3 and 2 under a single tap: rows 0 and 3, columns 0, 2 and 4."""
    layer, one = Layer("gaps", m=1, c=1, h=5, w=5, r=1, s=1, stride=(3, 2)), range(1)
    tile = Tile(g=one, n=one, m=one, c=one, e=range(2), f=range(3), r=one, s=one)
    ifmap = np.arange(25).reshape(1, 1, 5, 5)
    assert ifmap_values(layer, tile, ARCH, ifmap).ravel().tolist() == [0, 2, 4, 15, 17, 19]
    assert ifmap_words(layer, tile, ARCH) == 6


@BOXES
def test_inner_taps_are_the_macs_whose_word_is_no_pad_zero(layer, tile):
    assert inner_taps(layer, tile) == sum(map(is_inside, under_taps(layer, tile)))


@BOXES
def test_psums_of_a_box_are_those_of_its_group(layer, tile):
    ofmap = np.arange(np.prod(UNEVEN.ofmap_shape)).reshape(UNEVEN.ofmap_shape)
    m = UNEVEN.group_m * tile.g.start + tile.m.start
    pixels = dict.fromkeys((n, e, f) for n, _, e, f, _, _ in macs(layer, tile))
    assert psums_of(layer, tile, ofmap).ravel().tolist() == [ofmap[n, m, e, f] for n, e, f in pixels]
