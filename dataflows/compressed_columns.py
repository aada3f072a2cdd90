"""Compressed columns: PEs keep filters with all taps; ifmap words go to all PEs, and wait there in queues."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from accelsim.errors import LegalityError
from accelsim.machine import Arch, SplitRF
from accelsim.machine.datapath import Count
from accelsim.mapping.bounds import least_cycles
from accelsim.mapping.counting import NestCounts
from accelsim.mapping.cuts import window_pairs
from accelsim.mapping.nest import Loop, Mapping
from accelsim.mapping.tiling import distinct_tilings
from accelsim.mapping.work import UNCOUNTED, Work
from accelsim.network.layer import Layer, Lowered, lowered
from accelsim.search import GridSpace, Rule, Sizes
from dataflows.nests.limits import (
    Needs,
    buffer_rules,
    check_machine,
    check_one_by_one,
    check_uncoded,
    ofmap_words,
    rf_rules,
)
from dataflows.nests.nest import around, check_sizes, on_array, sizes_of
from dataflows.nests.steps import few_blocks

ONE_WORD = "a PE takes one ifmap word after another"

BY_PIXEL = "words are read pixel by pixel, not in the order of a code"


@dataclass(frozen=True)
class CompressedColumns:
    """m filters on the array with all their taps, dealt to the PEs in turn, b at a time; t pixels a pass.

    The weights of a PE's filters for one tap are a column: an ifmap word goes once to all PEs, and each takes
    it to its column. Han et al., "EIE: efficient inference engine on compressed deep neural network", ISCA
    2016, deal the rows of the matrix one by one (b = 1).

    Its passes are counted here, not by the rule for nests of single MACs: filters are dealt to PEs in turn,
    and how many PEs get words, and which has most to do, follows from the dealing. What DRAM gives follows
    from the loops, and is counted by the rule.
    """

    m: int
    b: int
    t: int

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """Blocks of filters outermost, then of pixels; the weights of a block stay for all its pixels.

        Raises:
            LegalityError: the first rule that is broken, with the limit and by how much.
        """
        _check_machine(arch)
        product = lowered(layer)
        check_sizes(self)
        for rule in _rules(product, arch, sizes_of(self)):
            rule.check()
        return _nest(product, arch, sizes_of(self))

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> GridSpace:
        """The smallest m of each number of blocks, filters dealt one by one, and few t."""
        _check_machine(arch)
        product = lowered(layer)
        return GridSpace(
            product,
            arch,
            starting={"m": distinct_tilings(product.group_m), "b": [1]},
            inner={"t": few_blocks(product.e)},
            rules=lambda x: _rules(product, arch, x),
            work=lambda x: _work(product, arch, x),
            floor=lambda x, work: _floor(product, arch, x, work),
            active=lambda x: _pes(arch, x.m, x.b),
        )


def _nest(layer: Lowered, arch: Arch, x: Sizes) -> Mapping:
    loops = (
        *around("dram", g=1, m=x.m, e=x.t),
        Loop("cols", "m", x.b),
        *on_array(rows=(), cols=(), pe=("e", "c", "m")),
    )
    psums = ofmap_words(arch, 2 * x.t * x.m)
    return Mapping(layer, loops, psums, psum_blocks=2, keeps=("weight", "psum"), sharing="queue")


def _check_machine(arch: Arch) -> None:
    check_machine(arch, Needs(multicast=True, weights=False))
    if not isinstance(arch.rf, SplitRF):
        raise LegalityError(f"rf.kind of {arch.name} must be split, one spad each (got {arch.rf.kind})")
    check_one_by_one(arch, ONE_WORD)
    check_uncoded(arch, "ifmap.spad", "ifmap.glb", "weight.glb", why=BY_PIXEL)


def _rules(layer: Lowered, arch: Arch, x: Sizes) -> Iterator[Rule]:
    yield Rule("filters of a pass, m <= M", x.m, layer.group_m, "filters")
    yield Rule("pixels of a pass, t <= N*E*F", x.t, layer.e, "pixels")
    yield Rule("filters of a block, b <= m", x.b, x.m, "filters")
    most = _most_filters(arch, x.m, x.b)
    yield from rf_rules(arch, ifmap=1, weight=layer.group_c * most, psum=most)
    nest = NestCounts(_nest(layer, arch, x), arch)
    ifmap, weights = nest.largest_box("ifmap"), nest.largest_box("weight")
    yield from buffer_rules(arch, ifmap=ifmap, weights=weights, psums=nest.mapping.psum_words)


def _most_filters(arch: Arch, m: Count, b: Count) -> Count:
    """Filters of the PE with the most of *m*: those of whole rounds of dealing, and of the last."""
    around = b * arch.array.pes
    most: Count = m // around * b + np.minimum(b, m % around)
    return most


def _pes(arch: Arch, m: Count, b: Count) -> Count:
    """PEs that get some of *m* filters."""
    pes: Count = np.minimum(-(-m // b), arch.array.pes)
    return pes


def _work(layer: Lowered, arch: Arch, x: Sizes) -> Work[Count]:
    outs, weights, macs = layer.m * layer.e, layer.m * layer.group_c, layer.macs
    whole, rest = layer.group_m // x.m, layer.group_m % x.m
    blocks = -(-layer.group_m // x.m)
    pes = whole * _pes(arch, x.m, x.b) + _pes(arch, rest, x.b)  # over all blocks
    moved = layer.groups * layer.group_c * layer.e * pes
    return UNCOUNTED._replace(
        macs=macs,
        ifmap_uses=macs,
        weight_uses=macs,
        psum_uses=macs,
        ifmap_stores=moved,
        weight_stores=weights,
        ifmap_deliveries=moved,
        weight_deliveries=weights,
        ifmap_reads=window_pairs(layer, stored=arch.padding == "stored") * blocks,
        weight_loads=weights,
        psums_out=outs,
        ofmap_words=outs,
        **NestCounts(_nest(layer, arch, x), arch).fills,
    )


def _floor(layer: Lowered, arch: Arch, x: Sizes, work: Work[Count]) -> Count:
    """The first PE has the most filters; it waits for its weights, and does every pixel with all of them."""
    whole, rest = layer.group_m // x.m, layer.group_m % x.m
    busy = whole * _block_cycles(layer, arch, x.m, x) + np.where(rest, _block_cycles(layer, arch, rest, x), 0)
    return least_cycles(arch, work, layer.groups * busy)


def _block_cycles(layer: Lowered, arch: Arch, m: Count, x: Sizes) -> Count:
    """Cycles of the first PE with its part of *m* filters, for all pixels, no zero skipped."""
    filters = _most_filters(arch, m, x.b)
    weights = arch.noc.weight.latency_cycles + (layer.group_c * filters - 1) // arch.words_per_cycle("weight")
    pixel = layer.group_c * -(-filters // arch.pe.macs_per_cycle) + filters
    return weights + layer.e * pixel + -(-layer.e // x.t) * (arch.pe.pipeline_stages - 1)
