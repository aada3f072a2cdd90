"""Weight stationary as a product: C*R*S taps down the rows, filters along the columns, pixels in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from accelsim.machine import Arch
from accelsim.mapping.nest import Loop, Mapping
from accelsim.mapping.work import NOTHING, Work
from accelsim.network.layer import Layer, Lowered, lowered
from accelsim.search import GridSpace, Rule
from dataflows.nests.cuts import few_blocks, tilings_up_to
from dataflows.nests.limits import (
    array_rules,
    buffer_rules,
    check_machine,
    least_cycles,
    most_columns,
    most_rows,
    rf_rules,
)
from dataflows.nests.loops import check, climbed, levels, shared_hops
from dataflows.nests.product import Axis, block_words, real_pairs, skew_cycles


@dataclass(frozen=True)
class WeightStationaryGemm:
    """A fold of k taps x m filters stays while t pixels stream through it.

    On a systolic array this is the weight-stationary form of the TPU (Jouppi et al., ISCA 2017) and of
    SCALE-Sim (Samajdar et al., 2018). The ifmap of t pixels stays in the GLB for all folds.
    """

    t: int
    m: int
    k: int

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """Blocks of pixels outermost, then filters, then taps.

        Raises:
            LegalityError: the first rule that is broken, with the limit and by how much.
        """
        check_machine(arch, systolic=True, weights=False)
        product = lowered(layer)
        check(self, _rules(product, arch, self))
        loops = (
            Loop("dram", "g", 1),
            Loop("dram", "e", self.t),
            Loop("dram", "m", self.m),
            Loop("glb", "c", self.k),
            *levels(rows=("c",), cols=("m",), pe=("e",)),
        )
        words = 2 * self.t * self.m
        return Mapping(
            product, loops, words, psum_blocks=2, keeps=("weight",), fetches={"ifmap": ("dram", "e")}
        )

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> GridSpace:
        """The smallest k and m of each number of folds, and few t."""
        check_machine(arch, systolic=True, weights=False)
        product = lowered(layer)
        return GridSpace(
            product,
            arch,
            starting={
                "m": tilings_up_to(product.group_m, most_columns(arch)),
                "k": tilings_up_to(product.group_c, most_rows(arch)),
            },
            inner={"t": few_blocks(product.e)},
            rules=lambda x: _rules(product, arch, x),
            work=lambda x: _work(product, arch, x),
            floor=lambda x, work: _floor(product, arch, x, work),
            active=lambda x: x.k * x.m,
        )


def _rules(layer: Lowered, arch: Arch, x: Any) -> Iterator[Rule]:
    yield Rule("taps of a fold, k <= C*R*S", x.k, layer.group_c, "taps")
    yield Rule("filters of a fold, m <= M", x.m, layer.group_m, "filters")
    yield Rule("pixels of a block, t <= N*E*F", x.t, layer.e, "pixels")
    yield from rf_rules(arch, weight=1)
    yield from array_rules(arch, x.k, x.m)
    _, largest = block_words(layer, arch, x.t)
    yield from buffer_rules(arch, ifmap=largest, weights=x.k * x.m, psums=2 * x.t * x.m)


def _work(layer: Lowered, arch: Arch, x: Any) -> Work:
    outs, weights = layer.m * layer.e, layer.m * layer.group_c
    folds, filters = -(-layer.group_c // x.k), -(-layer.group_m // x.m)
    blocks = -(-layer.e // x.t)
    loads = weights * np.where((folds == 1) & (filters == 1), 1, blocks)
    fills, _ = block_words(layer, arch, x.t)
    streamed = layer.groups * layer.group_c * layer.e * filters
    hops = shared_hops(arch, layer.macs, streamed)
    return NOTHING._replace(
        macs=layer.macs,
        hops=layer.macs - outs * folds,
        ifmap_hops=hops,
        weight_hops=loads // layer.group_c * climbed(layer.group_c, x.k) * arch.systolic,
        weight_uses=layer.macs,
        weight_stores=loads,
        ifmap_deliveries=layer.macs - hops,
        weight_deliveries=loads,
        ifmap_reads=real_pairs(layer, arch) * filters,
        weight_loads=loads,
        psums_in=outs * (folds - 1),
        psums_out=outs * folds,
        ofmap_words=outs,
        ifmap_fills=fills * layer.groups,
        weight_fills=loads,
    )


def _floor(layer: Lowered, arch: Arch, x: Any, work: Work) -> Any:
    down = Axis(layer.group_c, -(-layer.group_c // x.k))
    across = Axis(layer.group_m, -(-layer.group_m // x.m))
    busy = down.tiles * across.tiles * layer.e + -(-layer.e // x.t) * skew_cycles(arch, down, across)
    return least_cycles(arch, work, layer.groups * busy)
