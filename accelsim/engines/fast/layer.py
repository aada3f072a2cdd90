"""A layer between its passes: starts, fills and drains as one recurrence, equal passes evaluated once."""

import numpy as np

from accelsim.engines.fast.backlog import binds, left_over
from accelsim.engines.fast.counting import on_chip
from accelsim.engines.fast.link import LinkTimes
from accelsim.engines.fast.pass_cache import PassCache
from accelsim.engines.fast.pass_timing import PassTiming
from accelsim.engines.fast.values import assemble
from accelsim.engines.timing import Outcome
from accelsim.mapping.footprint import psums_of
from accelsim.mapping.operands import Operands, channels_of
from accelsim.mapping.work import ALL_MADE, MacFates, dense_dram
from accelsim.network.layer import IntArray, Tensor
from accelsim.passes.shape import Shape
from accelsim.passes.work import Tally
from accelsim.program.dram_traffic import ofmap_size
from accelsim.program.jobs import Job, Program, Request, requests
from accelsim.stats import CAUSE, CAUSES, Actions, CauseMap, add


def simulate(program: Program, operands: Operands | None) -> Outcome:
    """Simulate *program*; without *operands*, timing and dense counts only.

    Raises:
        SimulationError: on a circular wait or an accumulator overflow.
    """
    ofmap, spared = None, ALL_MADE
    if operands is not None:
        ofmap, spared = assemble(program, operands.ifmap, operands.weight)
    return finish(program, operands, ofmap, spared)


def finish(program: Program, operands: Operands | None, ofmap: Tensor | None, spared: MacFates) -> Outcome:
    """The outcome of *program* whose ofmap is already known, and how many of its MACs are gated."""
    assert program.is_made_for(operands), "boxes are coded by the values that run"
    clock = _Clock(program, operands, ofmap)
    cycles = clock.run()
    add(clock.actions, on_chip(program, spared, clock.tally))
    dense = +dense_dram(program.work)
    return Outcome(cycles, clock.array_cycles, clock.causes(cycles), clock.actions, dense, ofmap)


class _Clock:
    """Runs the jobs in order; of each it knows when it starts, and what the next ones wait for."""

    def __init__(self, program: Program, operands: Operands | None, ofmap: Tensor | None) -> None:
        self.program, self.operands, self.ofmap = program, operands, ofmap
        self.arch = program.arch
        self.link = LinkTimes(self.arch)
        self.actions = Actions()  # where the link ends
        self._courses = PassCache(program, operands)
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._written: list[int] = []
        self._loaded: list[int] = []
        self._last: PassTiming | None = None
        self._done: dict[Request, int] = {}
        self._waiting = requests(list(program.jobs))
        self._causes = np.zeros((len(CAUSES), self.arch.array.pes), np.int64)
        self._known: dict[int, tuple[Shape, PassTiming, int]] = {}  # by identity of the course: its times
        self._gaps: dict[Shape, IntArray] = {}

    def run(self) -> int:
        """Cycles until the last ofmap word is in DRAM."""
        for job in self.program.jobs:
            start = self._start(job)
            self._note(job, start, self._course(job, start))
        drained = self._served(Request("ofmap", len(self.program.jobs) - 1))
        return max(self._ends[-1], self._written[-1], drained)

    @property
    def array_cycles(self) -> int:
        """When the last pass is over."""
        return self._ends[-1]

    @property
    def tally(self) -> Tally | None:
        """What the passes did as their values had it; None if nothing depends on values."""
        return self._courses.tally

    def causes(self, cycles: int) -> CauseMap:
        """Cycles by cause and PE, the rest of each PE's cycles idle."""
        causes = self._causes.copy()
        for shape, course, times in self._known.values():
            causes[:, self._pes(shape)] += times * course.causes.reshape(len(CAUSES), -1)
        for shape, gap in self._gaps.items():
            causes[:, self._pes(shape)] += gap[:, None]
        causes[CAUSE["idle"]] = cycles - causes.sum(axis=0)
        return causes

    def _note(self, job: Job, start: int, course: PassTiming) -> None:
        """*job* runs *course* from *start* on."""
        self._starts.append(start)
        self._ends.append(start + course.end)
        self._written.append(start + course.written)
        self._loaded.append(start + course.loaded)
        self._last = course
        if self.tally is None:  # few courses, each many times
            _, _, times = self._known.get(id(course), (job.shape, course, 0))
            self._known[id(course)] = job.shape, course, times + 1
        else:
            self._causes[:, self._pes(job.shape)] += course.causes.reshape(len(CAUSES), -1)

    def _pes(self, shape: Shape) -> IntArray:
        return self.program.plans[shape].pes.ravel()

    def _start(self, job: Job) -> int:
        """When the array starts *job*; the wait since it was free goes to whatever ends last."""
        i, now = job.index, self.arch.configuration_cycles
        waits = {}
        if i >= 1:
            now = self._ends[i - 1]
        if i >= 2:
            waits["blocked.bus"] = self._written[i - 2]
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
            return self._written[job.index]
        after = job.weights_after if kind == "weight" else job.ifmap_after
        if after is None:
            return self.arch.configuration_cycles
        if kind == "weight" and self.arch.paths.weight.memories:
            return self._loaded[after]
        return self._ends[after]

    def _bits(self, request: Request, job: Job) -> int:
        """Bits of *request*; what that counts is counted."""
        arch, tile = self.arch, job.work.tile
        if request.kind == "ofmap":
            words = len(tile.n) * len(tile.m) * len(tile.e) * len(tile.f)
            channels = channels_of(self.program.layer, tile)
            size = ofmap_size(arch, words, self._psums(job), channels, self.operands)
            count = -(-size.bits // arch.bits("ofmap"))
            add(self.actions, {"dram.write:psum": count, "codec.encode:psum": size.entries})
            return size.bits
        fill = job.weight_fill if request.kind == "weight" else job.ifmap_fill
        add(self.actions, {f"dram.read:{request.kind}": -(-fill.dram.bits // arch.bits(request.kind))})
        add(self.actions, fill.coder)
        return fill.dram.bits

    def _psums(self, job: Job) -> Tensor | None:
        return None if self.ofmap is None else psums_of(self.program.layer, job.work.tile, self.ofmap)

    def _course(self, job: Job, start: int) -> PassTiming:
        """What *job* does; as if the ofmap bus were idle, where it cannot tell and such a course is known."""
        if self._last is None:
            return self._courses.evaluate(job, None)
        before, elapsed = self._last, start - self._starts[-1]
        if self.tally is None:
            course = self._courses.evaluate(job, None)
            if not binds(before, elapsed, course, self.arch, follows_write=job.follows_write):
                return course
        plans = self.program.plans
        before_plan = plans[self.program.jobs[job.index - 1].shape]
        backlog = left_over(
            plans[job.shape], before, before_plan, elapsed, self.arch, follows_write=job.follows_write
        )
        return self._courses.evaluate(job, backlog)
