"""The order of a layer between its passes: what each pass waits for, and what the DRAM link serves when.

A static description, fixed by the mapping before time starts; both engines obey it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from accelsim.machine import Arch, Operand
from accelsim.mapping.nest import Mapping, Pass
from accelsim.mapping.operands import Operands
from accelsim.mapping.work import Work
from accelsim.network.layer import Layer
from accelsim.passes.build import check_mapping, make_plan
from accelsim.passes.protocol import Plan
from accelsim.passes.shape import Shape, shape_of
from accelsim.program.dram_traffic import Boxes, Fill, with_table
from accelsim.program.waits import Fetched, ifmap_waits, region_waits, weight_waits

RequestKind = Literal["weight", "ifmap", "ofmap"]


class Request(NamedTuple):
    """One transfer on the DRAM link: weights or ifmap of a job in, ofmap of a job out."""

    kind: RequestKind
    job: int


@dataclass(frozen=True)
class Job:
    """One pass with what it must wait for; numbers are those of earlier jobs, None is nothing.

    A job starts when the array is free, its fills are done, the ofmap bus has drained the
    job before the last, and its psum region has gone to DRAM.
    """

    index: int
    work: Pass
    shape: Shape
    new_weights: bool  # its box of weights is fetched for it
    new_ifmap: bool  # the same of its ifmap
    load: bool  # what its PEs keep is not what they kept in the job before
    weight_fill: Fill  # what its box of weights takes, whether it is fetched or there already
    ifmap_fill: Fill
    weights_after: int | None  # whose weights must have left their memory; without one, whose pass is over
    ifmap_after: int | None  # whose pass must be over before the ifmap banks can be refilled
    region_after: int | None  # whose ofmap must be in DRAM before this job writes psums
    follows_write: bool  # reads psums that the job before wrote


def make_jobs(mapping: Mapping, arch: Arch, operands: Operands | None) -> list[Job]:
    """The jobs of *mapping* in order; boxes that the GLB keeps coded are as large as *operands* make them."""
    passes = list(mapping.passes())
    kept: Operand = "weight" if "weight" in mapping.keeps else "ifmap"
    load = [i == 0 or p.tile.of(kept) != passes[i - 1].tile.of(kept) for i, p in enumerate(passes)]
    new_weights = [i == 0 or p.weight_fetch != passes[i - 1].weight_fetch for i, p in enumerate(passes)]
    new_ifmap = [i == 0 or p.ifmap_fetch != passes[i - 1].ifmap_fetch for i, p in enumerate(passes)]
    boxes = Boxes(mapping, arch, operands)
    weights = Fetched(with_table(boxes.fills("weight", (p.weights for p in passes)), arch), new_weights)
    ifmap = Fetched(boxes.fills("ifmap", (p.ifmap for p in passes)), new_ifmap)
    weights_after = weight_waits(weights, load, boxes)
    ifmap_after = ifmap_waits(weights, ifmap, boxes)
    region_after = region_waits(mapping, passes)
    return [
        Job(
            index=i,
            work=p,
            shape=shape_of(p.tile),
            new_weights=new_weights[i],
            new_ifmap=new_ifmap[i],
            load=load[i],
            weight_fill=weights.fills[i],
            ifmap_fill=ifmap.fills[i],
            weights_after=weights_after[i],
            ifmap_after=ifmap_after[i],
            region_after=region_after[i],
            follows_write=not p.first and p.tile.of("psum") == passes[i - 1].tile.of("psum"),
        )
        for i, p in enumerate(passes)
    ]


def requests(jobs: list[Job]) -> Iterator[Request]:
    """What the link serves, in order: while a job runs, the last one's ofmap, then the next one's fills."""
    yield from _fills(jobs[0])
    for i in range(len(jobs)):
        if i > 0 and jobs[i - 1].work.last:
            yield Request("ofmap", i - 1)
        if i + 1 < len(jobs):
            yield from _fills(jobs[i + 1])
    yield Request("ofmap", len(jobs) - 1)


def _fills(job: Job) -> Iterator[Request]:
    if job.new_weights:
        yield Request("weight", job.index)
    if job.new_ifmap:
        yield Request("ifmap", job.index)


@dataclass(frozen=True)
class Program:
    """A layer on a machine: what both engines run; of the values it has the sizes of what is coded."""

    layer: Layer
    mapping: Mapping
    arch: Arch
    jobs: tuple[Job, ...]
    plans: dict[Shape, Plan]
    work: Work[int]  # of all jobs, each as it is
    knows_values: bool  # what is coded has the size that it has; else it is as if it were not coded

    def is_made_for(self, operands: Operands | None) -> bool:
        """Whether it runs with *operands*: any, where no box is coded, else those that it was made for."""
        formats = self.arch.sparsity.formats
        return self.knows_values == (operands is not None) or not (
            formats.ifmap.codes or formats.weight.codes
        )


def make_program(mapping: Mapping, arch: Arch, operands: Operands | None = None) -> Program:
    """The jobs of *mapping* on *arch* with the plan of every shape among them.

    Where ifmaps or weights are coded, it is made for *operands* and runs with them alone; without, coded
    boxes in the GLB take their planned size.

    Raises:
        LegalityError: if there are no such passes, or a format cannot code the values of a box.
        Overflow: if a coded box does not fit the GLB.
    """
    check_mapping(mapping)
    jobs = tuple(make_jobs(mapping, arch, operands))
    plans = {shape: make_plan(mapping, arch, shape) for shape in dict.fromkeys(job.shape for job in jobs)}
    layer = mapping.layer
    return Program(
        layer, mapping, arch, jobs, plans, _total_work(layer, arch, jobs, plans), operands is not None
    )


def _total_work(layer: Layer, arch: Arch, jobs: Sequence[Job], plans: dict[Shape, Plan]) -> Work[int]:
    """The sum of what *jobs* ask for, each as it is."""
    known: dict[object, Work[int]] = {}
    times: Counter[object] = Counter()
    for job in jobs:
        tile = job.work.tile
        kind = (job.shape, job.work.first, job.work.last, job.load, tile.c, tile.e, tile.f, tile.r, tile.s)
        if kind not in known:
            known[kind] = plans[job.shape].work(job.work, layer, arch, load=job.load)
        times[kind] += 1
    total = {name: sum(n * getattr(known[kind], name) for kind, n in times.items()) for name in Work._fields}
    return Work(**total)._replace(
        ifmap_fills=sum(job.ifmap_fill.words for job in jobs if job.new_ifmap),
        weight_fills=sum(job.weight_fill.words for job in jobs if job.new_weights),
    )
