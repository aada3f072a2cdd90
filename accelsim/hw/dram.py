"""The DRAM and its link to the chip."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import simpy
from simpy.events import ProcessGenerator

from accelsim.boxes import Address, ifmap_addresses
from accelsim.hw.box import psum_box, weight_box
from accelsim.hw.buffer import Buffers
from accelsim.hw.clocks import Wires
from accelsim.hw.milestones import Milestones
from accelsim.hw.waiting import Part, after
from accelsim.program import Job, Program, RequestKind, requests
from accelsim.stats import Actions, add
from accelsim.traffic import Operands, ifmap_bits, ofmap_bits, weight_bits
from accelsim.workload import IntArray, Layer


class Dram:
    """The tensors of a layer: the operands, zeros without them, and the ofmap as it comes in."""

    def __init__(self, layer: Layer, operands: Operands | None) -> None:
        self.operands = operands
        self.ofmap: IntArray = np.zeros(layer.source.ofmap_shape, np.int64)

    def weights(self, box: Iterator[Address]) -> dict[Address, int]:
        """The weights of *box*."""
        return self._picked(None if self.operands is None else self.operands.weight, box)

    def ifmap(self, box: Iterator[Address]) -> dict[Address, int]:
        """The ifmap words of *box*."""
        return self._picked(None if self.operands is None else self.operands.ifmap, box)

    def store(self, box: dict[Address, int]) -> None:
        """Ofmap words arrive."""
        for address, value in box.items():
            self.ofmap[address] = value

    def _picked(self, tensor: IntArray | None, box: Iterator[Address]) -> dict[Address, int]:
        return {address: 0 if tensor is None else int(tensor[address]) for address in box}


class DramLink(Part):
    """DRAM to the buffers and back, one request after the other in program order.

    Takes:  weights and ifmaps from *dram* once the buffers have room, finished psums once they are written.
    Gives:  boxes to *buffers*, ofmaps to *dram*.
    Counts: ``dram.read:weight``, ``dram.read:ifmap``, ``dram.write:psum``, as coded; in ``dense`` uncoded.
    """

    def __init__(
        self, env: simpy.Environment, program: Program, dram: Dram, buffers: Buffers, milestones: Milestones
    ) -> None:
        super().__init__("DRAM link")
        self._env, self._program, self._dram = env, program, dram
        self._buffers, self._milestones = buffers, milestones
        self._wires = Wires(program.arch.clock_hz, program.arch.dram)
        self.actions, self.dense = Actions(), Actions()

    def run(self, array: Part, ofmap_bus: Part) -> ProcessGenerator:
        """Serve the layer; *array* and *ofmap_bus* bring about what the requests wait for."""
        serve = {"weight": self._fetch_weights, "ifmap": self._fetch_ifmap, "ofmap": self._drain}
        yield self._env.timeout(self._program.arch.configuration_cycles)
        for kind, index in requests(list(self._program.jobs)):
            job = self._program.jobs[index]
            if kind == "ofmap":
                written = self._milestones.written[index]
                yield from self.until(written, "the last psum written by", ofmap_bus)
            elif (freed := self._freed(kind, job)) is not None:
                yield from self.until(freed, f"{kind} banks freed by", array)
            serve[kind](job)

    def _freed(self, kind: RequestKind, job: Job) -> simpy.Event | None:
        """What must have happened before there is room for a fill; None if there is."""
        after_job = job.weights_after if kind == "weight" else job.ifmap_after
        if after_job is None:
            return None
        if kind == "weight" and self._program.arch.filter_glb is not None:
            return self._milestones.loaded[after_job]
        return self._milestones.over[after_job]

    def _fetch_weights(self, job: Job) -> None:
        arch = self._program.arch
        box = self._dram.weights(weight_box(self._program.layer, job.work.weights))
        bits = weight_bits(job.work.weights, arch)
        self._count("dram.read:weight", len(box), bits, arch.word_bits)

        def arrive() -> None:
            self._buffers.weight.fill(job.index, box)
            self._milestones.weights_in[job.index].succeed()

        self._transfer(bits, arrive)

    def _fetch_ifmap(self, job: Job) -> None:
        tile, arch, layer = job.work.ifmap, self._program.arch, self._program.layer
        box = self._dram.ifmap(ifmap_addresses(layer, tile, arch))
        bits = ifmap_bits(layer, tile, arch, self._dram.operands)
        self._count("dram.read:ifmap", len(box), bits, arch.word_bits)

        def arrive() -> None:
            self._buffers.ifmap.fill(job.index, box)
            self._milestones.ifmap_in[job.index].succeed()

        self._transfer(bits, arrive)

    def _drain(self, job: Job) -> None:
        tile, arch = job.work.tile, self._program.arch
        bypass = not arch.ofmap_via_glb
        box = {
            address: self._buffers.psum.read(address, bypass=bypass)
            for address in psum_box(self._program.layer, tile)
        }
        shape = len(tile.n), len(tile.m), len(tile.e), len(tile.f)
        psums = np.array(list(box.values()), np.int64).reshape(shape)
        bits = ofmap_bits(arch, len(box), psums, self._dram.operands)
        self._count("dram.write:psum", len(box), bits, arch.psum_word_bits)

        def arrive() -> None:
            self._dram.store(box)
            self._milestones.drained[job.index].succeed()

        self._transfer(bits, arrive)

    def _count(self, action: str, words: int, bits: int, word_bits: int) -> None:
        add(self.dense, {action: words})
        add(self.actions, {action: -(-bits // word_bits)})

    def _transfer(self, bits: int, arrive: Callable[[], None]) -> None:
        now = int(self._env.now)
        after(self._env, self._wires.transfer(now, bits) - now, arrive)
