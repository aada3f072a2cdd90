"""The processing element: what all of them have, whatever they run."""

from __future__ import annotations

import simpy
from simpy.events import ProcessGenerator

from accelsim.arch import Arch
from accelsim.counts import Work, Zeros, arithmetic
from accelsim.datapath import Multiplier, WordCosts
from accelsim.hw.timeline import Timeline
from accelsim.hw.waiting import Part
from accelsim.stats import Actions, add


class PE(Part):
    """A datapath between links; the waiting lives here, the work in *datapath*.

    Counts: whatever the datapath does. Cycles: every cause of a stall on chip, ``busy``, ``idle``.
    """

    def __init__(
        self, env: simpy.Environment, name: str, arch: Arch, datapath: Multiplier, actions: Actions
    ) -> None:
        super().__init__(name)
        self._env, self._arch, self._datapath, self._actions = env, arch, datapath, actions
        self.time = Timeline(env, "idle")

    def _multiply(self, costs: WordCosts) -> ProcessGenerator:
        """The cycles of *costs*, which may be none."""
        for cause, cycles in (("busy.mac", costs.mac), ("busy.overhead", costs.overhead)):
            if cycles:
                self.time.enter(cause)
                yield self._env.timeout(cycles)

    def _count(self, work: Work, costs: WordCosts, gated: int) -> None:
        """What *work* did, of whose MACs those in *costs* were made and *gated* of these were gated."""
        add(self._actions, arithmetic(work, Zeros(gated, work.macs - costs.macs, costs.fillers)))
        add(self._actions, {"codec.decode:weight": costs.entries})
        coded = self._datapath.sparsity.formats.weight.spad
        if coded is not None and coded.codebook_bits is not None:
            add(self._actions, {"codec.lookup:weight": costs.macs + costs.fillers - gated})

    def _empty(self) -> ProcessGenerator:
        """Until what was issued in the cycle before has left the pipeline."""
        self.time.enter("busy.pipeline")
        yield self._env.timeout(self._arch.pe.pipeline_stages - 1)
        self.time.enter("idle")
