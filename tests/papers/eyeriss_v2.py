"""Layers of sparse MobileNet in skipping PEs, from masks of their ifmaps and weights."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from accelsim.engines.simulate import Values, make, simulate
from accelsim.engines.timing import Outcome
from accelsim.machine import PE, Arch, Banks, LocalLink, NoC, PEArray, QueuedBus, Sparsity, SplitRF, WeightBus
from accelsim.mapping.nest import Mapping
from accelsim.mapping.operands import Store
from accelsim.network.layer import Layer
from accelsim.stats import CAUSE
from dataflows.compressed_columns import CompressedColumns
from dataflows.row_stationary import RowStationary

BoolArray = npt.NDArray[np.bool_]
PES = 16
ROOM = 1 << 24  # bytes: nothing but the PEs holds these layers up


class Masks(NamedTuple):
    """Where the values of a 1 x 1 layer are not zero: ``(pixels, C)`` and ``(M, C)``."""

    iacts: BoolArray
    weights: BoolArray

    @property
    def cycles(self) -> int:
        """Cycles of one PE that takes every pair of non-zeros of a channel in one.

        Source: Chen et al., "Eyeriss v2", JETCAS 2019, section IV.
        """
        return int(self.iacts.sum(axis=0) @ self.weights.sum(axis=0))

    @property
    def in_step(self) -> float:
        """Time over mean time of PEs that wait for each other channel by channel, filters in 16 blocks."""
        block = self.weights.reshape(PES, -1, self.weights.shape[1]).sum(axis=1)
        times = self.iacts.sum(axis=0) * block
        return float(times.max(axis=0).sum() / times.sum(axis=1).mean())


def seeded(seed: int, pixels: int, channels: int, filters: int) -> Masks:
    """Masks whose channels differ in density, as those of real layers do."""
    dice = np.random.default_rng(seed)
    some = dice.random((2, channels))
    return Masks(dice.random((pixels, channels)) < some[0], dice.random((filters, channels)) < some[1])


def counted(layer: str, pixels: int, filters: int, seed: int) -> Masks:
    """Masks with the published number of non-zeros in every channel of *layer*, at random places."""
    with (Path(__file__).parent / "eyeriss_v2_nonzeros.csv").open() as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    own = [row for row in rows if row["layer"] == layer]
    dice = np.random.default_rng(seed)

    def mask(length: int, counts: list[int]) -> BoolArray:
        ranks = dice.permuted(np.tile(np.arange(length), (len(counts), 1)), axis=1)
        found: BoolArray = (ranks < np.array(counts)[:, None]).T
        return found

    iacts, weights = ([int(row[key]) for row in own] for key in ("iacts", "weights"))
    return Masks(mask(pixels, iacts), mask(filters, weights))


def machine(pes: int, *, queue: int = 4, latency: int = 1, skip: str = "both") -> Arch:
    """PEs in a row that skip, with memories and buses that never hold them up; no cycles of overhead."""
    bus = QueuedBus(1 << 16, latency, queue)
    wide = QueuedBus(1 << 20, 0, 1 << 12)
    return Arch(
        name="skipping",
        clock_hz=200_000_000,
        array=PEArray(1, pes),
        rf=SplitRF("split", ROOM, ROOM, ROOM),
        pe=PE(1),
        noc=NoC(WeightBus(1 << 30, 0), bus, wide, wide, LocalLink()),
        glb=Banks(1 << 12, ROOM >> 12),
        filter_glb=None,
        dram="ideal",
        sparsity=Sparsity(skip=skip),
    )


def run(masks: Masks, mapping: Mapping, arch: Arch) -> Outcome:
    """Simulate the layer of *masks*, values drawn where they are set."""
    layer = mapping.layer.source
    dice = np.random.default_rng(0)
    ifmap = (masks.iacts * dice.integers(1, 9, masks.iacts.shape)).T.reshape(layer.ifmap_shape)
    weight = (masks.weights * dice.integers(1, 9, masks.weights.shape)).reshape(layer.weight_shape)
    values = Values(layer.padded(ifmap), weight, lambda psums: Store(40))
    outcome, _ = simulate(make(mapping, arch, values), values)
    expected = weight.reshape(masks.weights.shape) @ ifmap.reshape(layer.c, -1)
    assert outcome.ofmap is not None
    np.testing.assert_array_equal(outcome.ofmap.reshape(layer.m, -1), expected)
    return outcome


def layer_of(masks: Masks, rows: int) -> Layer:
    """The 1 x 1 layer of *masks*, its pixels in so many *rows*, which changes nothing of it."""
    (pixels, c), m = masks.iacts.shape, len(masks.weights)
    return Layer("pointwise", n=1, m=m, c=c, h=rows, w=pixels // rows, r=1, s=1)


def by_pixels(masks: Masks, pes: int) -> Outcome:
    """Every PE has all filters and its part of the pixels, in row stationary."""
    layer = layer_of(masks, pes)
    arch = machine(pes)
    choice = RowStationary(m=layer.m, n=1, e=pes, p=layer.m, q=layer.c, r=1, t=1)
    return run(masks, choice.map(layer, arch), arch)


def by_filters(masks: Masks) -> Outcome:
    """Every PE has all pixels and its part of the filters, a block of neighbours, in row stationary."""
    layer, arch = layer_of(masks, 1), machine(PES)
    choice = RowStationary(m=layer.m, n=1, e=1, p=layer.m // PES, q=layer.c, r=1, t=PES)
    return run(masks, choice.map(layer, arch), arch)


def broadcast(masks: Masks, queue: int) -> Outcome:
    """Blocks of filters likewise, each ifmap value broadcast into queues."""
    layer, arch = layer_of(masks, 1), machine(PES, queue=queue, latency=0)
    choice = CompressedColumns(m=layer.m, b=layer.m // PES, t=layer.h * layer.w)
    return run(masks, choice.map(layer, arch), arch)


def busy(outcome: Outcome) -> npt.NDArray[np.int64]:
    """MAC cycles of every PE."""
    found: npt.NDArray[np.int64] = outcome.causes[CAUSE["busy.mac"]]
    return found


def imbalance(outcome: Outcome) -> float:
    """The longest MAC time of a PE over the mean."""
    return float(busy(outcome).max() / busy(outcome).mean())


def stretch(outcome: Outcome) -> float:
    """The time in which activations are worked off over the mean MAC time of a PE."""
    waits = outcome.causes[CAUSE["no_ifmap.bus"]]
    return float((busy(outcome) + waits).max() / busy(outcome).mean())
