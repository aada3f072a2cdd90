"""The PE of row stationary: 1-D primitives on a sliding window."""

from __future__ import annotations

from dataclasses import dataclass

from simpy.events import ProcessGenerator

from accelsim.counts import NOTHING, arithmetic
from accelsim.datapath import psum_uses
from accelsim.hw.address import Step
from accelsim.hw.link import Link
from accelsim.hw.pe import PE
from accelsim.hw.spad import IfmapSpad, WeightSpad
from accelsim.stats import add


@dataclass(frozen=True)
class Duty:
    """What a PE does in one pass, and the ports it does it between."""

    steps: list[Step]
    mac_cycles: int  # of one step
    ifmap: IfmapSpad
    below: Link | None  # where psums come from; None starts them at zero
    above: Link  # where psums go


class PrimitivePE(PE):
    """A PE that makes the 1-D primitives of one ofmap column a step.

    Takes:  weights and ifmap words from its spads, psums from ``below``.
    Gives:  p psums a step to ``above``, at most one a cycle; stalls while there is no room.
    Counts: whatever the datapath does. Cycles: every cause of a stall on chip, ``busy``, ``idle``.
    """

    weights: WeightSpad  # kept from pass to pass until it is replaced

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
        yield from self._empty()

    def _primitive(self, duty: Duty, step: Step) -> list[int]:
        weights = self.weights.values
        sums, gated = self._datapath.primitive(duty.ifmap.window(step.taps), weights)
        macs = weights.size
        done = NOTHING._replace(
            macs=macs,
            sums=len(sums),
            ifmap_uses=macs,
            weight_uses=macs,
            psum_uses=psum_uses(macs, len(sums), self._arch),
        )
        add(self._actions, arithmetic(done, gated))
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
