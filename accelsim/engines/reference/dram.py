"""The DRAM and its link to the chip."""

from collections.abc import Callable, Iterator
from typing import Literal

import numpy as np
import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.buffer import Buffers, CodedBox
from accelsim.engines.reference.clocks import Wires
from accelsim.engines.reference.job_events import JobEvents
from accelsim.engines.reference.waiting import Part, after
from accelsim.engines.reference.word import word_at
from accelsim.machine.datapath import Word
from accelsim.mapping.footprint import Address, ifmap_addresses, psum_box, weight_box
from accelsim.mapping.operands import Operands, channels_of
from accelsim.network.layer import Layer, Lowered, Tensor
from accelsim.program.dram_traffic import Fill, ofmap_size
from accelsim.program.jobs import Job, Program, requests
from accelsim.stats import Actions, add

FetchedOperand = Literal["weight", "ifmap"]
"""The operands that DRAM gives."""


class Dram:
    """The tensors of a layer: the operands, zeros without them, and the ofmap, *psum* words, as it comes."""

    def __init__(self, layer: Layer, operands: Operands | None, psum: type[Word] = int) -> None:
        self.operands = operands
        self.ofmap: Tensor = np.zeros(layer.source.ofmap_shape, psum)

    def read(self, operand: FetchedOperand, box: Iterator[Address]) -> dict[Address, Word]:
        """The words of *operand* in *box*."""
        tensor: Tensor | None = None if self.operands is None else getattr(self.operands, operand)
        return {address: 0 if tensor is None else word_at(tensor, address) for address in box}

    def store(self, box: dict[Address, Word]) -> None:
        """Write the words of *box* into the ofmap, at their addresses."""
        for address, value in box.items():
            self.ofmap[address] = value


class DramLinkPart(Part):
    """DRAM to the buffers and back, one request after the other in program order.

    Takes:  weights and ifmaps from *dram* once the buffers have room, finished psums once they are written.
    Gives:  boxes to *buffers*, ofmaps to *dram*.
    Counts: ``dram.read:weight``, ``dram.read:ifmap``, ``dram.write:psum``, as coded; in ``dense`` uncoded.
            ``codec.encode:<operand>``, ``codec.decode:<operand>`` where words change their format.
    """

    def __init__(
        self, env: simpy.Environment, program: Program, dram: Dram, buffers: Buffers, job_events: JobEvents
    ) -> None:
        assert program.is_made_for(dram.operands), "boxes are coded by the values that run"
        super().__init__("DRAM link")
        self._env, self._program, self._dram = env, program, dram
        self._buffers, self._job_events = buffers, job_events
        self._wires = Wires(program.arch.clock_hz, program.arch.link)
        self.actions, self.dense = Actions(), Actions()

    def run(self, array: Part, ofmap_bus: Part) -> ProcessGenerator:
        """Serve the layer; *array* and *ofmap_bus* bring about what the requests wait for."""
        yield self._env.timeout(self._program.arch.configuration_cycles)
        for kind, index in requests(list(self._program.jobs)):
            job = self._program.jobs[index]
            if kind == "ofmap":
                written = self._job_events.written[index]
                yield from self.until(written, "the last psum written by", ofmap_bus)
                self._drain(job)
                continue
            if (freed := self._freed(kind, job)) is not None:
                yield from self.until(freed, f"{kind} banks freed by", array)
            self._fetch(kind, job)

    def _freed(self, kind: FetchedOperand, job: Job) -> simpy.Event | None:
        """What must have happened before there is room for a fill; None if there is."""
        after_job = job.weights_after if kind == "weight" else job.ifmap_after
        if after_job is None:
            return None
        if kind == "weight" and self._program.arch.paths.weight.memories:
            return self._job_events.loaded[after_job]
        return self._job_events.over[after_job]

    def _fetch(self, operand: FetchedOperand, job: Job) -> None:
        arch, layer, at = self._program.arch, self._program.layer, self._job_events
        if operand == "weight":
            addresses, fill, fetched = weight_box(layer, job.work.weights), job.weight_fill, at.weights_in
        else:
            addresses, fill, fetched = (
                ifmap_addresses(layer, job.work.ifmap, arch),
                job.ifmap_fill,
                at.ifmap_in,
            )
        box = self._dram.read(operand, addresses)
        assert fill.words == len(box), "the box has the words that are counted for it"
        self._count(f"dram.read:{operand}", len(box), fill.dram.bits, arch.bits(operand))
        add(self.actions, fill.coder)

        def arrive() -> None:
            getattr(self._buffers, operand).fill(job.index, box, self._coded(operand, fill))
            fetched[job.index].succeed()

        self._transfer(fill.dram.bits, arrive)

    def _drain(self, job: Job) -> None:
        tile, arch, layer = job.work.tile, self._program.arch, self._program.layer
        bypass = not arch.paths.ofmap.memories
        box = {address: self._buffers.psum.read(address, bypass=bypass) for address in psum_box(layer, tile)}
        pixels = len(tile.m), len(tile.e)
        shape = pixels if isinstance(layer, Lowered) else (len(tile.n), *pixels, len(tile.f))
        psums = np.array(list(box.values()), self._dram.ofmap.dtype).reshape(shape)
        size = ofmap_size(arch, len(box), psums, channels_of(layer, tile), self._dram.operands)
        self._count("dram.write:psum", len(box), size.bits, arch.bits("ofmap"))
        add(self.actions, {"codec.encode:psum": size.entries})

        def arrive() -> None:
            self._dram.store(box)
            self._job_events.drained[job.index].succeed()

        self._transfer(size.bits, arrive)

    def _coded(self, operand: FetchedOperand, fill: Fill) -> CodedBox | None:
        """What *fill* takes where the buffer keeps it coded."""
        formats = getattr(self._program.arch.sparsity.formats, operand)
        if formats.glb is None:
            return None
        as_it_is = formats.spad is not None or self._dram.operands is None
        words = -(-fill.glb.bits // self._program.arch.bits(operand))
        return CodedBox(words, 0 if as_it_is else fill.glb.entries)

    def _count(self, action: str, words: int, bits: int, word_bits: int) -> None:
        add(self.dense, {action: words})
        add(self.actions, {action: -(-bits // word_bits)})

    def _transfer(self, bits: int, arrive: Callable[[], None]) -> None:
        now = int(self._env.now)
        after(self._env, self._wires.transfer(now, bits) - now, arrive)
