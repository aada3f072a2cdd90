"""The PE array: its PEs, and the links and spads between them for one pass."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import simpy

from accelsim.arch import Arch
from accelsim.datapath import Multiplier
from accelsim.hw.address import Step
from accelsim.hw.link import Link, LocalLink
from accelsim.hw.pe import PE, Duty
from accelsim.hw.spad import IfmapSpad, WeightSpad
from accelsim.hw.waiting import Part
from accelsim.plan import Plan
from accelsim.stats import Actions


class Buses(NamedTuple):
    """The parts at the other end of the array's ports."""

    weight: Part
    ifmap: Part
    psum: Part
    ofmap: Part


@dataclass
class Wiring:
    """One pass: what each PE does, and who listens to which word."""

    duties: list[tuple[PE, Duty]] = field(default_factory=list)
    weights: dict[tuple[int, int], list[WeightSpad]] = field(default_factory=lambda: defaultdict(list))
    ifmap: dict[int, list[IfmapSpad]] = field(default_factory=lambda: defaultdict(list))
    bottoms: list[Link] = field(default_factory=list)  # by lane; unused if the pass starts its psums


class Array:
    """PEs by row-major index. A top PE keeps the FIFO to the ofmap bus from pass to pass."""

    def __init__(
        self, env: simpy.Environment, arch: Arch, buses: Buses, datapath: Multiplier, actions: Actions
    ) -> None:
        self._env, self._arch, self._buses, self._actions = env, arch, buses, actions
        self.pes = [
            PE(env, f"PE {divmod(index, arch.array.cols)}", arch, datapath, actions)
            for index in range(arch.array.pes)
        ]
        self._outputs: dict[int, Link] = {}

    def output(self, pe: int) -> Link:
        """The FIFO between top PE *pe* and the ofmap bus."""
        if pe not in self._outputs:
            self._outputs[pe] = Link(
                self._env,
                self.pes[pe],
                self._buses.ofmap,
                places=self._arch.noc.ofmap.fifo_words,
                latency=self._arch.pe.pipeline_stages,
            )
        return self._outputs[pe]

    def wire(self, plan: Plan, steps: list[Step], *, first: bool, new_weights: bool) -> Wiring:
        """The ports of all PEs for a pass of *plan* that begins now."""
        wiring = Wiring()
        for lane in range(plan.lanes):
            links = self._links(plan, lane)
            wiring.bottoms.append(links[0])
            for depth in range(plan.depth):
                pe = self.pes[plan.pes[depth, lane]]
                if new_weights:
                    pe.weights = self._weight_spad(plan, depth, lane)
                spad = self._ifmap_spad(plan, depth, lane)
                wiring.weights[lane // plan.shape.e, depth].append(pe.weights)
                wiring.ifmap[int(plan.streams[depth, lane])].append(spad)
                below = None if first and depth == 0 else links[depth]
                cycles = int(plan.mac_cycles[depth, lane])
                wiring.duties.append((pe, Duty(steps, cycles, spad, below, links[depth + 1])))
        return wiring

    def _links(self, plan: Plan, lane: int) -> list[Link]:
        """Of one lane, from the bus below its bottom PE to the FIFO of its top PE."""
        pes, noc = [self.pes[pe] for pe in plan.pes[:, lane]], self._arch.noc
        bottom = Link(
            self._env,
            self._buses.psum,
            pes[0],
            places=noc.psum.fifo_words,
            latency=noc.psum.latency_cycles,
        )
        hops = [
            LocalLink(
                self._env,
                below,
                above,
                self._actions,
                places=noc.local.fifo_words,
                latency=self._arch.pe.pipeline_stages + noc.local.latency_cycles,
            )
            for below, above in pairwise(pes)
        ]
        return [bottom, *hops, self.output(int(plan.pes[-1, lane]))]

    def _weight_spad(self, plan: Plan, depth: int, lane: int) -> WeightSpad:
        shape = int(plan.filters[lane]), int(plan.channels[depth]), plan.shape.s
        pe = self.pes[plan.pes[depth, lane]]
        return WeightSpad(self._env, self._buses.weight, pe, self._actions, shape)

    def _ifmap_spad(self, plan: Plan, depth: int, lane: int) -> IfmapSpad:
        channels = int(plan.channels[depth])
        return IfmapSpad(
            self._env,
            self._buses.ifmap,
            self.pes[plan.pes[depth, lane]],
            self._actions,
            channels=channels,
            places=plan.window * channels + self._arch.noc.ifmap.fifo_words,
        )
