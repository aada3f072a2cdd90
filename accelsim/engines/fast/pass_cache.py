"""The course of each pass of a layer, whatever its kind; equal passes are evaluated once."""

from __future__ import annotations

from typing import Any

from accelsim.engines.fast.backlog import nothing
from accelsim.engines.fast.pass_timing import Backlog, PassTiming
from accelsim.engines.fast.primitive import evaluate, run_pass
from accelsim.engines.fast.queue import run_queues
from accelsim.engines.fast.walk import run_stream
from accelsim.mapping.operands import Operands
from accelsim.passes.kinds import AnyPlan
from accelsim.passes.primitive import Plan
from accelsim.passes.queue import QueuePlan
from accelsim.passes.queue_costs import Queued, QueueReader, dense
from accelsim.passes.repeats import RepeatReader
from accelsim.passes.shape import Shape
from accelsim.passes.value_costs import Reader, Tally, ValueCosts, depends_on_values
from accelsim.program.jobs import Job, Program


class PassCache:
    """Evaluates the passes of *program* in order."""

    def __init__(self, program: Program, operands: Operands | None) -> None:
        self._program, self._arch = program, program.arch
        self.tally: Tally | None = None
        self._alone: dict[tuple[Shape, bool, bool], PassTiming] = {}  # on an idle ofmap bus
        self._reader: Reader | QueueReader | None = None
        self._read: tuple[int, ValueCosts | Queued | None] = (-1, None)  # of the last job
        if operands is not None and depends_on_values(self._arch):
            own = RepeatReader if self._arch.datapath.by_values else Reader
            kind = QueueReader if program.mapping.sharing == "queue" else own
            self._reader = kind(program.mapping, self._arch, operands)
            self.tally = Tally()

    def evaluate(self, job: Job, backlog: Backlog | None) -> PassTiming:
        """The course of *job* after what *backlog* says; by default the ofmap bus is idle."""
        plan, kind = self._program.plans[job.shape], (job.shape, job.load, not job.work.first)
        if backlog is None and kind in self._alone:
            return self._alone[kind]
        course = self._run(plan, job, backlog or nothing(plan, self._arch))
        if backlog is None and self._reader is None:
            self._alone[kind] = course
        return course

    def _run(self, plan: AnyPlan, job: Job, before: Backlog) -> PassTiming:
        contents = self._contents(plan, job)
        if isinstance(plan, QueuePlan):
            queued = contents if isinstance(contents, Queued) else dense(plan, self._arch)
            return run_queues(plan, self._arch, queued, load=job.load, before=before)
        reads = not job.work.first
        if isinstance(plan, Plan) and isinstance(contents, ValueCosts):
            return evaluate(plan, self._arch, contents, load=job.load, reads=reads, before=before)
        run = run_pass if isinstance(plan, Plan) else run_stream
        course: PassTiming = run(plan, self._arch, load=job.load, reads=reads, before=before)
        return course

    def _contents(self, plan: AnyPlan, job: Job) -> ValueCosts | Queued | None:
        """What values make of *job*, which is counted once."""
        if self._reader is None or self.tally is None:
            return None
        index, contents = self._read
        if index != job.index:
            read: Any = self._reader.read  # plans of a program, and its reader, are of one kind
            contents = read(plan, job.work, load=job.load)
            self._read = job.index, contents
            self.tally += contents.tally
        return contents
