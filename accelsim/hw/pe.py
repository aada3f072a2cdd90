"""The processing element."""

from __future__ import annotations

from dataclasses import dataclass

import simpy
from simpy.events import ProcessGenerator

from accelsim.arch import Arch
from accelsim.datapath import Multiplier
from accelsim.hw.address import Step
from accelsim.hw.link import Link
from accelsim.hw.spad import IfmapSpad, WeightSpad
from accelsim.hw.timeline import Timeline
from accelsim.hw.waiting import Part
from accelsim.stats import Actions, add


@dataclass(frozen=True)
class Duty:
    """What a PE does in one pass, and the ports it does it between."""

    steps: list[Step]
    mac_cycles: int  # of one step
    ifmap: IfmapSpad
    below: Link | None  # where psums come from; None starts them at zero
    above: Link  # where psums go


class PE(Part):
    """A datapath between links; the waiting lives here, the work in *datapath*.

    Takes:  weights and ifmap words from its spads, psums from ``below``.
    Gives:  p psums a step to ``above``, at most one a cycle; stalls while there is no room.
    Counts: whatever the datapath does. Cycles: every cause of a stall on chip, ``busy``, ``idle``.
    """

    weights: WeightSpad  # kept from pass to pass until it is replaced

    def __init__(
        self, env: simpy.Environment, name: str, arch: Arch, datapath: Multiplier, actions: Actions
    ) -> None:
        super().__init__(name)
        self._env, self._arch, self._datapath, self._actions = env, arch, datapath, actions
        self.time = Timeline(env, "idle")

    def run(self, duty: Duty) -> ProcessGenerator:
        """One pass; ends when the last psum has left the pipeline."""
        for step in duty.steps:
            self.time.enter("no_weight.bus")
            yield from self.weights.complete()
            self.time.enter("no_ifmap.bus")
            yield from duty.ifmap.columns(step.need)
            self.time.enter("busy.mac")
            yield self._env.timeout(duty.mac_cycles)
            for partial_sum in self._primitive(duty, step):
                yield from self._accumulate(duty, partial_sum)
            duty.ifmap.release(step.free)
        self.time.enter("busy.pipeline")
        yield self._env.timeout(self._arch.pe.pipeline_stages - 1)
        self.time.enter("idle")

    def _primitive(self, duty: Duty, step: Step) -> list[int]:
        weights = self.weights.values
        sums, gated = self._datapath.primitive(duty.ifmap.window(step.taps), weights)
        add(self._actions, self._datapath.actions(weights.size, gated, len(sums), self._arch.rf))
        return sums

    def _accumulate(self, duty: Duty, partial_sum: int) -> ProcessGenerator:
        self.time.enter("blocked.bus")
        yield from duty.above.room()
        if duty.below is not None:
            self.time.enter("no_psum.bus")
            yield from duty.below.word()
            partial_sum += duty.below.take()
        self.time.enter("busy.accumulate")
        duty.above.send(partial_sum)
        yield self._env.timeout(1)
