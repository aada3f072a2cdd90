"""No local reuse: PEs keep nothing, every operand comes from the GLB for every MAC (ISCA 2016: NLR)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accelsim.machine import Arch
from accelsim.mapping.nest import Loop, Mapping, extents
from accelsim.mapping.tiling import distinct_tilings
from accelsim.mapping.work import NOTHING, Work
from accelsim.network.layer import Layer
from accelsim.search import GridSpace, Rule
from dataflows.nests.cuts import columns, pairs, rows
from dataflows.nests.limits import array_rules, buffer_rules, check_machine, extent_rules, least_cycles
from dataflows.nests.loops import block_passes, check, even_blocks, levels, shared_hops


@dataclass(frozen=True)
class NoLocalReuse:
    """p filters x q channels of one tap at a time, reduced over q; a block of n m e f psums stays in the GLB.

    Chen et al., ISCA 2016, section III: DianNao, Zhang et al.
    """

    n: int
    m: int
    p: int
    q: int
    e: int
    f: int

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """Blocks of ofmap outermost, filters in even blocks of at most m; then channels, taps and filters.

        Raises:
            LegalityError: the first rule that is broken, with the limit and by how much.
        """
        check_machine(arch, systolic=False)
        check(self, _rules(layer, arch, self))
        loops = (
            Loop("dram", "g", 1),
            Loop("dram", "n", self.n),
            Loop("dram", "e", self.e),
            Loop("dram", "f", self.f),
            Loop("dram", "m", int(_block(layer, self))),
            Loop("glb", "c", self.q),
            Loop("glb", "r", 1),
            Loop("glb", "s", 1),
            Loop("glb", "m", self.p),
            *levels(rows=("c",), cols=("m",), pe=("n", "e", "f")),
        )
        words = self.n * int(_block(layer, self)) * self.e * self.f
        return Mapping(layer, loops, words, keeps=(), fetches={"weight": ("glb", "c"), "ifmap": ("glb", "c")})

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> GridSpace:
        """Every p, q and m, and the smallest n, e and f of each number of tiles."""
        check_machine(arch, systolic=False)
        size = extents(layer)
        return GridSpace(
            layer,
            arch,
            starting={"p": range(1, size["m"] + 1), "q": range(1, size["c"] + 1)},
            inner={
                **{dim: distinct_tilings(size[dim]) for dim in ("n", "e", "f")},
                "m": range(1, size["m"] + 1),
            },
            rules=lambda x: _rules(layer, arch, x),
            work=lambda x: _work(layer, arch, x),
            floor=lambda x, work: _floor(layer, arch, x, work),
            active=lambda x: x.p * x.q,
            least=lambda x: _least(layer, arch, x),
        )


def _block(layer: Layer, x: Any) -> Any:
    """Filters of a block: m at most."""
    return even_blocks(extents(layer)["m"], x.m, x.p)


def _rules(layer: Layer, arch: Arch, x: Any) -> Iterator[Rule]:
    size = extents(layer)
    yield from extent_rules(layer, x, "n", "m", "e", "f")
    yield Rule("channels of a pass, q <= C", x.q, size["c"], "channels")
    yield Rule("filters of a pass, p <= m", x.p, x.m, "filters")
    yield from array_rules(arch, x.q, x.p)
    ifmap = x.n * x.q * rows(layer, arch).largest[x.e] * columns(layer, arch).largest[x.f]
    weights = _block(layer, x) * x.q * layer.r * layer.s
    yield from buffer_rules(arch, ifmap=ifmap, weights=weights, psums=x.n * _block(layer, x) * x.e * x.f)


class _Blocks:
    """The sizes of the best case: everything in one block."""

    def __init__(self, layer: Layer, x: Any) -> None:
        size = extents(layer)
        self.p, self.q = x.p, x.q
        self.n, self.m, self.e, self.f = size["n"], size["m"], size["e"], size["f"]


def _work(layer: Layer, arch: Arch, x: Any) -> Work:
    size = extents(layer)
    down, across = rows(layer, arch), columns(layer, arch)
    outs = layer.n * layer.m * layer.e * layer.f
    weights = layer.m * size["c"] * layer.r * layer.s
    partial = -(-size["c"] // x.q) * layer.r * layer.s
    box = layer.groups * layer.n * size["c"] * down.kept[x.e] * across.kept[x.f]
    passes = block_passes(size["m"], _block(layer, x), x.p)
    streamed = layer.macs // size["m"] * passes  # ifmap words, pad zeros included
    hops = shared_hops(arch, layer.macs, streamed)
    return NOTHING._replace(
        macs=layer.macs,
        hops=layer.macs - outs * partial,
        ifmap_hops=hops,
        ifmap_deliveries=layer.macs - hops,
        weight_deliveries=layer.macs,
        ifmap_reads=pairs(layer, arch) * passes,
        weight_loads=layer.macs,
        psums_in=outs * (partial - 1),
        psums_out=outs * partial,
        ofmap_words=outs,
        ifmap_fills=box * -(-size["m"] // x.m),
        weight_fills=weights * -(-layer.n // x.n) * down.number[x.e] * across.number[x.f],
    )


def _floor(layer: Layer, arch: Arch, x: Any, work: Work) -> Any:
    size = extents(layer)
    passes = (
        block_passes(size["m"], _block(layer, x), x.p) * -(-size["c"] // x.q) * size["g"] * layer.r * layer.s
    )
    return least_cycles(arch, work, passes * layer.n * layer.e * layer.f)


def _least(layer: Layer, arch: Arch, x: Any) -> tuple[Work, Any]:
    best = _Blocks(layer, x)
    work = _work(layer, arch, best)
    return work, _floor(layer, arch, best, work)
