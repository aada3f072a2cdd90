"""Output stationary, many ofmap channels, one pixel (MOC-SOP): a PE keeps one filter's psum of an image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accelsim.machine import Arch
from accelsim.machine.control import psum_uses
from accelsim.mapping.nest import Loop, Mapping, extents
from accelsim.mapping.work import NOTHING, Work
from accelsim.network.layer import Layer
from accelsim.search import GridSpace, Rule
from dataflows.nests.cuts import columns, pairs, rows
from dataflows.nests.limits import (
    array_rules,
    buffer_rules,
    check_machine,
    least_cycles,
    ofmap_words,
    rf_rules,
)
from dataflows.nests.loops import block_passes, check, climbed, even_blocks, levels, shared_hops


@dataclass(frozen=True)
class OutputStationaryMocSop:
    """One pixel of n images, p filters each; m filters' weights in the GLB (Chen et al., ISCA 2016: OSC)."""

    m: int
    n: int
    p: int

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """Filters in even blocks of at most m outermost, then pixels, then p filters after p filters.

        Raises:
            LegalityError: the first rule that is broken, with the limit and by how much.
        """
        check_machine(arch, systolic=True)
        check(self, _rules(layer, arch, self))
        loops = (
            Loop("dram", "g", 1),
            Loop("dram", "m", int(_block(layer, self))),
            Loop("dram", "n", self.n),
            Loop("dram", "e", 1),
            Loop("dram", "f", 1),
            Loop("glb", "m", self.p),
            *levels(rows=("n",), cols=("m",), pe=("c", "r", "s")),
        )
        return Mapping(
            layer,
            loops,
            int(_psum_words(layer, arch, self)),
            psum_blocks=2,
            keeps=("psum",),
            fetches={"weight": ("dram", "m"), "ifmap": ("dram", "f")},
        )

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> GridSpace:
        """Every n, p and m."""
        check_machine(arch, systolic=True)
        size = extents(layer)
        return GridSpace(
            layer,
            arch,
            starting={"n": range(1, size["n"] + 1), "p": range(1, size["m"] + 1)},
            inner={"m": range(1, size["m"] + 1)},
            rules=lambda x: _rules(layer, arch, x),
            work=lambda x: _work(layer, arch, x),
            floor=lambda x, work: _floor(layer, arch, x, work),
            active=lambda x: x.n * x.p,
        )


def _block(layer: Layer, x: Any) -> Any:
    """Filters of a block: m at most."""
    return even_blocks(extents(layer)["m"], x.m, x.p)


def _rules(layer: Layer, arch: Arch, x: Any) -> Iterator[Rule]:
    size = extents(layer)
    yield Rule("n <= N", x.n, size["n"], "ifmaps")
    yield Rule("m <= M", x.m, size["m"], "filters")
    yield Rule("filters of a pass, p <= m", x.p, x.m, "filters")
    yield from rf_rules(arch, psum=1)
    yield from array_rules(arch, x.n, x.p)
    weights = _block(layer, x) * size["c"] * layer.r * layer.s
    ifmap = x.n * size["c"] * rows(layer, arch).largest[1] * columns(layer, arch).largest[1]
    yield from buffer_rules(arch, ifmap=ifmap, weights=weights, psums=_psum_words(layer, arch, x))


def _psum_words(layer: Layer, arch: Arch, x: Any) -> Any:
    return ofmap_words(arch, 2 * _block(layer, x) * x.n)


def _work(layer: Layer, arch: Arch, x: Any) -> Work:
    size = extents(layer)
    outs = layer.n * layer.m * layer.e * layer.f
    weights = layer.m * size["c"] * layer.r * layer.s
    box = layer.groups * layer.n * size["c"] * rows(layer, arch).kept[1] * columns(layer, arch).kept[1]
    passes = block_passes(size["m"], _block(layer, x), x.p)
    loads = weights * -(-layer.n // x.n) * layer.e * layer.f
    streamed = layer.macs // size["m"] * passes  # ifmap words, pad zeros included
    ifmap_hops, weight_hops = shared_hops(arch, layer.macs, streamed), shared_hops(arch, layer.macs, loads)
    drained = layer.groups * size["m"] * layer.e * layer.f * climbed(layer.n, x.n)
    return NOTHING._replace(
        macs=layer.macs,
        hops=drained * arch.systolic,
        ifmap_hops=ifmap_hops,
        weight_hops=weight_hops,
        psum_uses=psum_uses(layer.macs, outs, arch),
        ifmap_deliveries=layer.macs - ifmap_hops,
        weight_deliveries=layer.macs - weight_hops,
        ifmap_reads=pairs(layer, arch) * passes,
        weight_loads=loads,
        psums_out=outs,
        ofmap_words=outs,
        ifmap_fills=box * -(-size["m"] // x.m),
        weight_fills=weights,
    )


def _floor(layer: Layer, arch: Arch, x: Any, work: Work) -> Any:
    size = extents(layer)
    tiles = size["g"] * -(-layer.n // x.n) * layer.e * layer.f
    passes = block_passes(size["m"], _block(layer, x), x.p)
    return least_cycles(arch, work, passes * tiles * size["c"] * layer.r * layer.s)
