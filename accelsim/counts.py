"""From the words that a box moves to the actions that move them; linear: a layer is the sum of its passes."""

from typing import Any, NamedTuple

from accelsim.arch import Arch
from accelsim.datapath import Multiplier
from accelsim.stats import Actions

Count = Any
"""An int, or an integer array with one entry per candidate mapping: the arithmetic is the same."""


class Work(NamedTuple):
    """What one pass, or any sum of passes, asks of the machine; words unless said otherwise.

    Every field is linear in the words moved, so that fields of passes add up to those of a layer.
    """

    macs: Count
    sums: Count  # accumulations of a psum from below, one per primitive
    hops: Count  # psums handed from PE to PE
    ifmap_deliveries: Count  # words times destination PEs
    weight_deliveries: Count
    ifmap_reads: Count  # out of the GLB
    weight_loads: Count  # out of the filter GLB or the link, onto the weight bus
    psums_in: Count  # GLB to array
    psums_out: Count  # array to GLB, or to DRAM where ofmaps bypass the GLB
    ofmap_words: Count  # the part of psums_out that is complete
    ifmap_fills: Count  # DRAM to GLB, uncompressed
    weight_fills: Count


def actions(work: Work, arch: Arch, gated: int = 0) -> Actions:
    """On-chip actions of *work*, *gated* of its MACs gated by a zero.

    The first pass of a channel loop writes psums and reads none, every later one reads and
    writes; an ofmap that leaves through the GLB is read once more (P passes: P writes, P reads).
    """
    via_glb = work.ofmap_words if arch.ofmap_via_glb else 0
    direct = work.ofmap_words - via_glb
    counts = {
        **Multiplier(arch.pe.zero_gating).actions(work.macs, gated, work.sums, arch.rf),
        "rf.write:ifmap": work.ifmap_deliveries,
        "rf.write:weight": work.weight_deliveries,
        "noc.deliver:ifmap": work.ifmap_deliveries,
        "noc.deliver:weight": work.weight_deliveries,
        "noc.deliver:psum": work.psums_in,
        "noc.hop:psum": work.hops,
        "noc.collect:psum": work.psums_out,
        "glb.write:ifmap": work.ifmap_fills,
        "glb.read:ifmap": work.ifmap_reads,
        "glb.write:psum": work.psums_out - direct,
        "glb.read:psum": work.psums_in + via_glb,
    }
    if arch.filter_glb is not None:
        counts |= {"glb.write:weight": work.weight_fills, "glb.read:weight": work.weight_loads}
    return Actions(counts)


def dense_dram(work: Work) -> Actions:
    """DRAM actions of *work* without compression."""
    return Actions(
        {
            "dram.read:ifmap": work.ifmap_fills,
            "dram.read:weight": work.weight_fills,
            "dram.write:psum": work.ofmap_words,
        }
    )
