"""The PE of row stationary: 1-D primitives on a sliding window."""

from __future__ import annotations

from dataclasses import dataclass

from simpy.events import ProcessGenerator

from accelsim.engines.reference.address import Step
from accelsim.engines.reference.link import Link
from accelsim.engines.reference.pe import PE
from accelsim.engines.reference.spad import IfmapSpad, WeightSpad
from accelsim.engines.reference.word import Word
from accelsim.machine.control import Burst, psum_uses
from accelsim.mapping.work import NOTHING
from accelsim.stats import add


@dataclass(frozen=True)
class Duty:
    """What a PE does in one pass, and the ports it does it between."""

    steps: list[Step]
    ifmap: IfmapSpad
    below: Link | None  # where psums come from; None starts them at zero
    above: Link  # where psums go


class PrimitivePE(PE):
    """A PE that makes the 1-D primitives of one ofmap column a step.

    Takes:  weights and ifmap words from its spads, psums from ``below``.
    Gives:  p psums a step to ``above``, at most one a cycle; stalls while there is no room. A primitive is
            complete before its sum meets the psum from below.
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
            burst = self._primitive(duty, step)
            yield from self._multiply(burst.costs)
            for own in burst.sums:
                yield from self._accumulate(duty, own)
            duty.ifmap.release(step.free)
        yield from self._empty()

    def _primitive(self, duty: Duty, step: Step) -> Burst:
        window, carried = duty.ifmap.window(step.taps)
        burst = self._control.primitive(window, carried, self.weights.values)
        sums, uses = len(burst.sums), burst.uses
        work = NOTHING._replace(
            macs=self.weights.values.size,
            sums=sums,
            ifmap_uses=uses.ifmap,
            weight_uses=uses.weight,
            psum_uses=psum_uses(uses.psum, sums, self._arch),
            extra_ops=uses.extra_ops,
        )
        self._count(work, burst.costs, burst.gated, burst.reused)
        if self._control.sparsity.formats.ifmap.spad is not None:
            add(self._actions, {"codec.decode:ifmap": int(carried.sum())})
        return burst

    def _accumulate(self, duty: Duty, own: Word) -> ProcessGenerator:
        self.time.enter("blocked.bus")
        yield from duty.above.room()
        psum = own
        if duty.below is not None:
            self.time.enter("no_psum.bus")
            yield from duty.below.word()
            psum = self._datapath.plus(duty.below.take(), own)
        self.time.enter("busy.accumulate")
        duty.above.send(psum)
        yield self._env.timeout(1)
