"""The machine: its parts, put together, and the sequencer that runs one pass after the other on the array."""

from collections.abc import Iterator

import numpy as np
import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.array import Array, Buses, RunningPass
from accelsim.engines.reference.buffer import Buffers, InputBuffer, PsumBuffer
from accelsim.engines.reference.bus import InputBus, OfmapBus, PsumBus
from accelsim.engines.reference.dram import Dram, DramLinkPart
from accelsim.engines.reference.job_events import JobEvents
from accelsim.engines.reference.waiting import Part, why_stuck
from accelsim.engines.timing import Outcome
from accelsim.errors import SimulationError
from accelsim.mapping.operands import Operands
from accelsim.program.jobs import Job, Program
from accelsim.stats import Actions, add


class Machine(Part):
    """The sequencer of the array, with everything around it.

    Takes:  fills from the DRAM link. Gives: passes to the array and its buses, in order.
    Cycles: what PEs of the coming pass wait for between passes (``blocked``, ``no_weight``, ``no_ifmap``).
    """

    def __init__(self, program: Program, operands: Operands | None) -> None:
        super().__init__("array")
        self._program, self._actions = program, Actions()
        arch = program.arch
        self._env = env = simpy.Environment()
        self._job_events = JobEvents(env, len(program.jobs))
        self._weight_bus = InputBus(env, "weight", arch, self._actions)
        self._ifmap_bus = InputBus(env, "ifmap", arch, self._actions)
        self._psum_bus = PsumBus(env, "psum", arch, self._actions)
        self._ofmap_bus = OfmapBus(env, "ofmap", arch, self._actions)
        self._buffers = Buffers(
            InputBuffer("weight", self._actions, counted=bool(arch.paths.weight.memories)),
            InputBuffer("ifmap", self._actions, counted=bool(arch.paths.ifmap.memories)),
            PsumBuffer(env, self._actions),
        )
        buses = Buses(self._weight_bus, self._ifmap_bus, self._psum_bus, self._ofmap_bus)
        self._array = Array(env, program, buses, operands, self._actions)
        self._dram = Dram(program.layer, operands, type(arch.datapath.zero))
        self._dram_link = DramLinkPart(env, program, self._dram, self._buffers, self._job_events)
        self._array_cycles = self._end = 0

    def run(self) -> Outcome:
        """Run the layer to its end.

        Raises:
            SimulationError: if the machine stops before, or an accumulator overflows.
        """
        end = self._env.process(self._sequence())
        self._env.process(self._collect())
        self._env.process(self._dram_link.run(self, self._ofmap_bus))
        self._env.run()
        if not end.processed:
            raise SimulationError(why_stuck(self))
        assert self._env.now <= self._end + 1, "after the last ofmap word, only places become free"
        return self._outcome()

    def _sequence(self) -> ProcessGenerator:
        """Every pass in its turn, until the last ofmap word is in DRAM."""
        for pe in self._array.pes:
            pe.waits_for = "a pass from", self
        yield self._env.timeout(self._program.arch.configuration_cycles)
        for job in self._program.jobs:
            yield from self._gather(job)
            yield from self._execute(job)
        yield from self.until(self._job_events.written[-1], "the last psum written by", self._ofmap_bus)
        yield from self.until(self._job_events.drained[-1], "the ofmap taken by", self._dram_link)
        self._end = int(self._env.now)

    def _gather(self, job: Job) -> ProcessGenerator:
        """Wait until *job* may start; the PEs it needs wait with it, for one cause at a time."""
        for cause, event, what, whom in self._conditions(job):
            for pe in self._program.plans[job.shape].pes.flat:
                self._array.pes[int(pe)].time.enter(cause)
            yield from self.until(event, what, whom)

    def _conditions(self, job: Job) -> Iterator[tuple[str, simpy.Event, str, Part]]:
        at, i = self._job_events, job.index
        if i >= 2:
            yield "blocked.bus", at.written[i - 2], "the last psum written by", self._ofmap_bus
        if job.region_after is not None:
            yield "blocked.dram", at.drained[job.region_after], "psum banks freed by", self._dram_link
        if job.new_weights:
            yield "no_weight.dram", at.weights_in[i], "weights from", self._dram_link
        if job.new_ifmap:
            yield "no_ifmap.dram", at.ifmap_in[i], "ifmap from", self._dram_link

    def _execute(self, job: Job) -> ProcessGenerator:
        """Run *job* on the array until that is free."""
        process, at, buffers = self._env.process, self._job_events, self._buffers
        wiring = self._array.wire(job.index)
        buffers.weight.serve(job.index, reads=job.load)
        buffers.ifmap.serve(job.index)
        process(self._weight_bus.run(wiring.weight, buffers.weight, at.loaded[job.index]))
        process(self._ifmap_bus.run(wiring.ifmap, buffers.ifmap))
        process(self._psum_bus.run(wiring.psum, buffers.psum, self._ofmap_bus))
        for pe, done in [(pe, process(work)) for pe, work in wiring.work]:
            yield from self.until(done, "the end of the pass in", pe)
        for pe, _ in wiring.work:
            pe.waits_for = "a pass from", self
        yield from self._release(job, wiring)

    def _release(self, job: Job, wiring: RunningPass) -> ProcessGenerator:
        """The PEs of *job* are done; the array is free when nothing else holds it."""
        at = self._job_events
        if wiring.drained:
            yield from self.until(at.collected[job.index], "the last psum taken by", self._ofmap_bus)
        yield self._env.timeout(wiring.tail)
        self._array_cycles = int(self._env.now)
        at.over[job.index].succeed()

    def _collect(self) -> ProcessGenerator:
        """The ofmap bus, pass after pass."""
        at = self._job_events
        for i in range(len(self._program.jobs)):
            words = self._array.outputs(i)
            yield from self._ofmap_bus.run(words, self._buffers.psum, at.written[i], at.collected[i])

    def _outcome(self) -> Outcome:
        add(self._actions, self._dram_link.actions)
        return Outcome(
            cycles=self._end,
            array_cycles=self._array_cycles,
            causes=np.stack([pe.time.cycles(self._end) for pe in self._array.pes], axis=1),
            actions=+self._actions,
            dense_dram=self._dram_link.dense,
            ofmap=None if self._dram.operands is None else self._dram.ofmap,
        )
