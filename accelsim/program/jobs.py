"""The order of a layer between its passes: what each pass waits for, and what the DRAM link serves when.

A static description, fixed by the mapping before time starts; both engines obey it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from accelsim.errors import LegalityError
from accelsim.machine import Arch, Banks, Operand
from accelsim.mapping.nest import Dim, Mapping, Pass
from accelsim.mapping.operands import Operands
from accelsim.network.layer import Layer
from accelsim.passes import StreamPlan, make_stream
from accelsim.passes.primitive import Plan, is_primitive, make_plan
from accelsim.passes.queue import QueuePlan, make_queues
from accelsim.passes.shape import Shape, shape_of
from accelsim.program.dram_traffic import Boxes

AnyPlan = Plan | StreamPlan | QueuePlan
RequestKind = Literal["weight", "ifmap", "ofmap"]
PSUM_DIMS: tuple[Dim, ...] = ("n", "m", "e", "f")


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
    weights_after: (
        int | None
    )  # whose weights must have left their memory (without one: whose pass must be over)
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
    weights_after = _weight_waits(passes, new_weights, load, mapping, arch, boxes)
    ifmap_after = _ifmap_waits(passes, new_ifmap, mapping, arch, boxes)
    region_after = _region_waits(mapping, passes)
    return [
        Job(
            index=i,
            work=p,
            shape=shape_of(p.tile),
            new_weights=new_weights[i],
            new_ifmap=new_ifmap[i],
            load=load[i],
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


def _weight_banks(passes: list[Pass], arch: Arch, boxes: Boxes) -> int:
    """Banks of the GLB set aside for weights: for the largest box, where they share it."""
    if arch.filter_glb != "glb":
        return 0
    every = {id(p.weights): p.weights for p in passes}.values()
    return max(boxes.banks("weight", boxes.weights(box), arch.buffer) for box in every)


def _ifmap_waits(
    passes: list[Pass], new: list[bool], mapping: Mapping, arch: Arch, boxes: Boxes
) -> list[int | None]:
    if not arch.ifmap_via_glb:
        return [None] * len(passes)

    def banks(i: int) -> int:
        return boxes.banks("ifmap", boxes.ifmap(passes[i].ifmap), arch.buffer)

    psums = arch.buffer.banks_for(mapping.psum_words, arch.bits("psum"))
    room = arch.buffer.banks - psums - _weight_banks(passes, arch, boxes)
    with boxes.overflowing():
        return _ring(new, banks, room, lambda first, following: following - 1)


def _weight_waits(
    passes: list[Pass], new: list[bool], load: list[bool], mapping: Mapping, arch: Arch, boxes: Boxes
) -> list[int | None]:
    if arch.filter_glb is None:  # nowhere to put them but the PEs
        return [i - 1 if fresh and i else None for i, fresh in enumerate(new)]
    memory = arch.filter_glb if isinstance(arch.filter_glb, Banks) else arch.buffer

    def banks(i: int) -> int:
        return boxes.banks("weight", boxes.weights(passes[i].weights), memory)

    def last_reader(first: int, following: int) -> int:
        if "weight" not in mapping.keeps:
            return following - 1
        return max(i for i in range(first, following) if load[i])

    room = memory.banks if isinstance(arch.filter_glb, Banks) else _weight_banks(passes, arch, boxes)
    with boxes.overflowing():
        return _ring(new, banks, room, last_reader)


def _ring(
    new: list[bool], banks_of: Callable[[int], int], capacity: int, last_user: Callable[[int, int], int]
) -> list[int | None]:
    """For each fill, the last user of the fill whose banks it needs.

    Fills take free banks in order and give them back in order, each when the last job that reads it,
    *last_user* of its first job and that of the next fill, is done with it.
    """
    waits: list[int | None] = [None] * len(new)
    held: deque[tuple[int, int]] = deque()  # (first job, banks)
    used, after = 0, None
    for i, fresh in enumerate(new):
        if not fresh:
            continue
        banks = banks_of(i)
        if banks > capacity:
            raise LegalityError(f"pass {i}: a box needs {banks} banks, has {max(capacity, 0)}")
        while used + banks > capacity:
            first, freed = held.popleft()
            used -= freed
            after = last_user(first, held[0][0] if held else i)
        waits[i] = after
        held.append((i, banks))
        used += banks
    return waits


def _region_waits(mapping: Mapping, passes: list[Pass]) -> list[int | None]:
    """The job that last left a finished ofmap where this one writes psums."""
    cuts = [
        (dim, mapping.step("dram", dim), mapping.step("glb", dim))
        for dim in PSUM_DIMS
        if mapping.step("glb", dim) < mapping.step("dram", dim)
    ]
    steps = [(dim, mapping.step("dram", dim)) for dim in PSUM_DIMS]
    drained: dict[tuple[int, ...], int] = {}
    waits, last, number = [], None, -1
    for i, p in enumerate(passes):
        block = (p.tile.g.start, *(getattr(p.tile, dim).start // step for dim, step in steps))
        if block != last:
            last, number = block, (number + 1) % mapping.psum_blocks
        within = (getattr(p.tile, dim).start % whole // step for dim, whole, step in cuts)
        region = (number, *within)
        waits.append(drained.get(region))
        if p.last:
            drained[region] = i
    return waits


@dataclass(frozen=True)
class Program:
    """A layer on a machine, all but the values: what both engines run."""

    layer: Layer
    mapping: Mapping
    arch: Arch
    jobs: tuple[Job, ...]
    plans: dict[Shape, AnyPlan]

    def table_bits(self, job: Job) -> int:
        """Bits of the datapath's table that come with the weights of *job*: all with the first of a layer."""
        return self.arch.datapath.table_bits(self.arch.word_bits) if job.index == 0 else 0


def make_program(mapping: Mapping, arch: Arch, operands: Operands | None = None) -> Program:
    """The jobs of *mapping* on *arch* with the plan of every shape among them.

    Only where the GLB keeps words coded does it depend on *operands*, without which they take their planned
    size.

    Raises:
        Overflow: if a coded box does not fit the GLB.
    """
    jobs = tuple(make_jobs(mapping, arch, operands))
    make: Callable[[Mapping, Arch, Shape], AnyPlan] = make_stream
    if is_primitive(mapping):
        make = make_plan
    elif mapping.sharing == "queue":
        make = make_queues
    plans = {shape: make(mapping, arch, shape) for shape in dict.fromkeys(job.shape for job in jobs)}
    return Program(mapping.layer, mapping, arch, jobs, plans)
