"""Output stationary, one ofmap channel and many pixels (SOC-MOP): a PE keeps a psum, ifmap words slide by."""

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
from dataflows.nests.cuts import columns, rows
from dataflows.nests.limits import (
    array_rules,
    buffer_rules,
    check_machine,
    extent_rules,
    least_cycles,
    ofmap_words,
    rf_rules,
)
from dataflows.nests.loops import check, levels


@dataclass(frozen=True)
class OutputStationarySocMop:
    """n x e x f pixels of one ofmap channel at a time, weights of m filters in the GLB.

    A word comes to the last PE of a row and column that uses it, and slides from there to its neighbours
    (Chen et al., ISCA 2016: OSA; Du et al., "ShiDianNao", ISCA 2015).
    """

    m: int
    n: int
    e: int
    f: int

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """Filters that stay in the GLB outermost, then pixels, then one filter after the other.

        Raises:
            LegalityError: the first rule that is broken, with the limit and by how much.
        """
        check_machine(arch, systolic=False)
        check(self, _rules(layer, arch, self))
        loops = (
            Loop("dram", "g", 1),
            Loop("dram", "m", self.m),
            Loop("dram", "n", self.n),
            Loop("dram", "e", self.e),
            Loop("dram", "f", self.f),
            Loop("glb", "m", 1),
            *levels(rows=("n", "e"), cols=("f",), pe=("c", "r", "s")),
        )
        return Mapping(
            layer,
            loops,
            int(_psum_words(arch, self)),
            psum_blocks=2,
            keeps=("psum",),
            sharing="slide",
            fetches={"weight": ("dram", "m"), "ifmap": ("dram", "f")},
        )

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> GridSpace:
        """Every n, e, f and m."""
        check_machine(arch, systolic=False)
        size = extents(layer)
        return GridSpace(
            layer,
            arch,
            starting={dim: range(1, size[dim] + 1) for dim in ("n", "e", "f")},
            inner={"m": range(1, size["m"] + 1)},
            rules=lambda x: _rules(layer, arch, x),
            work=lambda x: _work(layer, arch, x, -(-size["m"] // x.m)),
            floor=lambda x, work: _floor(layer, arch, x, work),
            active=lambda x: x.n * x.e * x.f,
            least=lambda x: _least(layer, arch, x),
        )


def _rules(layer: Layer, arch: Arch, x: Any) -> Iterator[Rule]:
    size = extents(layer)
    yield from extent_rules(layer, x, "n", "e", "f", "m")
    slides = layer.stride[1] + layer.stride[0] * layer.s
    yield from rf_rules(arch, psum=1, ifmap=slides)  # ISCA 2016: 1 + U + U R
    yield from array_rules(arch, x.n * x.e, x.f)
    weights = x.m * size["c"] * layer.r * layer.s
    ifmap = x.n * size["c"] * rows(layer, arch).largest[x.e] * columns(layer, arch).largest[x.f]
    yield from buffer_rules(arch, ifmap=ifmap, weights=weights, psums=_psum_words(arch, x))


def _psum_words(arch: Arch, x: Any) -> Any:
    return ofmap_words(arch, 2 * x.m * x.n * x.e * x.f)


def _work(layer: Layer, arch: Arch, x: Any, blocks: Any) -> Work:
    size = extents(layer)
    down, across = rows(layer, arch), columns(layer, arch)
    outs = layer.n * layer.m * layer.e * layer.f
    weights = layer.m * size["c"] * layer.r * layer.s
    images = layer.groups * layer.n * size["c"]
    box = images * down.kept[x.e] * across.kept[x.f]
    delivered = images * down.touched[x.e] * across.touched[x.f] * size["m"]
    return NOTHING._replace(
        macs=layer.macs,
        ifmap_hops=layer.macs - delivered,
        psum_uses=psum_uses(layer.macs, outs, arch),
        ifmap_deliveries=delivered,
        weight_deliveries=layer.macs,
        ifmap_reads=box * size["m"],
        weight_loads=weights * -(-layer.n // x.n) * down.number[x.e] * across.number[x.f],
        psums_out=outs,
        ofmap_words=outs,
        ifmap_fills=box * blocks,
        weight_fills=weights,
    )


def _busy(layer: Layer, arch: Arch, x: Any) -> Any:
    tiles = -(-layer.n // x.n) * rows(layer, arch).number[x.e] * columns(layer, arch).number[x.f]
    return layer.m * tiles * layer.group_c * layer.r * layer.s


def _floor(layer: Layer, arch: Arch, x: Any, work: Work) -> Any:
    return least_cycles(arch, work, _busy(layer, arch, x) + x.m * 0)


def _least(layer: Layer, arch: Arch, x: Any) -> tuple[Work, Any]:
    """With the weights of all filters in the GLB."""
    work = _work(layer, arch, x, 1)
    return work, least_cycles(arch, work, _busy(layer, arch, x))
