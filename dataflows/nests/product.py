"""A layer as one product: what blocks of its pixels touch, what a fold of it costs on a systolic array."""

from __future__ import annotations

from typing import Any

import numpy as np

from accelsim.arch import Arch
from accelsim.workload import IntArray, Lowered
from dataflows.nests.cuts import pairs, pixel_blocks


def block_words(layer: Lowered, arch: Arch, step: Any) -> tuple[Any, Any]:
    """Ifmap words of one group's pixels in blocks of *step*: over all blocks, and of the largest."""
    if np.ndim(step) == 0:
        blocks = pixel_blocks(layer, arch, int(step))
        return blocks.kept, blocks.largest
    steps: IntArray
    steps, place = np.unique(step, return_inverse=True)
    table = np.array([pixel_blocks(layer, arch, int(one))[1:] for one in steps], np.int64)
    kept, largest = table[place.ravel()].T.reshape(2, *np.shape(step))
    return kept, largest


def real_pairs(layer: Lowered, arch: Arch) -> int:
    """(ifmap word, MAC of one filter) pairs, without pad zeros that are not stored."""
    return pairs(layer.source, arch)


def fold_cycles(arch: Arch, rows: Any, cols: Any, *, loads: int) -> Any:
    """Cycles of a fold beside its steps: on a systolic array the skew; *loads* times its load."""
    if not arch.systolic:
        return 0 * (rows + cols)
    if arch.array.fold_length == "array":
        rows, cols = arch.array.rows + 0 * rows, arch.array.cols + 0 * cols
    return rows - 1 + cols - 1 + loads * rows
