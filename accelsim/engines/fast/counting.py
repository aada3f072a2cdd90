"""What a layer counts on the chip: the sum of its passes, each as it is or as its values make it."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from accelsim.machine import Arch
from accelsim.machine.control import psum_uses
from accelsim.mapping.footprint import ifmap_words
from accelsim.mapping.operands import weight_words
from accelsim.mapping.work import MacFates, Work, actions
from accelsim.passes import stream_work
from accelsim.passes.primitive import Plan, work_of
from accelsim.passes.queue import QueuePlan, queue_work
from accelsim.passes.value_costs import Tally
from accelsim.program.dram_traffic import Boxes
from accelsim.program.jobs import Job, Program
from accelsim.stats import Actions


def total_work(program: Program) -> Work:
    """The sum of what the jobs ask for, each as it is."""
    known: dict[object, Work] = {}
    times: Counter[object] = Counter()
    for job in program.jobs:
        tile = job.work.tile
        kind = (job.shape, job.work.first, job.work.last, job.load, tile.c, tile.e, tile.f, tile.r, tile.s)
        if kind not in known:
            known[kind] = _work(program, job)
        times[kind] += 1
    total = {name: sum(n * getattr(known[kind], name) for kind, n in times.items()) for name in Work._fields}
    return Work(**total | _fetched(program))


def _work(program: Program, job: Job) -> Work:
    plan, layer, arch = program.plans[job.shape], program.layer, program.arch
    if isinstance(plan, Plan):
        return work_of(plan, job.work, layer, arch, load=job.load)
    if isinstance(plan, QueuePlan):
        return queue_work(plan, job.work, layer, arch, load=job.load)
    return stream_work(plan, job.work, layer, arch, load=job.load)


def _fetched(program: Program) -> dict[str, int]:
    """Words that DRAM gives, uncoded."""
    boxes = Counter(job.work.ifmap for job in program.jobs if job.new_ifmap)
    return {
        "ifmap_fills": sum(n * ifmap_words(program.layer, box, program.arch) for box, n in boxes.items()),
        "weight_fills": sum(weight_words(job.work.weights) for job in program.jobs if job.new_weights),
    }


def on_chip(program: Program, work: Work, spared: MacFates, tally: Tally | None, boxes: Boxes) -> Actions:
    """The actions of *work*, of whose MACs some are *spared*; of what depends on values, those of *tally*."""
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
        coded = _coded_memory(program, boxes, operand)
        counts = Actions({**counts, **coded})
    return counts


def _with(work: Work, tally: Tally, arch: Arch) -> Work:
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


def _coded_memory(program: Program, boxes: Boxes, operand: Literal["ifmap", "weight"]) -> Actions:
    """Accesses to a memory that keeps *operand* coded, in words, in place of those to words as they are."""
    formats = getattr(program.arch.sparsity.formats, operand)
    if formats.glb is None or not boxes.coded:
        return Actions()
    counts, bits = Actions(), program.arch.bits(operand)
    for job in program.jobs:
        fetched = job.new_ifmap if operand == "ifmap" else job.new_weights
        fill = boxes.ifmap(job.work.ifmap) if operand == "ifmap" else boxes.weights(job.work.weights)
        words = -(-fill.glb.bits // bits)
        read = operand == "ifmap" or job.load
        counts[f"glb.write:{operand}"] += words * fetched
        counts[f"glb.read:{operand}"] += words * read
        if formats.spad is None:
            counts[f"codec.decode:{operand}"] += fill.glb.entries * read
    return counts
