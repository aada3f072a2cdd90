"""Weight stationary: a PE keeps one weight, ifmap rows are broadcast, psums cross the array (ISCA 2016)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from accelsim.machine import Arch
from accelsim.mapping.nest import Loop, Mapping, extents
from accelsim.mapping.work import NOTHING, Work
from accelsim.network.layer import Layer
from accelsim.search import GridSpace, Rule
from dataflows.nests.cuts import columns, rows
from dataflows.nests.limits import array_rules, buffer_rules, check_machine, least_cycles, rf_rules
from dataflows.nests.loops import check, levels


@dataclass(frozen=True)
class WeightStationary:
    """r channels and t filters of R x S weights at a time; ofmaps in strips of f columns.

    A lane holds one filter row of r channels. What it makes of an ifmap row goes through the GLB to the lane
    of the next filter row (Chen et al., ISCA 2016, section III: NeuFlow, Chakradhar et al.).
    """

    r: int
    t: int
    f: int

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """Filters outermost, then channels, then strips; all ifmaps and ofmap rows in a pass.

        Raises:
            LegalityError: the first rule that is broken, with the limit and by how much.
        """
        check_machine(arch, systolic=False, weights=False, ifmap=False)
        check(self, _rules(layer, arch, self))
        loops = (
            Loop("dram", "g", 1),
            Loop("dram", "m", self.t),
            Loop("glb", "c", self.r),
            Loop("glb", "f", self.f),
            *levels(rows=("s", "c"), cols=("r", "m"), pe=("n", "e", "f")),
        )
        words = int(_psum_words(layer, self))
        return Mapping(
            layer, loops, words, keeps=("weight",), sharing="broadcast", fetches={"ifmap": ("glb", "f")}
        )

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> GridSpace:
        """Every r, t and f."""
        check_machine(arch, systolic=False, weights=False, ifmap=False)
        size = extents(layer)
        return GridSpace(
            layer,
            arch,
            starting={"r": range(1, size["c"] + 1), "t": range(1, size["m"] + 1)},
            inner={"f": range(1, size["f"] + 1)},
            rules=lambda x: _rules(layer, arch, x),
            work=lambda x: _work(layer, arch, x),
            floor=lambda x, work: _floor(layer, arch, x, work),
            active=lambda x: layer.r * layer.s * x.r * x.t,
        )


def _rules(layer: Layer, arch: Arch, x: Any) -> Iterator[Rule]:
    size = extents(layer)
    yield Rule("channels, r <= C", x.r, size["c"], "channels")
    yield Rule("filters, t <= M", x.t, size["m"], "filters")
    yield Rule("ofmap columns, f <= F", x.f, size["f"], "columns")
    yield from rf_rules(arch, weight=1)
    yield from array_rules(arch, layer.s * x.r, layer.r * x.t)
    psums = _psum_words(layer, x)
    ifmap = layer.n * x.r * rows(layer, arch).largest[layer.e] * columns(layer, arch).largest[x.f]
    yield from buffer_rules(arch, ifmap=ifmap, weights=x.r * x.t * layer.r * layer.s, psums=psums)


def _psum_words(layer: Layer, x: Any) -> Any:
    """Psums of t filters, and the lines between filter rows: ISCA 2016, N t E F + r t (w - S)(R - 1)."""
    width = layer.stride[1] * (x.f - 1) + layer.dilation[1] * (layer.s - 1) + 1
    return layer.n * x.t * layer.e * layer.f + x.r * x.t * (width - layer.s) * (layer.r - 1)


def _work(layer: Layer, arch: Arch, x: Any) -> Work:
    size = extents(layer)
    across = columns(layer, arch)
    outs = layer.n * layer.m * layer.e * layer.f
    weights = layer.m * layer.group_c * layer.r * layer.s
    partial = layer.r * -(-size["c"] // x.r)  # times that an ofmap word passes the GLB
    images = layer.groups * layer.n * size["c"] * -(-size["m"] // x.t)
    words = images * rows(layer, arch).kept[layer.e] * across.kept[x.f]
    return NOTHING._replace(
        macs=layer.macs,
        hops=layer.macs - outs * partial,
        weight_uses=layer.macs,
        weight_stores=weights,
        weight_deliveries=weights,
        weight_loads=weights,
        ifmap_deliveries=layer.macs,
        ifmap_reads=words,
        psums_in=outs * (partial - 1),
        psums_out=outs * partial,
        ofmap_words=outs,
        ifmap_fills=words,
        weight_fills=weights,
    )


def _floor(layer: Layer, arch: Arch, x: Any, work: Work) -> Any:
    """A pass lasts as long as a PE has MACs: all pixels of its strips."""
    size = extents(layer)
    passes = size["g"] * -(-size["m"] // x.t) * -(-size["c"] // x.r)
    return least_cycles(arch, work, passes * layer.n * layer.e * layer.f + np.zeros_like(x.f))
