"""The array of a program whose passes are single MACs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import simpy

from accelsim.engines.reference.array import Array, Buses
from accelsim.engines.reference.bus_traffic import BusTraffic, stretches
from accelsim.engines.reference.mac import Costs, MacDuty, MacPE
from accelsim.engines.reference.pass_links import PassLinks, givers_of, output
from accelsim.engines.reference.place import Places
from accelsim.engines.reference.transfer import Collection, Wiring
from accelsim.machine.control import control_of
from accelsim.mapping.operands import Operands
from accelsim.passes.script import NOWHERE
from accelsim.passes.shape import Shape
from accelsim.passes.stream import StreamPlan
from accelsim.program.jobs import Program
from accelsim.stats import Actions


class Streams:
    """The array of a program of passes of single MACs."""

    def __init__(
        self,
        env: simpy.Environment,
        program: Program,
        buses: Buses,
        operands: Operands | None,
        actions: Actions,
    ) -> None:
        self._program = program
        control = control_of(program.arch, values=operands is not None)
        self._array = Array(env, program.arch, buses, MacPE, control, actions)
        self._places = Places(program.layer, generated=program.arch.padding == "generated")
        self._costs = Costs(program.mapping.keeps, program.arch).table()
        self._givers: dict[Shape, dict[int, int]] = {}

    @property
    def pes(self) -> Sequence[MacPE]:
        """All PEs by row-major index."""
        return self._array.pes

    def wire(self, index: int) -> Wiring:
        """The pass of job *index*, which begins now."""
        job, plan = self._program.jobs[index], self._plan(index)
        if job.shape not in self._givers:
            self._givers[job.shape] = givers_of(plan)
        pass_links = PassLinks(self._array, plan, self._givers[job.shape], job)
        feed = BusTraffic(pass_links, self._places, job)
        return Wiring(
            [(pe, pe.run(duty)) for pe, duty in self._duties(plan, pass_links)],
            weight=feed.weights(),
            ifmap=feed.ifmap(),
            psum=feed.psums(),
            drained=plan.drained,
            tail=plan.tail,
        )

    def outputs(self, index: int) -> list[Collection]:
        """The psums of job *index*, stretch by stretch."""
        job, plan = self._program.jobs[index], self._plan(index)
        direct = job.work.last and not self._program.arch.paths.ofmap.memories
        found = []
        for _, pattern, base in stretches(plan):
            words = pattern.ofmap
            addresses = self._places.psum(job.work.tile, words.at + base)
            parts = words.fifos, pattern.ofmap_line, words.beat
            rows = zip(addresses, *(part.tolist() for part in parts), strict=True)
            for address, fifo, line, beat in rows:
                link = output(self._array, plan, fifo)
                found.append(Collection(address, link, direct and line == NOWHERE, bool(beat)))
        return found

    def _duties(self, plan: StreamPlan, pass_links: PassLinks) -> Iterator[tuple[MacPE, MacDuty]]:
        climbs = plan.shifted and "psum" in plan.keeps
        for p, pe in enumerate(pass_links.pes):
            climb = plan.depth - 1 - p // plan.lanes if climbs else 0
            yield pe, MacDuty(pass_links.steps(p), self._costs, climb)

    def _plan(self, index: int) -> StreamPlan:
        plan = self._program.plans[self._program.jobs[index].shape]
        assert isinstance(plan, StreamPlan), "all plans of a program are of one kind"
        return plan
