"""The order of a layer between its passes: what each pass waits for, and what the DRAM link serves when.

A static description, fixed by the mapping before time starts; both engines obey it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from accelsim.arch import Arch
from accelsim.errors import LegalityError
from accelsim.mapping import Mapping, Pass
from accelsim.plan import Plan, Shape, ifmap_words, make_plan, shape_of
from accelsim.workload import Layer

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
    new_weights: bool  # not the weights of the job before
    new_ifmap: bool  # not the ifmap box of the job before
    weights_after: (
        int | None
    )  # whose weights must have left the filter GLB (without one: whose pass must be over)
    ifmap_after: int | None  # whose pass must be over before the ifmap banks can be refilled
    region_after: int | None  # whose ofmap must be in DRAM before this job writes psums
    follows_write: bool  # reads psums that the job before wrote


def make_jobs(mapping: Mapping, arch: Arch) -> list[Job]:
    """The jobs of *mapping* in order."""
    layer = mapping.layer
    psum_words = mapping.step("dram", "n") * mapping.step("dram", "m") * mapping.step("dram", "e") * layer.f
    psum_banks = arch.glb.banks_for(psum_words, arch.psum_word_bits)
    passes = list(mapping.passes())
    weight_boxes = [(p.tile.g, p.tile.m, p.tile.c, p.tile.r, p.tile.s) for p in passes]
    ifmap_boxes = [(p.tile.g, p.tile.n, p.tile.c, p.tile.e, p.tile.r, p.tile.s) for p in passes]
    psum_boxes = [(p.tile.g, p.tile.n, p.tile.m, p.tile.e) for p in passes]
    new_weights, new_ifmap = _changes(weight_boxes), _changes(ifmap_boxes)

    def ifmap_banks(i: int) -> int:
        return arch.glb.banks_for(ifmap_words(layer, passes[i].tile, arch), arch.word_bits)

    ifmap_after = _ring(new_ifmap, ifmap_banks, arch.glb.banks - psum_banks)
    weights_after = _weight_waits(passes, new_weights, arch)
    region_after = _region_waits(mapping, passes)
    return [
        Job(
            index=i,
            work=p,
            shape=shape_of(p.tile),
            new_weights=new_weights[i],
            new_ifmap=new_ifmap[i],
            weights_after=weights_after[i],
            ifmap_after=ifmap_after[i],
            region_after=region_after[i],
            follows_write=not p.first and psum_boxes[i] == psum_boxes[i - 1],
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


def _changes(boxes: Sequence[tuple[range, ...]]) -> list[bool]:
    return [i == 0 or box != boxes[i - 1] for i, box in enumerate(boxes)]


def _weight_waits(passes: list[Pass], new: list[bool], arch: Arch) -> list[int | None]:
    if arch.filter_glb is None:  # nowhere to put them but the PEs
        return [i - 1 if fresh and i else None for i, fresh in enumerate(new)]
    memory = arch.filter_glb

    def banks(i: int) -> int:
        tile = passes[i].tile
        words = len(tile.m) * len(tile.c) * len(tile.r) * len(tile.s)
        return memory.banks_for(words, arch.word_bits)

    return _ring(new, banks, memory.banks, release_at_load=True)


def _ring(
    new: list[bool], banks_of: Callable[[int], int], capacity: int, *, release_at_load: bool = False
) -> list[int | None]:
    """For each fill, the last user of the fill whose banks it needs.

    Fills take free banks in order and give them back in order. A fill that is only loaded
    (weights) is used by its first job alone, others by every job until the next fill.
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
            following = held[0][0] if held else i
            after = first if release_at_load else following - 1
        waits[i] = after
        held.append((i, banks))
        used += banks
    return waits


def _region_waits(mapping: Mapping, passes: list[Pass]) -> list[int | None]:
    """The job that last left a finished ofmap where this one writes psums."""
    block, step = mapping.step("dram", "m"), mapping.step("glb", "m")
    drained: dict[int, int] = {}
    waits = []
    for i, p in enumerate(passes):
        region = (p.tile.m.start % block) // step
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
    plans: dict[Shape, Plan]


def make_program(mapping: Mapping, arch: Arch) -> Program:
    """The jobs of *mapping* on *arch* with the plan of every shape among them."""
    jobs = tuple(make_jobs(mapping, arch))
    plans = {shape: make_plan(mapping, arch, shape) for shape in dict.fromkeys(job.shape for job in jobs)}
    return Program(mapping.layer, mapping, arch, jobs, plans)
