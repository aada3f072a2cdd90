"""A layer as one product: what blocks of its pixels touch, what a fold of it costs on a systolic array."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from accelsim.machine import Arch
from accelsim.network.layer import IntArray, Lowered
from dataflows.nests.cuts import pairs, pixel_blocks


def block_words(layer: Lowered, arch: Arch, step: Any) -> tuple[Any, Any]:
    """Ifmap words of one group's pixels in blocks of *step*: over all blocks, and of the largest."""
    if np.ndim(step) == 0:
        blocks = pixel_blocks(layer, arch, int(step))
        return blocks.kept, blocks.largest
    steps: IntArray
    steps, place = np.unique(step, return_inverse=True)
    table = np.array([pixel_blocks(layer, arch, int(one)) for one in steps], np.int64)
    kept, largest = table[place.ravel()].T.reshape(2, *np.shape(step))
    return kept, largest


def real_pairs(layer: Lowered, arch: Arch) -> int:
    """(ifmap word, MAC of one filter) pairs, without pad zeros that are not stored."""
    return pairs(layer.source, arch)


class Axis(NamedTuple):
    """An axis of a product on the array: how far it reaches, and in how many tiles."""

    extent: Any
    tiles: Any


def skew_cycles(arch: Arch, down: Axis, across: Axis) -> Any:
    """Cycles that the folds of *down* x *across* tiles take at least beside their steps: none by multicast.

    On a systolic array an operand reaches the last of r rows and c columns r + c - 2 cycles after the first.
    """
    if not arch.systolic:
        return 0 * (down.tiles + across.tiles)
    if arch.array.fold_length == "array":
        return down.tiles * across.tiles * (arch.array.rows + arch.array.cols - 2)
    return across.tiles * (down.extent - down.tiles) + down.tiles * (across.extent - across.tiles)
