"""From the words that a box moves to the actions that move them; linear: a layer is the sum of its passes."""

from typing import Generic, NamedTuple

import numpy as np

from accelsim.machine import Arch
from accelsim.machine.datapath import LOOKUP, AnyDatapath, Count
from accelsim.machine.datapath.protocol import N, N_co, overhead_of
from accelsim.stats import Actions


class Work(NamedTuple, Generic[N_co]):
    """What one pass, or any sum of passes, asks of the machine; words unless said otherwise.

    Every field is linear in the words moved, so that fields of passes add up to those of a layer.
    """

    macs: N_co
    sums: N_co  # accumulations of a psum from below by an adder of its own, one per primitive
    hops: N_co  # psums handed from PE to PE
    ifmap_hops: N_co  # operands handed from PE to PE
    weight_hops: N_co
    ifmap_uses: N_co  # reads of a register file for a MAC
    weight_uses: N_co
    psum_uses: N_co  # reads, and as many writes
    extra_ops: N_co  # what the datapath does beside its MACs
    ifmap_stores: N_co  # words written to a register file
    weight_stores: N_co
    ifmap_deliveries: N_co  # from a bus: words times destination PEs
    weight_deliveries: N_co
    ifmap_reads: N_co  # out of the GLB, onto the ifmap bus
    weight_loads: N_co  # out of the filter GLB, the GLB or the link, onto the weight bus
    psums_in: N_co  # GLB to array
    psums_out: N_co  # array to GLB, or to DRAM where ofmaps bypass the GLB
    ofmap_words: N_co  # the part of psums_out that is complete
    ifmap_fills: N_co  # DRAM to GLB, uncompressed
    weight_fills: N_co


class MacFates(NamedTuple):
    """What values did to the MACs of a layer."""

    gated: int = 0  # a zero made them cheap
    unread: int = 0  # of them, those whose weight was not read
    skipped: int = 0  # a zero made them vanish
    reused: int = 0  # a repeated kernel did
    fillers: int = 0  # MACs more, with zeros that only carry a run too long for its field


ALL_MADE = MacFates()
"""Every MAC was made, or nobody looked."""


def actions(work: Work[Count], arch: Arch, spared: MacFates = ALL_MADE) -> Actions:
    """On-chip actions of *work*, of which values *spared* some MACs.

    The first pass of a channel loop writes psums and reads none, every later one reads and
    writes; an ofmap that leaves through the GLB is read once more (P passes: P writes, P reads).
    """
    paths = arch.paths
    via_glb = work.ofmap_words if paths.ofmap.memories else 0
    direct = work.ofmap_words - via_glb
    private = arch.noc.weight.wires == "private"
    counts = {
        **arithmetic(work, arch.datapath, spared),
        "rf.write:ifmap": work.ifmap_stores,
        "rf.write:weight": work.weight_stores,
        "noc.deliver:ifmap": work.ifmap_deliveries,
        "noc.wire:weight" if private else "noc.deliver:weight": work.weight_deliveries,
        "noc.deliver:psum": work.psums_in,
        "noc.hop:ifmap": work.ifmap_hops,
        "noc.hop:weight": work.weight_hops,
        "noc.hop:psum": work.hops,
        "noc.collect:psum": work.psums_out,
        **paths.psum.accesses(writes=work.psums_out - direct, reads=work.psums_in + via_glb),
        **paths.ifmap.accesses(writes=work.ifmap_fills, reads=work.ifmap_reads),
        **paths.weight.accesses(
            writes=work.weight_fills,
            reads=work.weight_deliveries if private else work.weight_loads,  # each over wires of its own
        ),
    }
    return Actions(counts)


NOTHING = Work(*(0 for _ in Work._fields))
"""The work of no pass."""

UNCOUNTED: Work[Count] = NOTHING
"""The work of many candidates before anything is counted."""


def arithmetic(work: Work[N], datapath: AnyDatapath, spared: MacFates = ALL_MADE) -> dict[str, N]:
    """What *work* does inside the PEs; a MAC that a zero ifmap value gates does not read its weight.

    Its MACs are those of the layer, skipped and reused ones among them; its uses are those that happen.
    """
    unread = spared.unread if np.ndim(work.weight_uses) or work.weight_uses else 0
    made = work.macs - spared.skipped - spared.reused
    counts: dict[str, N] = {
        f"mac.{datapath.verb}:psum": made - spared.gated,
        "mac.gated:psum": spared.gated,
        "mac.skipped:psum": spared.skipped,
        "mac.reused:psum": spared.reused,
        f"mac.{datapath.adds}:psum": work.sums,
        "rf.read:ifmap": work.ifmap_uses,
        "rf.read:weight": work.weight_uses - unread,
        "rf.gated_read:weight": unread,
        "rf.read:psum": work.psum_uses,
        "rf.write:psum": work.psum_uses,
    }
    if datapath.extra_ops is not None:
        counts[f"mac.{datapath.extra_ops}:psum"] = work.extra_ops
    if datapath.one_by_one:
        counts[f"mac.{overhead_of(datapath.verb)}:psum"] = spared.fillers
    if datapath.decodes:
        counts[LOOKUP] = made + spared.fillers - spared.unread
    return counts


def dense_dram(work: Work[Count]) -> Actions:
    """DRAM actions of *work* without compression."""
    return Actions(
        {
            "dram.read:ifmap": work.ifmap_fills,
            "dram.read:weight": work.weight_fills,
            "dram.write:psum": work.ofmap_words,
        }
    )
