"""A layer between its passes: starts, fills and drains as one recurrence, equal passes evaluated once."""

from __future__ import annotations

from collections import Counter

import numpy as np

from accelsim.boxes import ifmap_words, psums_of
from accelsim.counts import Work, actions, dense_dram
from accelsim.fast.array import run_pass
from accelsim.fast.boundary import binds, left_over, nothing
from accelsim.fast.link import Link
from accelsim.fast.stream import run_stream
from accelsim.fast.timing import Boundary, PassTiming
from accelsim.fast.values import assemble
from accelsim.outcome import Outcome
from accelsim.plan import Plan, Shape, work_of
from accelsim.program import Job, Program, Request, requests
from accelsim.stats import CAUSE, CAUSES, Actions, CauseMap, add
from accelsim.stream import stream_work
from accelsim.traffic import Operands, ifmap_bits, ofmap_bits, weight_bits, weight_words
from accelsim.workload import IntArray


def simulate(program: Program, operands: Operands | None) -> Outcome:
    """Simulate *program*; without *operands*, timing and dense counts only.

    Raises:
        SimulationError: on a circular wait or an accumulator overflow.
    """
    ofmap, gated = None, 0
    if operands is not None:
        passes = (job.work for job in program.jobs)
        ofmap, zeros = assemble(program.layer, passes, program.arch, operands.ifmap, operands.weight)
        gated = zeros if program.arch.pe.zero_gating else 0
    return finish(program, operands, ofmap, gated)


def finish(program: Program, operands: Operands | None, ofmap: IntArray | None, gated: int) -> Outcome:
    """The outcome of *program* whose values are already known."""
    clock = _Clock(program, operands, ofmap)
    cycles = clock.run()
    work = total_work(program)
    dense = dense_dram(work)
    on_chip = Actions()
    add(on_chip, actions(work, program.arch, gated))
    add(on_chip, clock.dram)
    return Outcome(cycles, clock.array_cycles, clock.causes(cycles), on_chip, +dense, ofmap)


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
    plan = program.plans[job.shape]
    if isinstance(plan, Plan):
        return work_of(plan, job.work, program.layer, program.arch, load=job.load)
    return stream_work(plan, job.work, program.layer, program.arch, load=job.load)


def _fetched(program: Program) -> dict[str, int]:
    """Words that DRAM gives, uncoded."""
    boxes = Counter(job.work.ifmap for job in program.jobs if job.new_ifmap)
    return {
        "ifmap_fills": sum(n * ifmap_words(program.layer, box, program.arch) for box, n in boxes.items()),
        "weight_fills": sum(weight_words(job.work.weights) for job in program.jobs if job.new_weights),
    }


class _Clock:
    """Runs the jobs in order; what is known of a job is its start and its course."""

    def __init__(self, program: Program, operands: Operands | None, ofmap: IntArray | None) -> None:
        self.program, self.operands, self.ofmap = program, operands, ofmap
        self.arch = program.arch
        self.link = Link(self.arch)
        self.dram = Actions()
        self.starts: list[int] = []
        self.courses: list[PassTiming] = []
        self._done: dict[Request, int] = {}
        self._waiting = requests(list(program.jobs))
        self._times: Counter[int] = Counter()  # by identity of the course
        self._shapes: dict[int, tuple[Shape, PassTiming]] = {}
        self._gaps: dict[Shape, IntArray] = {}
        self._alone: dict[tuple[Shape, bool, bool], PassTiming] = {}  # on an idle ofmap bus
        self._ifmap_bits: dict[tuple[object, ...], int] = {}

    def run(self) -> int:
        """Cycles until the last ofmap word is in DRAM."""
        for job in self.program.jobs:
            start = self._start(job)
            course = self._course(job, start)
            self.starts.append(start)
            self.courses.append(course)
            self._times[id(course)] += 1
            self._shapes[id(course)] = (job.shape, course)
        last = len(self.program.jobs) - 1
        drained = self._served(Request("ofmap", last))
        return max(self._end(last), self._written(last), drained)

    def causes(self, cycles: int) -> CauseMap:
        """Cycles by cause and PE, the rest of each PE's cycles idle."""
        causes = np.zeros((len(CAUSES), self.arch.array.pes), np.int64)
        for key, times in self._times.items():
            shape, course = self._shapes[key]
            pes = self.program.plans[shape].pes.ravel()
            causes[:, pes] += times * course.causes.reshape(len(CAUSES), -1)
        for shape, gap in self._gaps.items():
            causes[:, self.program.plans[shape].pes.ravel()] += gap[:, None]
        causes[CAUSE["idle"]] = cycles - causes.sum(axis=0)
        return causes

    @property
    def array_cycles(self) -> int:
        """When the last pass is over."""
        return self._end(len(self.courses) - 1)

    def _end(self, job: int) -> int:
        return self.starts[job] + self.courses[job].end

    def _written(self, job: int) -> int:
        return self.starts[job] + self.courses[job].written

    def _start(self, job: Job) -> int:
        """When the array starts *job*; the wait since it was free goes to whatever ends last."""
        i, now = job.index, self.arch.configuration_cycles
        waits = {}
        if i >= 1:
            now = self._end(i - 1)
        if i >= 2:
            waits["blocked.bus"] = self._written(i - 2)
        if job.region_after is not None:
            waits["blocked.dram"] = self._served(Request("ofmap", job.region_after))
        if job.new_weights:
            waits["no_weight.dram"] = self._served(Request("weight", i))
        if job.new_ifmap:
            waits["no_ifmap.dram"] = self._served(Request("ifmap", i))
        gap = self._gaps.setdefault(job.shape, np.zeros(len(CAUSES), np.int64))
        for cause, until in waits.items():
            gap[CAUSE[cause]] += max(0, until - now)
            now = max(now, until)
        return now

    def _served(self, wanted: Request) -> int:
        """When the link is done with *wanted*, after all that the program puts before it."""
        while wanted not in self._done:
            request = next(self._waiting)
            job = self.program.jobs[request.job]
            self._done[request] = self.link.serve(self._ready(request.kind, job), self._bits(request, job))
        return self._done[wanted]

    def _ready(self, kind: str, job: Job) -> int:
        if kind == "ofmap":
            return self._written(job.index)
        after = job.weights_after if kind == "weight" else job.ifmap_after
        if after is None:
            return self.arch.configuration_cycles
        if kind == "weight" and self.arch.filter_glb is not None:
            return self.starts[after] + self.courses[after].loaded
        return self._end(after)

    def _bits(self, request: Request, job: Job) -> int:
        """Bits of *request*, counted as DRAM words."""
        arch, layer, tile = self.arch, self.program.layer, job.work.tile
        if request.kind == "weight":
            bits = weight_bits(job.work.weights, arch)
            self.dram["dram.read:weight"] += -(-bits // arch.word_bits)
        elif request.kind == "ifmap":
            box = job.work.ifmap.of("ifmap")
            if box not in self._ifmap_bits:
                self._ifmap_bits[box] = ifmap_bits(layer, job.work.ifmap, arch, self.operands)
            bits = self._ifmap_bits[box]
            self.dram["dram.read:ifmap"] += -(-bits // arch.word_bits)
        else:
            words = len(tile.n) * len(tile.m) * len(tile.e) * len(tile.f)
            bits = ofmap_bits(arch, words, self._psums(job), self.operands)
            self.dram["dram.write:psum"] += -(-bits // arch.psum_word_bits)
        return bits

    def _psums(self, job: Job) -> IntArray | None:
        return None if self.ofmap is None else psums_of(self.program.layer, job.work.tile, self.ofmap)

    def _course(self, job: Job, start: int) -> PassTiming:
        course = self._evaluate(job, None)
        if job.index == 0:
            return course
        before, elapsed = self.courses[-1], start - self.starts[-1]
        if not binds(before, elapsed, course, self.arch, follows_write=job.follows_write):
            return course
        plans = self.program.plans
        before_plan = plans[self.program.jobs[job.index - 1].shape]
        boundary = left_over(
            plans[job.shape], before, before_plan, elapsed, self.arch, follows_write=job.follows_write
        )
        return self._evaluate(job, boundary)

    def _evaluate(self, job: Job, boundary: Boundary | None) -> PassTiming:
        plan, reads = self.program.plans[job.shape], not job.work.first
        kind = (job.shape, job.load, reads)
        if boundary is None and kind in self._alone:
            return self._alone[kind]
        before = boundary or nothing(plan, self.arch)
        run = run_pass if isinstance(plan, Plan) else run_stream
        course: PassTiming = run(plan, self.arch, load=job.load, reads=reads, before=before)
        if boundary is None:
            self._alone[kind] = course
        return course
