"""Output stationary, many ofmap channels and many pixels (MOC-MOP): a PE keeps a psum of a row of pixels."""

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
from dataflows.nests.loops import block_passes, check, even_blocks, levels


@dataclass(frozen=True)
class OutputStationaryMocMop:
    """f pixels of one ofmap row of n images, p filters each; weights of m filters in the GLB.

    A word slides along the row from PE to PE (Chen et al., ISCA 2016: OSB).
    """

    m: int
    n: int
    p: int
    f: int

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """Filters in even blocks of at most m outermost, then pixels, then p filters after p filters.

        Raises:
            LegalityError: the first rule that is broken, with the limit and by how much.
        """
        check_machine(arch, systolic=False)
        check(self, _rules(layer, arch, self))
        loops = (
            Loop("dram", "g", 1),
            Loop("dram", "m", int(_block(layer, self))),
            Loop("dram", "n", self.n),
            Loop("dram", "e", 1),
            Loop("dram", "f", self.f),
            Loop("glb", "m", self.p),
            *levels(rows=("n", "f"), cols=("m",), pe=("c", "r", "s")),
        )
        return Mapping(
            layer,
            loops,
            int(_psum_words(layer, arch, self)),
            psum_blocks=2,
            keeps=("psum",),
            sharing="slide",
            fetches={"weight": ("dram", "m"), "ifmap": ("dram", "f")},
        )

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> GridSpace:
        """Every n, p, f and m."""
        check_machine(arch, systolic=False)
        size = extents(layer)
        return GridSpace(
            layer,
            arch,
            starting={
                "n": range(1, size["n"] + 1),
                "p": range(1, size["m"] + 1),
                "f": range(1, size["f"] + 1),
            },
            inner={"m": range(1, size["m"] + 1)},
            rules=lambda x: _rules(layer, arch, x),
            work=lambda x: _work(
                layer, arch, x, block_passes(size["m"], _block(layer, x), x.p), -(-size["m"] // x.m)
            ),
            floor=lambda x, work: _floor(layer, arch, x, work),
            active=lambda x: x.n * x.p * x.f,
            least=lambda x: _least(layer, arch, x),
        )


def _block(layer: Layer, x: Any) -> Any:
    """Filters of a block: m at most."""
    return even_blocks(extents(layer)["m"], x.m, x.p)


def _rules(layer: Layer, arch: Arch, x: Any) -> Iterator[Rule]:
    size = extents(layer)
    yield from extent_rules(layer, x, "n", "f", "m")
    yield Rule("filters of a pass, p <= m", x.p, x.m, "filters")
    yield from rf_rules(arch, psum=1, ifmap=layer.stride[1])  # ISCA 2016: U + 1
    yield from array_rules(arch, x.n * x.f, x.p)
    weights = _block(layer, x) * size["c"] * layer.r * layer.s
    ifmap = x.n * size["c"] * rows(layer, arch).largest[1] * columns(layer, arch).largest[x.f]
    yield from buffer_rules(arch, ifmap=ifmap, weights=weights, psums=_psum_words(layer, arch, x))


def _psum_words(layer: Layer, arch: Arch, x: Any) -> Any:
    return ofmap_words(arch, 2 * _block(layer, x) * x.n * x.f)


def _work(layer: Layer, arch: Arch, x: Any, passes: Any, blocks: Any) -> Work:
    size = extents(layer)
    down, across = rows(layer, arch), columns(layer, arch)
    outs = layer.n * layer.m * layer.e * layer.f
    weights = layer.m * size["c"] * layer.r * layer.s
    images = layer.groups * layer.n * size["c"]
    box = images * down.kept[1] * across.kept[x.f]
    delivered = images * down.touched[1] * across.touched[x.f] * size["m"]
    return NOTHING._replace(
        macs=layer.macs,
        ifmap_hops=layer.macs - delivered,
        psum_uses=psum_uses(layer.macs, outs, arch),
        ifmap_deliveries=delivered,
        weight_deliveries=layer.macs,
        ifmap_reads=box * passes,
        weight_loads=weights * -(-layer.n // x.n) * layer.e * across.number[x.f],
        psums_out=outs,
        ofmap_words=outs,
        ifmap_fills=box * blocks,
        weight_fills=weights,
    )


def _busy(layer: Layer, arch: Arch, x: Any, passes: Any) -> Any:
    tiles = layer.groups * -(-layer.n // x.n) * layer.e * columns(layer, arch).number[x.f]
    return passes * tiles * layer.group_c * layer.r * layer.s


def _floor(layer: Layer, arch: Arch, x: Any, work: Work) -> Any:
    passes = block_passes(extents(layer)["m"], _block(layer, x), x.p)
    return least_cycles(arch, work, _busy(layer, arch, x, passes))


def _least(layer: Layer, arch: Arch, x: Any) -> tuple[Work, Any]:
    """With the weights of all filters in the GLB."""
    passes = -(-extents(layer)["m"] // x.p)
    work = _work(layer, arch, x, passes, 1)
    return work, least_cycles(arch, work, _busy(layer, arch, x, passes))
