"""What crosses the DRAM link: the values of a layer, and the bits of each request."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accelsim import rlc
from accelsim.arch import Arch
from accelsim.glue import requantise
from accelsim.mapping import Tile
from accelsim.plan import ifmap_words, kept_pixels
from accelsim.workload import IntArray, Layer


@dataclass(frozen=True)
class Store:
    """How an ofmap word leaves the chip: above a threshold (a bias), rectified, scaled to its stored width.

    stored = saturate(round_half_even((psum - threshold) * 2**-shift)), then ReLU, then ReLU6's *limit*.
    """

    bits: int
    shift: int = 0
    threshold: int = 0
    relu: bool = False
    limit: int | None = None  # in stored units

    def __call__(self, psums: IntArray) -> IntArray:
        """The stored values of *psums*, same shape."""
        stored = requantise(psums - self.threshold, self.shift, self.bits)
        if self.relu or self.limit is not None:
            stored = np.maximum(stored, 0)
        return stored if self.limit is None else np.minimum(stored, self.limit)


@dataclass(frozen=True)
class Operands:
    """The values of a layer: ``(N, C, H, W)`` ifmap with its padding, ``(M, C/G, R, S)`` weights."""

    ifmap: IntArray
    weight: IntArray
    store: Store
    code_ifmap: bool = True  # False: the network's first ifmap, which is not run-length coded


def weight_bits(tile: Tile, arch: Arch) -> int:
    """Bits of *tile*'s weights on the link; they are never coded."""
    return len(tile.m) * len(tile.c) * len(tile.r) * len(tile.s) * arch.word_bits


def ifmap_bits(layer: Layer, tile: Tile, arch: Arch, operands: Operands | None) -> int:
    """Bits of *tile*'s ifmap box on the link, coded where the link codes."""
    if operands is None or not operands.code_ifmap or not arch.rlc:
        return ifmap_words(layer, tile, arch) * arch.word_bits
    rows, columns = kept_pixels(layer, tile, arch)
    first = tile.g.start * layer.group_c + tile.c.start
    box = operands.ifmap[tile.n.start : tile.n.stop, first : first + len(tile.c)]
    return rlc.coded_bits(box[:, :, _slice(rows)][:, :, :, _slice(columns)])


def _slice(positions: list[int]) -> slice | list[int]:
    """*positions* as a slice where they follow each other, which copies nothing."""
    whole = slice(positions[0], positions[-1] + 1) if positions else slice(0, 0)
    return whole if whole.stop - whole.start == len(positions) else positions


def ofmap_bits(arch: Arch, words: int, psums: IntArray | None, operands: Operands | None) -> int:
    """Bits of *words* ofmap words with final *psums* ``(n, m, e, f)`` on the link, coded where it codes."""
    if operands is None or psums is None or not arch.rlc:
        return words * arch.psum_word_bits
    return rlc.coded_bits(operands.store(psums))
