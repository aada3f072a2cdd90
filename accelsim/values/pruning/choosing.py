"""Which weights pruning keeps: by magnitude, alone or in blocks, or N of every M channels; pure."""

from math import ceil

import numpy as np
import numpy.typing as npt

from accelsim.errors import ConfigError
from accelsim.network.layer import BoolArray, IntArray, Tensor
from accelsim.values.pruning.codebook import shared
from accelsim.values.pruning.description import Prune
from accelsim.values.quant.codebook import largest

Block = tuple[int, int, int, int]
"""Extents ``(m, c, r, s)`` of a block of weights."""


def pruned(weights: Tensor, how: Prune, mask: BoolArray | None = None) -> Tensor:
    """*weights* ``(M, C/G, R, S)`` with zeros where they are not kept, and shared values if *how* asks.

    Without a codebook, weights that are kept are unchanged; a weight that was zero stays zero.

    Args:
        weights: of one layer.
        how: which are kept.
        mask: of the weights' shape, what ``how.mask`` holds; none for another rule.

    Raises:
        ConfigError: if a mask is asked for, and *mask* is none of the weights' shape.
    """
    left: Tensor = np.where(kept(weights, how, mask), weights, 0)
    return left if how.codebook_bits is None else shared(left, how.codebook_bits)


def kept(weights: Tensor, how: Prune, mask: BoolArray | None = None) -> BoolArray:
    """Which of *weights* ``(M, C/G, R, S)`` are kept, in their shape; arguments as for :func:`pruned`.

    Raises:
        ConfigError: if a mask is asked for, and *mask* is none of the weights' shape.
    """
    if how.density is not None:
        if how.block is not None:
            return _blocks(weights, how.density, how.block)
        return largest(weights, how.density)
    if how.keep is not None and how.of is not None:
        return _of_channels(weights, how.keep, how.of)
    if mask is None or mask.shape != weights.shape:
        given = "none" if mask is None else mask.shape
        raise ConfigError(f"mask must have the weights' shape {weights.shape} (got {given})")
    return mask


def _of_channels(weights: Tensor, keep: int, of: int) -> BoolArray:
    """The *keep* largest of every *of* consecutive channels; of equals the lower.

    A last group of fewer channels keeps the same share, rounded up.
    """
    places = np.zeros(weights.shape, np.bool_)
    for start in range(0, weights.shape[1], of):
        group = np.abs(weights[:, start : start + of])
        order = np.argsort(-group, axis=1, kind="stable")
        best = order[:, : ceil(group.shape[1] * keep / of)]
        np.put_along_axis(places[:, start : start + of], best, True, axis=1)
    return places


def _blocks(weights: Tensor, density: float, block: Block) -> BoolArray:
    """Whole blocks by their sum of magnitudes, until the weights kept are nearest to ``density * size``.

    Blocks at the far edges are cut. Of blocks of equal sum the one of lower index comes first; of two
    counts as near, the lower is taken.
    """
    total, words = _totals(weights, block)
    order = np.argsort(-total, axis=None, kind="stable")
    reached = np.concatenate([[0], np.cumsum(words.ravel()[order])])
    count = int(np.argmin(np.abs(reached - density * weights.size)))
    places = np.zeros(total.shape, np.bool_)
    places.ravel()[order[:count]] = True
    for axis, extent in enumerate(block):
        places = places.repeat(extent, axis)
    return places[tuple(map(slice, weights.shape))]


def _totals(weights: Tensor, block: Block) -> tuple[npt.NDArray[np.float64], IntArray]:
    """Per block the sum of its magnitudes, exact up to 2**53, and how many weights it has."""
    total = np.abs(weights, dtype=np.float64)
    words = np.ones(1, np.int64)
    for axis, extent in enumerate(block):
        starts = np.arange(0, weights.shape[axis], extent)
        total = np.add.reduceat(total, starts, axis=axis)
        words = np.multiply.outer(words, np.diff(starts, append=weights.shape[axis]))
    return total, words[0]
