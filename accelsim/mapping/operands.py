"""The values of a layer, and the parts of them that a format codes one by one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from accelsim.mapping.nest import Mapping, Tile, blocks
from accelsim.network.layer import BoolArray, IntArray, Layer, Tensor, as_integers
from accelsim.network.rounding import requantise


class Storing(Protocol):
    """What becomes of final psums: values for the next layer, and words in DRAM."""

    @property
    def shift(self) -> int | None:
        """Bits that a stored integer is scaled down by; None for reals."""

    def __call__(self, psums: Tensor) -> Tensor:
        """The values of the whole layer's *psums* ``(N, M, E, F)``, same shape."""

    def present(self, psums: Tensor, channels: range) -> BoolArray:
        """Which words of a box are stored as another value than zero.

        Args:
            psums: ``(n, m, e, f)``, or of a lowered layer ``(m, pixels)``.
            channels: m, counted over all groups.
        """


@dataclass(frozen=True)
class Store:
    """How an integer ofmap word leaves: above a threshold (a bias), rectified, scaled to its stored width.

    stored = saturate(round_half_even((psum - threshold) * 2**-shift)), then ReLU, then ReLU6's *limit*.
    """

    bits: int
    shift: int = 0
    threshold: int = 0
    relu: bool = False
    limit: int | None = None  # in stored units

    def __call__(self, psums: Tensor) -> IntArray:
        """The stored values of *psums*, same shape."""
        stored = requantise(as_integers(psums) - self.threshold, self.shift, self.bits)
        if self.relu or self.limit is not None:
            stored = np.maximum(stored, 0)
        return stored if self.limit is None else np.minimum(stored, self.limit)

    def present(self, psums: Tensor, channels: range) -> BoolArray:
        """Which words of a box are not zero once stored, see :class:`Storing`."""
        present: BoolArray = self(psums) != 0
        return present


@dataclass(frozen=True)
class Operands:
    """The values of a layer: ``(N, C, H, W)`` ifmap with its padding, ``(M, C/G, R, S)`` weights."""

    ifmap: Tensor
    weight: Tensor
    store: Storing
    code_ifmap: bool = True  # False: the network's first ifmap, which DRAM keeps as it is


def weight_words(box: Tile) -> int:
    """Number of weights in *box*, those of one group."""
    return len(box.m) * len(box.c) * len(box.r) * len(box.s)


def weight_columns(layer: Layer, box: Tile, weight: Tensor, filters: Iterable[IntArray]) -> Iterator[Tensor]:
    """The weights of *box* by PE, which keeps *filters*, its columns: ``(c, r, s, filters)``."""
    first = box.g.start * layer.group_m
    part = weight.reshape(layer.weight_shape)[:, box.c.start : box.c.stop]
    part = part[:, :, box.r.start : box.r.stop, box.s.start : box.s.stop]
    for own in filters:
        yield part[first + own].transpose(1, 2, 3, 0)


def ifmap_columns(mapping: Mapping, values: Tensor) -> Iterator[Tensor]:
    """*values* ``(n, c, y, x)`` of a box with the channels of one PE as columns: ``(n, y, x, channels)``."""
    for c in blocks(range(values.shape[1]), mapping.step("rows", "c")):
        yield values[:, c.start : c.stop].transpose(0, 2, 3, 1)


def channels_of(layer: Layer, tile: Tile) -> range:
    """The ofmap channels of *tile*, counted over all groups."""
    first = tile.g.start * layer.group_m
    return range(first + tile.m.start, first + tile.m.stop)
