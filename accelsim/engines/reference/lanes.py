"""Passes of 1-D primitives: the links and spads between PEs, and what the buses serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise, product

import numpy as np
import simpy

from accelsim.engines.reference.address import Addresses, Step, steps_of
from accelsim.engines.reference.array import Array, Buses
from accelsim.engines.reference.carried import Moving, columns_of
from accelsim.engines.reference.link import Link, LocalLink
from accelsim.engines.reference.primitive import Duty, PrimitivePE
from accelsim.engines.reference.spad import IfmapPorts, IfmapSpad, WeightPorts, WeightSpad
from accelsim.engines.reference.transfer import Collection, Fan, Transfer, Wiring
from accelsim.machine.control import control_of
from accelsim.mapping.operands import Operands
from accelsim.passes.primitive import PrimitivePlan
from accelsim.passes.shape import Shape
from accelsim.program.jobs import Program
from accelsim.stats import Actions


class Lanes:
    """The array of a program of primitive passes."""

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
        self._array = Array(env, program.arch, buses, PrimitivePE, control, actions)
        self._steps: dict[Shape, list[Step]] = {}

    @property
    def pes(self) -> Sequence[PrimitivePE]:
        """All PEs by row-major index."""
        return self._array.pes

    def wire(self, index: int) -> Wiring:
        """The pass of job *index*, which begins now."""
        job, plan = self._program.jobs[index], self._plan(index)
        if job.shape not in self._steps:
            self._steps[job.shape] = steps_of(plan, self._program.layer)
        moving = Moving(self._program, job, plan, self._operands)
        one = Lacing(self._array, plan, Addresses(self._program, job, plan), moving, load=job.load)
        duties = one.duties(self._steps[job.shape], first=job.work.first)
        return Wiring(
            [(pe, pe.run(duty)) for pe, duty in duties],
            weight=one.weights(),
            ifmap=one.ifmap(),
            psum=iter(()) if job.work.first else one.psums(),
        )

    def outputs(self, index: int) -> list[Collection]:
        """The psums of job *index*, step by step."""
        job, plan = self._program.jobs[index], self._plan(index)
        addresses = Addresses(self._program, job, plan)
        bypass = job.work.last and not self._program.arch.paths.ofmap.memories
        links = [output(self._array, int(pe)) for pe in plan.pes[-1]]
        return [
            Collection(addresses.psum(step, lane, j), links[lane], bypass)
            for step, (lane, j) in product(range(plan.steps), plan.psum_order)
        ]

    def _plan(self, index: int) -> PrimitivePlan:
        plan = self._program.plans[self._program.jobs[index].shape]
        assert isinstance(plan, PrimitivePlan), "all plans of a program are of one kind"
        return plan


def output(array: Array[PrimitivePE], pe: int) -> Link:
    """The FIFO above top PE *pe*."""
    return array.output(pe, places=array.arch.noc.ofmap.fifo_words)


class Lacing:
    """One pass that begins now: the links and spads of its PEs, and who listens to which word."""

    def __init__(
        self,
        array: Array[PrimitivePE],
        plan: PrimitivePlan,
        addresses: Addresses,
        moving: Moving,
        *,
        load: bool,
    ) -> None:
        self._array, self._plan, self._addresses, self._load = array, plan, addresses, load
        self._carried_weights = moving.weights(array.control) if load else {}
        self._carried_ifmap, self._places = moving.ifmap(), moving.places()
        self._weights: dict[tuple[int, int], list[WeightSpad]] = defaultdict(list)
        self._ifmap: dict[int, list[IfmapSpad]] = defaultdict(list)
        self._links = [self._lane(lane) for lane in range(plan.lanes)]

    def duties(self, steps: list[Step], *, first: bool) -> Iterator[tuple[PrimitivePE, Duty]]:
        """What every PE does; psums start at zero in the *first* pass."""
        plan = self._plan
        for lane, links in enumerate(self._links):
            for depth in range(plan.depth):
                pe = self._pe(depth, lane)
                if self._load:
                    pe.weights = self._weight_spad(depth, lane)
                self._weights[lane // plan.shape.e, depth].append(pe.weights)
                spad = self._ifmap_spad(depth, lane)
                self._ifmap[int(plan.streams[depth, lane])].append(spad)
                below = None if first and depth == 0 else links[depth]
                yield pe, Duty(steps, spad, below, links[depth + 1])

    def weights(self) -> Iterator[Transfer]:
        """The words of the weight bus, each to all lanes of a filter set; none if PEs keep what they have."""
        env, latency = self._array.env, self._array.arch.noc.weight.latency_cycles
        for (lane_set, depth), carried in self._carried_weights.items():
            spads = self._weights[lane_set, depth]
            for j, channel, tap in np.argwhere(carried).tolist():
                place = j, channel, tap
                address = self._addresses.weight(lane_set, depth, place)
                yield Transfer(address, WeightPorts(env, spads, place, latency))

    def ifmap(self) -> Iterator[Transfer]:
        """The words of the ifmap bus, each to all PEs of its stream."""
        plan, env, latency = self._plan, self._array.env, self._array.arch.noc.ifmap.latency_cycles
        order = np.array([plan.ifmap_column, plan.ifmap_stream, plan.ifmap_channel])
        for column, stream, channel in order[:, self._carried_ifmap].T.tolist():
            ports = IfmapPorts(env, self._ifmap[stream], (column, channel), latency)
            yield Transfer(self._addresses.ifmap(column, stream, channel), ports)

    def psums(self) -> Iterator[Transfer]:
        """The words of the psum bus, step by step."""
        for step, (lane, j) in product(range(self._plan.steps), self._plan.psum_order):
            yield Transfer(self._addresses.psum(step, lane, j), Fan([self._links[lane][0]]))

    def _pe(self, depth: int, lane: int) -> PrimitivePE:
        return self._array.pes[int(self._plan.pes[depth, lane])]

    def _lane(self, lane: int) -> list[Link]:
        """Of one lane, from the bus below its bottom PE to the FIFO of its top PE."""
        array, noc = self._array, self._array.arch.noc
        pes = [self._pe(depth, lane) for depth in range(self._plan.depth)]
        places, latency = noc.psum.fifo_words, noc.psum.latency_cycles
        bottom = Link(array.env, array.buses.psum, pes[0], places=places, latency=latency)
        hops = [
            LocalLink(
                array.env,
                below,
                above,
                array.actions,
                places=noc.local.fifo_words,
                latency=array.arch.pe.pipeline_stages + noc.local.latency_cycles,
            )
            for below, above in pairwise(pes)
        ]
        return [bottom, *hops, output(array, int(self._plan.pes[-1, lane]))]

    def _weight_spad(self, depth: int, lane: int) -> WeightSpad:
        array, carried = self._array, self._carried_weights[lane // self._plan.shape.e, depth]
        return WeightSpad(
            array.env, array.buses.weight, self._pe(depth, lane), array.actions, carried, array.word
        )

    def _ifmap_spad(self, depth: int, lane: int) -> IfmapSpad:
        array, plan = self._array, self._plan
        stream = int(plan.streams[depth, lane])
        return IfmapSpad(
            array.env,
            array.buses.ifmap,
            self._pe(depth, lane),
            array.actions,
            carried=columns_of(plan, stream, self._carried_ifmap),
            places=int(self._places[stream]),
            word=array.word,
        )
