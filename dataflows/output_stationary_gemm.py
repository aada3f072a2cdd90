"""Output stationary as a product: ofmap pixels down the rows, filters along the columns, taps in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from accelsim.machine import Arch
from accelsim.machine.control import psum_uses
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
    ofmap_words,
    rf_rules,
)
from dataflows.nests.loops import block_passes, check, climbed_in_blocks, levels, shared_hops
from dataflows.nests.product import Axis, block_words, real_pairs, skew_cycles


@dataclass(frozen=True)
class OutputStationaryGemm:
    """A fold of e pixels x m filters stays while all taps stream through it; t pixels stay in the GLB.

    On a systolic array this is the output-stationary form of SCALE-Sim (Samajdar et al., 2018).
    """

    t: int
    m: int
    e: int

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """Blocks of t pixels outermost, then filters, then e pixels after e pixels.

        Raises:
            LegalityError: the first rule that is broken, with the limit and by how much.
        """
        check_machine(arch, systolic=True)
        product = lowered(layer)
        check(self, _rules(product, arch, self))
        loops = (
            Loop("dram", "g", 1),
            Loop("dram", "e", self.t),
            Loop("dram", "m", self.m),
            Loop("glb", "e", self.e),
            *levels(rows=("e",), cols=("m",), pe=("c",)),
        )
        words = int(_psum_words(arch, self))
        return Mapping(
            product, loops, words, psum_blocks=2, keeps=("psum",), fetches={"ifmap": ("dram", "e")}
        )

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> GridSpace:
        """Every e, the smallest m of each number of folds, and few t."""
        check_machine(arch, systolic=True)
        product = lowered(layer)
        return GridSpace(
            product,
            arch,
            starting={
                "m": tilings_up_to(product.group_m, most_columns(arch)),
                "e": range(1, min(product.e, most_rows(arch)) + 1),
            },
            inner={"t": few_blocks(product.e)},
            rules=lambda x: _rules(product, arch, x),
            work=lambda x: _work(product, arch, x),
            floor=lambda x, work: _floor(product, arch, x, work),
            active=lambda x: x.e * x.m,
        )


def _rules(layer: Lowered, arch: Arch, x: Any) -> Iterator[Rule]:
    yield Rule("filters of a fold, m <= M", x.m, layer.group_m, "filters")
    yield Rule("pixels of a block, t <= N*E*F", x.t, layer.e, "pixels")
    yield Rule("pixels of a fold, e <= t", x.e, x.t, "pixels")
    yield from rf_rules(arch, psum=1)
    yield from array_rules(arch, x.e, x.m)
    _, largest = block_words(layer, arch, x.t)
    yield from buffer_rules(arch, ifmap=largest, weights=x.m * layer.group_c, psums=_psum_words(arch, x))


def _psum_words(arch: Arch, x: Any) -> Any:
    return ofmap_words(arch, 2 * x.t * x.m)


def _work(layer: Lowered, arch: Arch, x: Any) -> Work:
    outs, weights = layer.m * layer.e, layer.m * layer.group_c
    filters = -(-layer.group_m // x.m)
    blocks = -(-layer.e // x.t)
    fills, _ = block_words(layer, arch, x.t)
    loads = weights * block_passes(layer.e, x.t, x.e)
    streamed = layer.groups * layer.group_c * layer.e * filters
    ifmap_hops, weight_hops = shared_hops(arch, layer.macs, streamed), shared_hops(arch, layer.macs, loads)
    return NOTHING._replace(
        macs=layer.macs,
        hops=layer.m * climbed_in_blocks(layer.e, x.t, x.e) * arch.systolic,
        ifmap_hops=ifmap_hops,
        weight_hops=weight_hops,
        psum_uses=psum_uses(layer.macs, outs, arch),
        ifmap_deliveries=layer.macs - ifmap_hops,
        weight_deliveries=layer.macs - weight_hops,
        ifmap_reads=real_pairs(layer, arch) * filters,
        weight_loads=loads,
        psums_out=outs,
        ofmap_words=outs,
        ifmap_fills=fills * layer.groups,
        weight_fills=weights * np.where(filters == 1, 1, blocks),
    )


def _floor(layer: Lowered, arch: Arch, x: Any, work: Work) -> Any:
    down = Axis(layer.e, block_passes(layer.e, x.t, x.e))
    across = Axis(layer.group_m, -(-layer.group_m // x.m))
    busy = down.tiles * across.tiles * layer.group_c + skew_cycles(arch, down, across)
    return least_cycles(arch, work, layer.groups * busy)
