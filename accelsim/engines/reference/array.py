"""The PE array: its PEs, and what stays between them from pass to pass."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

import simpy

from accelsim.engines.reference.link import Link
from accelsim.engines.reference.pe import PE
from accelsim.engines.reference.waiting import Part
from accelsim.machine import Arch
from accelsim.machine.control import Control
from accelsim.stats import Actions

AnyPE = TypeVar("AnyPE", bound=PE)


class Buses(NamedTuple):
    """The parts at the other end of the array's ports."""

    weight: Part
    ifmap: Part
    psum: Part
    ofmap: Part


class Array(Generic[AnyPE]):
    """PEs by row-major index. A PE keeps its FIFO to the ofmap bus from pass to pass."""

    def __init__(
        self,
        env: simpy.Environment,
        arch: Arch,
        buses: Buses,
        kind: type[AnyPE],
        control: Control,
        actions: Actions,
    ) -> None:
        self.env, self.arch, self.buses, self.actions = env, arch, buses, actions
        self.control, self.word = control, arch.datapath.word
        self.pes = [
            kind(env, f"PE {divmod(index, arch.array.cols)}", arch, control, actions)
            for index in range(arch.array.pes)
        ]
        self._outputs: dict[int, Link] = {}

    def output(self, pe: int, *, places: int) -> Link:
        """The FIFO of *places*, the same in every pass, between *pe* and the ofmap bus."""
        if pe not in self._outputs:
            latency = self.arch.pe.pipeline_stages
            self._outputs[pe] = Link(self.env, self.pes[pe], self.buses.ofmap, places=places, latency=latency)
        return self._outputs[pe]
