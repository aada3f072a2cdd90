"""What a layer counts on the chip: the sum of its passes, each as it is or as its values make it."""

from typing import Literal

from accelsim.machine import Arch
from accelsim.machine.control import psum_uses
from accelsim.mapping.work import MacFates, Work, actions
from accelsim.passes.work import Tally
from accelsim.program.jobs import Program
from accelsim.stats import Actions


def on_chip(program: Program, spared: MacFates, tally: Tally | None) -> Actions:
    """The actions of *program*, whose values *spared* some MACs; what depends on them is that of *tally*."""
    work = program.work
    if tally is None:
        counts = actions(work, program.arch, spared)
    else:
        skipped = work.macs - tally.macs - tally.reused
        spared = MacFates(tally.gated, tally.unread, skipped, tally.reused, tally.fillers)
        counts = actions(_with(work, tally, program.arch), program.arch, spared)
        counts += Actions(
            {"codec.decode:weight": tally.weight_entries, "codec.decode:ifmap": tally.ifmap_entries}
        )
    for operand in ("ifmap", "weight"):
        coded = _coded_memory(program, operand)
        counts = Actions({**counts, **coded})
    return counts


def _with(work: Work[int], tally: Tally, arch: Arch) -> Work[int]:
    """*work* with the uses and moves of *tally* in place of its own."""
    uses = tally.macs + tally.fillers
    return work._replace(
        ifmap_uses=uses,
        weight_uses=uses,
        psum_uses=psum_uses(tally.psum_uses, work.sums, arch),
        extra_ops=tally.extra_ops,
        ifmap_stores=tally.ifmap_places,
        ifmap_deliveries=tally.ifmap_places,
        weight_stores=tally.weight_places,
        weight_deliveries=tally.weight_places,
    )


def _coded_memory(program: Program, operand: Literal["ifmap", "weight"]) -> Actions:
    """Accesses to a memory that keeps *operand* coded, in words, in place of those to words as they are."""
    formats = getattr(program.arch.sparsity.formats, operand)
    if formats.glb is None or not program.knows_values:
        return Actions()
    counts, bits = Actions(), program.arch.bits(operand)
    for job in program.jobs:
        fetched = job.new_ifmap if operand == "ifmap" else job.new_weights
        fill = job.ifmap_fill if operand == "ifmap" else job.weight_fill
        words = -(-fill.glb.bits // bits)
        read = operand == "ifmap" or job.load
        counts[f"glb.write:{operand}"] += words * fetched
        counts[f"glb.read:{operand}"] += words * read
        if formats.spad is None:
            counts[f"codec.decode:{operand}"] += fill.glb.entries * read
    return counts
