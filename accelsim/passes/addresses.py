"""Where the words of a pass are in the layer's tensors: from places to addresses."""

from functools import lru_cache

import numpy as np

from accelsim.mapping.footprint import Address
from accelsim.mapping.nest import Tile
from accelsim.network.layer import IntArray, Layer, Lowered
from accelsim.passes.patterns import COORDS


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
        return self.kept(n, tile.g.start * source.group_c + c, y, x)

    def kept(self, *axes: IntArray) -> list[Address | None]:
        """Addresses of ifmap words by their *axes*, ``(words,)`` each; None for those that are not stored."""
        return [None if self._is_made(word) else word for word in _zipped(*axes)]

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


@lru_cache(maxsize=8)
def places_of(layer: Layer, *, generated: bool) -> Places:
    """The addresses of *layer*; worked out once. *generated*: no memory holds pad zeros."""
    return Places(layer, generated=generated)


def at_places(**axes: IntArray) -> IntArray:
    """``(words, COORDS)`` of *axes* ``(words,)``; the others are zero."""
    nothing = np.zeros_like(next(iter(axes.values())))
    return np.stack([axes.get(dim, nothing) for dim in COORDS], axis=1)


def _zipped(*axes: IntArray) -> list[Address]:
    return list(zip(*(axis.tolist() for axis in axes), strict=True))
