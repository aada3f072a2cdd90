"""The processing element: what all of them have, whatever they run."""

from __future__ import annotations

import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.timeline import Timeline
from accelsim.engines.reference.waiting import Part
from accelsim.machine import Arch
from accelsim.machine.control import Control, Gated, WordCosts
from accelsim.mapping.work import MacFates, Work, arithmetic
from accelsim.stats import Actions, add


class PE(Part):
    """A datapath between links; the waiting lives here, the work in *control* and the datapath it runs.

    Counts: whatever the datapath does. Cycles: every cause of a stall on chip, ``busy``, ``idle``.
    """

    def __init__(
        self, env: simpy.Environment, name: str, arch: Arch, control: Control, actions: Actions
    ) -> None:
        super().__init__(name)
        self._env, self._arch, self._actions = env, arch, actions
        self._control, self._datapath = control, control.datapath
        self.time = Timeline(env, "idle")

    def _multiply(self, costs: WordCosts) -> ProcessGenerator:
        """The cycles of *costs*, which may be none."""
        for cause, cycles in (("busy.mac", costs.mac), ("busy.overhead", costs.overhead)):
            if cycles:
                self.time.enter(cause)
                yield self._env.timeout(cycles)

    def _count(self, work: Work, costs: WordCosts, gated: Gated, reused: int = 0) -> None:
        """What *work* did: the MACs in *costs*, of which some were *gated*, and those *reused* or skipped."""
        skipped = work.macs - costs.macs - reused
        spared = MacFates(gated.macs, gated.weights, skipped, reused, costs.fillers)
        add(self._actions, arithmetic(work, self._datapath, spared))
        add(self._actions, {"codec.decode:weight": costs.entries})

    def _empty(self) -> ProcessGenerator:
        """Until what was issued in the cycle before has left the pipeline."""
        self.time.enter("busy.pipeline")
        yield self._env.timeout(self._arch.pe.pipeline_stages - 1)
        self.time.enter("idle")
