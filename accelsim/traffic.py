"""What crosses the DRAM link: the values of a layer, and the bits of each request."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accelsim import rlc
from accelsim.arch import Arch
from accelsim.boxes import ifmap_values, ifmap_words
from accelsim.glue import requantise
from accelsim.mapping import Tile
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


def weight_bits(box: Tile, arch: Arch) -> int:
    """Bits of *box*'s weights on the link; they are never coded."""
    return weight_words(box) * arch.word_bits


def weight_words(box: Tile) -> int:
    """Weights of *box*."""
    return len(box.m) * len(box.c) * len(box.r) * len(box.s)


def ifmap_bits(layer: Layer, box: Tile, arch: Arch, operands: Operands | None) -> int:
    """Bits of *box*'s ifmap on the link, coded where the link codes."""
    if operands is None or not operands.code_ifmap or not arch.rlc:
        return ifmap_words(layer, box, arch) * arch.word_bits
    return rlc.coded_bits(ifmap_values(layer, box, arch, operands.ifmap))


def ofmap_bits(arch: Arch, words: int, psums: IntArray | None, operands: Operands | None) -> int:
    """Bits of *words* ofmap words with final *psums* ``(n, m, e, f)`` on the link, coded where it codes."""
    if operands is None or psums is None or not arch.rlc:
        return words * arch.psum_word_bits
    return rlc.coded_bits(operands.store(psums))
