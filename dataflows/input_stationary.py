"""Input stationary: a PE keeps one ifmap word of a window; taps down the rows, pixels along the columns."""

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
from dataflows.nests.loops import block_passes, check, climbed, levels, shared_hops
from dataflows.nests.product import Axis, block_words, real_pairs, skew_cycles


@dataclass(frozen=True)
class InputStationary:
    """A fold of k taps x e pixels stays while all filters stream through it; t pixels stay in the GLB.

    On a systolic array this is the input-stationary form of SCALE-Sim (Samajdar et al., 2018); with
    multicast a weight reaches all pixels at once.
    """

    t: int
    k: int
    e: int

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """Blocks of t pixels outermost, then taps, then e pixels after e pixels.

        Raises:
            LegalityError: the first rule that is broken, with the limit and by how much.
        """
        check_machine(arch, systolic=True)
        product = lowered(layer)
        check(self, _rules(product, arch, self))
        loops = (
            Loop("dram", "g", 1),
            Loop("dram", "e", self.t),
            Loop("glb", "c", self.k),
            Loop("glb", "e", self.e),
            *levels(rows=("c",), cols=("e",), pe=("m",)),
        )
        words = 2 * self.t * product.group_m
        return Mapping(
            product, loops, words, psum_blocks=2, keeps=("ifmap",), fetches={"ifmap": ("dram", "e")}
        )

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> GridSpace:
        """Every e, the smallest k of each number of folds, and few t."""
        check_machine(arch, systolic=True)
        product = lowered(layer)
        return GridSpace(
            product,
            arch,
            starting={
                "k": tilings_up_to(product.group_c, most_rows(arch)),
                "e": range(1, min(product.e, most_columns(arch)) + 1),
            },
            inner={"t": few_blocks(product.e)},
            rules=lambda x: _rules(product, arch, x),
            work=lambda x: _work(product, arch, x),
            floor=lambda x, work: _floor(product, arch, x, work),
            active=lambda x: x.k * x.e,
        )


def _rules(layer: Lowered, arch: Arch, x: Any) -> Iterator[Rule]:
    yield Rule("taps of a fold, k <= C*R*S", x.k, layer.group_c, "taps")
    yield Rule("pixels of a block, t <= N*E*F", x.t, layer.e, "pixels")
    yield Rule("pixels of a fold, e <= t", x.e, x.t, "pixels")
    yield from rf_rules(arch, ifmap=1)
    yield from array_rules(arch, x.k, x.e)
    _, largest = block_words(layer, arch, x.t)
    psums = 2 * x.t * layer.group_m
    yield from buffer_rules(arch, ifmap=largest, weights=x.k * layer.group_m, psums=psums)


def _work(layer: Lowered, arch: Arch, x: Any) -> Work:
    outs, weights = layer.m * layer.e, layer.m * layer.group_c
    folds, blocks = -(-layer.group_c // x.k), -(-layer.e // x.t)
    columns = block_passes(layer.e, x.t, x.e)
    fills, _ = block_words(layer, arch, x.t)
    loads = layer.groups * layer.group_c * layer.e
    streamed = weights * columns
    hops = shared_hops(arch, layer.macs, streamed)
    return NOTHING._replace(
        macs=layer.macs,
        hops=layer.macs - outs * folds,
        ifmap_hops=layer.groups * layer.e * climbed(layer.group_c, x.k) * arch.systolic,
        weight_hops=hops,
        ifmap_uses=layer.macs,
        ifmap_stores=loads,
        ifmap_deliveries=loads,
        weight_deliveries=layer.macs - hops,
        ifmap_reads=real_pairs(layer, arch),
        weight_loads=streamed,
        psums_in=outs * (folds - 1),
        psums_out=outs * folds,
        ofmap_words=outs,
        ifmap_fills=fills * layer.groups,
        weight_fills=weights * np.where(folds == 1, 1, blocks),
    )


def _floor(layer: Lowered, arch: Arch, x: Any, work: Work) -> Any:
    down = Axis(layer.group_c, -(-layer.group_c // x.k))
    across = Axis(layer.e, block_passes(layer.e, x.t, x.e))
    busy = down.tiles * across.tiles * layer.group_m + skew_cycles(arch, down, across)
    return least_cycles(arch, work, layer.groups * busy)
