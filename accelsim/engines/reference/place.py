"""Where the words of a pass of single MACs are in the layer's tensors: from places to addresses; pure."""

from __future__ import annotations

import numpy as np

from accelsim.mapping.footprint import Address
from accelsim.mapping.nest import Tile
from accelsim.network.layer import IntArray, Layer, Lowered
from accelsim.passes.script import COORDS


class Places:
    """The addresses of *layer*'s words, or of those of the layer it was lowered from.

    Every method takes a box and ``(words, COORDS)`` places from its corner.
    """

    def __init__(self, layer: Layer, *, generated: bool) -> None:
        self._layer, self._source, self._generated = layer, layer.source, generated
        if isinstance(layer, Lowered):
            self._taps, self._pixels = layer.taps(range(layer.group_c)), layer.pixels(range(layer.e))

    def weight(self, tile: Tile, at: IntArray) -> list[Address]:
        """``(M, C/G, R, S)``."""
        _, m, c, _, _, r, s = self._whole(tile, at)
        return _zipped(m, c, r, s)

    def psum(self, tile: Tile, at: IntArray) -> list[Address]:
        """``(N, M, E, F)``."""
        n, m, _, e, f, _, _ = self._whole(tile, at)
        return _zipped(n, m, e, f)

    def ifmap(self, tile: Tile, at: IntArray) -> list[Address | None]:
        """``(N, C, padded H, padded W)``, None for pad zeros that are not stored."""
        source = self._source
        n, _, c, e, f, r, s = self._whole(tile, at)
        y = e * source.stride[0] + r * source.dilation[0]
        x = f * source.stride[1] + s * source.dilation[1]
        words = _zipped(n, tile.g.start * source.group_c + c, y, x)
        return [None if self._is_made(word) else word for word in words]

    def _is_made(self, word: Address) -> bool:
        _, _, y, x = word
        return self._generated and (self._source.is_pad_row(y) or self._source.is_pad_column(x))

    def _whole(self, tile: Tile, at: IntArray) -> tuple[IntArray, ...]:
        """COORDS of *at* in the source layer; m counts over all groups."""
        corner = [getattr(tile, dim).start for dim in COORDS]
        n, m, c, e, f, r, s = (at + np.array(corner)).T
        if isinstance(self._layer, Lowered):
            c, r, s = (axis[c] for axis in self._taps)
            n, e, f = (axis[e] for axis in self._pixels)
        return n, tile.g.start * self._layer.group_m + m, c, e, f, r, s


def _zipped(*axes: IntArray) -> list[Address]:
    return list(zip(*(axis.tolist() for axis in axes), strict=True))
