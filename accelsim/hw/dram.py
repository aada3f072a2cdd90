"""The DRAM behind its link: requests in program order, on the link's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import simpy
from simpy.events import ProcessGenerator

from accelsim.arch import Arch
from accelsim.hw.address import ifmap_box, psum_box, weight_box
from accelsim.hw.buffer import InputBuffer, PsumBuffer
from accelsim.hw.waiting import Part, after
from accelsim.mapping import Tile
from accelsim.program import Program, Request, requests
from accelsim.stats import Actions, add
from accelsim.traffic import Operands, ifmap_bits, ofmap_bits, weight_bits
from accelsim.workload import IntArray


class Buffers(NamedTuple):
    """The memories on the chip."""

    weight: InputBuffer
    ifmap: InputBuffer
    psum: PsumBuffer


class Milestones:
    """What happens once per job; events by job number."""

    def __init__(self, env: simpy.Environment, jobs: int) -> None:
        self.weights_in, self.ifmap_in, self.loaded, self.over, self.written, self.drained = (
            [env.event() for _ in range(jobs)] for _ in range(6)
        )


@dataclass(frozen=True)
class Clocks:
    """Two clocks; a time on one is seen on the other at its next edge."""

    core_hz: int
    link_hz: int

    def to_link(self, cycle: int) -> int:
        """First link cycle that does not begin before core *cycle*."""
        return -(-cycle * self.link_hz // self.core_hz)

    def to_core(self, cycle: int) -> int:
        """First core cycle that does not begin before link *cycle*."""
        return -(-cycle * self.core_hz // self.link_hz)


class Wires:
    """When a transfer of so many bits is done; transfers queue for the wires, latencies overlap.

    Times are core cycles in and out; an ideal DRAM takes none.
    """

    def __init__(self, arch: Arch) -> None:
        self._dram = arch.dram
        self._clocks = Clocks(arch.clock_hz, 1 if arch.dram == "ideal" else arch.dram.clock_hz)
        self._free = 0  # link cycles

    def transfer(self, now: int, bits: int) -> int:
        """Core cycle in which a transfer of *bits* that may begin *now* is done."""
        if self._dram == "ideal":
            return now
        begin = max(self._free, self._clocks.to_link(now))
        self._free = begin + self._dram.transfer_cycles(bits)
        return self._clocks.to_core(self._free + self._dram.latency_cycles)


class Tensors:
    """What is in DRAM: the operands, zeros without them, and the ofmap as it comes in."""

    def __init__(self, program: Program, operands: Operands | None) -> None:
        self._program, self.operands = program, operands
        self.ofmap: IntArray = np.zeros(program.layer.ofmap_shape, np.int64)

    def weights(self, tile: Tile) -> dict[Address, int]:
        """The weights of *tile* by address."""
        values = None if self.operands is None else self.operands.weight
        return _picked(values, weight_box(self._program.layer, tile))

    def ifmap(self, tile: Tile) -> dict[Address, int]:
        """The ifmap words of *tile* by address."""
        values = None if self.operands is None else self.operands.ifmap
        return _picked(values, ifmap_box(self._program.layer, tile, self._program.arch))


def _picked(values: IntArray | None, box: Iterator[Address]) -> dict[Address, int]:
    return {address: 0 if values is None else int(values[address]) for address in box}


class DramLink(Part):
    """DRAM to the buffers and back, one request after the other in program order.

    Takes:  weights and ifmaps of *tensors*, finished psums of the buffer; each once its place or its word is free.
    Gives:  boxes to the buffers, ofmaps to *tensors*.
    Counts: ``dram.read:weight``, ``dram.read:ifmap``, ``dram.write:psum``, as coded; in ``dense`` uncoded.
    """

    def __init__(
        self, env: simpy.Environment, program: Program, tensors: Tensors, buffers: Buffers, actions: Actions
    ) -> None:
        super().__init__("DRAM link")
        self._env, self._program, self._tensors, self._buffers = env, program, tensors, buffers
        self._wires, self._actions, self.dense = Wires(program.arch), actions, Actions()

    def run(self, milestones: Milestones, array: Part, ofmap_bus: Part) -> ProcessGenerator:
        """Serve the layer; *array* ends passes and loads weights, *ofmap_bus* writes the last word of a job."""
        yield self._env.timeout(self._program.arch.configuration_cycles)
        for request in requests(list(self._program.jobs)):
            job = self._program.jobs[request.job]
            match request.kind:
                case "weight":
                    yield from self._turn(milestones.)
