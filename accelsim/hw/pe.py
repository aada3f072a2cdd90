"""The processing element: what all of them have, whatever they run."""

from __future__ import annotations

import simpy
from simpy.events import ProcessGenerator

from accelsim.arch import Arch
from accelsim.datapath import Multiplier
from accelsim.hw.timeline import Timeline
from accelsim.hw.waiting import Part
from accelsim.stats import Actions


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

    def _empty(self) -> ProcessGenerator:
        """Until what was issued in the cycle before has left the pipeline."""
        self.time.enter("busy.pipeline")
        yield self._env.timeout(self._arch.pe.pipeline_stages - 1)
        self.time.enter("idle")
