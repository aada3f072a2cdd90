"""The course of each pass of a layer, whatever its kind; equal passes are evaluated once."""

from accelsim.engines.fast.backlog import nothing
from accelsim.engines.fast.kernels import run_pass
from accelsim.engines.fast.pass_timing import Backlog, PassTiming
from accelsim.mapping.operands import Operands
from accelsim.passes.build import reader_of
from accelsim.passes.protocol import PassCosts, ValueReader
from accelsim.passes.shape import Shape
from accelsim.passes.work import Tally
from accelsim.program.jobs import Job, Program


class PassCache:
    """Evaluates the passes of *program* in order."""

    def __init__(self, program: Program, operands: Operands | None) -> None:
        self._program, self._arch = program, program.arch
        self.tally: Tally | None = None
        self._alone: dict[tuple[Shape, bool, bool], PassTiming] = {}  # on an idle ofmap bus
        self._reader: ValueReader | None = None
        self._read: tuple[int, PassCosts | None] = (-1, None)  # of the last job
        if operands is not None:
            self._reader = reader_of(program.mapping, self._arch, operands)
        if self._reader is not None:
            self.tally = Tally()

    def evaluate(self, job: Job, backlog: Backlog | None) -> PassTiming:
        """The course of *job* after what *backlog* says; by default the ofmap bus is idle."""
        plan, kind = self._program.plans[job.shape], (job.shape, job.load, not job.work.first)
        if backlog is None and kind in self._alone:
            return self._alone[kind]
        before, reads = backlog or nothing(plan, self._arch), not job.work.first
        course = run_pass(plan, self._arch, self._costs(job), load=job.load, reads=reads, before=before)
        if backlog is None and self._reader is None:
            self._alone[kind] = course
        return course

    def _costs(self, job: Job) -> PassCosts | None:
        """What values make of *job*, which is counted once."""
        if self._reader is None or self.tally is None:
            return None
        index, costs = self._read
        if index != job.index:
            costs = self._reader.read(self._program.plans[job.shape], job.work, load=job.load)
            self._read = job.index, costs
            self.tally += costs.tally
        return costs
