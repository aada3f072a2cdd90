"""The array of a program whose PEs have queues, into which every activation is broadcast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import simpy

from accelsim.engines.reference.array import Array, Buses
from accelsim.engines.reference.dealt import Dealt
from accelsim.engines.reference.link import Link
from accelsim.engines.reference.place import Places
from accelsim.engines.reference.queued import Queue, QueuedPE, QueueDuty
from accelsim.engines.reference.spad import WeightPorts, WeightSpad
from accelsim.engines.reference.transfer import Collection, Fan, Transfer, Wiring
from accelsim.machine.control import control_of
from accelsim.mapping.operands import Operands
from accelsim.passes.queue import QueuePlan
from accelsim.program.jobs import Program
from accelsim.stats import Actions


class Queues:
    """The array of a program of queue passes."""

    def __init__(
        self,
        env: simpy.Environment,
        program: Program,
        buses: Buses,
        operands: Operands | None,
        actions: Actions,
    ) -> None:
        self._program, self._operands = program, operands
        control = control_of(program.arch, values=operands is not None)
        self._array = Array(env, program.arch, buses, QueuedPE, control, actions)
        self._places = Places(program.layer, generated=program.arch.padding == "generated")

    @property
    def pes(self) -> Sequence[QueuedPE]:
        """All PEs by row-major index."""
        return self._array.pes

    def wire(self, index: int) -> Wiring:
        """The pass of job *index*, which begins now."""
        dealt, array = self._dealt(index), self._array
        addresses, taken = dealt.ifmap(array.control)
        taps = [np.flatnonzero(pixel).tolist() for pixel in taken]
        pes = [array.pes[i] for i in self._plan(index).pes.tolist()]
        settings = array.arch.noc.ifmap
        queues = [Queue(array.env, array.buses.ifmap, pe, array.actions, settings) for pe in pes]
        above = [self._output(i) for i in self._plan(index).pes.tolist()]
        duties = [QueueDuty(taps, queue, link) for queue, link in zip(queues, above, strict=True)]
        all_of_them, nobody = Fan(queues), Fan(())
        return Wiring(
            [(pe, pe.run(duty)) for pe, duty in zip(pes, duties, strict=True)],
            weight=iter(self._loaded(index) if self._program.jobs[index].load else ()),
            ifmap=(
                Transfer(address, all_of_them if moves else nobody)
                for address, moves in zip(addresses, taken.flat, strict=True)
            ),
            psum=iter(()),
        )

    def outputs(self, index: int) -> list[Collection]:
        """The psums of job *index*, pixel by pixel."""
        bypass = self._program.jobs[index].work.last and not self._program.arch.paths.ofmap.memories
        pes = self._plan(index).pes
        return [
            Collection(address, self._output(int(pes[pe])), bypass)
            for address, pe in self._dealt(index).psums()
        ]

    def _loaded(self, index: int) -> list[Transfer]:
        """The words of the weight bus, each into the new spad of one PE."""
        plan, dealt, array = self._plan(index), self._dealt(index), self._array
        latency = array.arch.noc.weight.latency_cycles
        found = []
        for i, filters in zip(plan.pes.tolist(), plan.filters, strict=True):
            pe, (addresses, carried) = array.pes[i], dealt.weights(filters, array.control)
            pe.weights = WeightSpad(array.env, array.buses.weight, pe, array.actions, carried, array.word)
            places = zip(addresses, np.ndindex(carried.shape), carried.flat, strict=True)
            found += [
                Transfer(address, WeightPorts(array.env, [pe.weights], place, latency))
                for address, place, moves in places
                if moves
            ]
        return found

    def _output(self, pe: int) -> Link:
        return self._array.output(pe, places=self._array.arch.noc.ofmap.fifo_words)

    def _dealt(self, index: int) -> Dealt:
        tile = self._program.jobs[index].work.tile
        return Dealt(self._plan(index), tile, self._places, self._operands)

    def _plan(self, index: int) -> QueuePlan:
        plan = self._program.plans[self._program.jobs[index].shape]
        assert isinstance(plan, QueuePlan), "all plans of a program are of one kind"
        return plan
