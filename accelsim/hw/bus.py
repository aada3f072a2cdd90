"""The buses between the GLB and the array: in order, so many words a cycle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Literal

import simpy
from simpy.events import ProcessGenerator

from accelsim.arch import Arch
from accelsim.datapath import accumulated
from accelsim.hw.address import Addresses
from accelsim.hw.array import Array, Wiring
from accelsim.hw.buffer import InputBuffer, PsumBuffer
from accelsim.hw.spad import IfmapSpad, WeightSpad
from accelsim.hw.waiting import Countdown, Part, after
from accelsim.stats import Actions


class Bus(Part):
    """Moves words in the order it is given them, as many a cycle as it is wide; they arrive later."""

    def __init__(
        self,
        env: simpy.Environment,
        kind: Literal["weight", "ifmap", "psum", "ofmap"],
        arch: Arch,
        actions: Actions,
    ) -> None:
        super().__init__(f"{kind} bus")
        self.env, self.arch, self.actions = env, arch, actions
        self.latency: int = getattr(arch.noc, kind).latency_cycles
        self._width, self._cycle, self._moved = arch.words_per_cycle(kind), -1, 0

    def slot(self) -> ProcessGenerator:
        """Wait for a cycle with room on the wires."""
        if self.env.now == self._cycle and self._moved == self._width:
            yield self.env.timeout(1)

    def move(self) -> None:
        """A word moves now."""
        if self.env.now != self._cycle:
            self._cycle, self._moved = int(self.env.now), 0
        self._moved += 1


class WeightBus(Bus):
    """Filter buffer to PEs.

    Takes:  words of *buffer* in the plan's order.
    Gives:  each to all lanes of a filter set, which always have room.
    Counts: ``noc.deliver:weight``.
    """

    def run(
        self, addresses: Addresses, wiring: Wiring, buffer: InputBuffer, loaded: simpy.Event
    ) -> ProcessGenerator:
        """Serve one pass; *loaded* happens once the last word has left the buffer."""
        for lane_set, depth, words in addresses.plan.weight_groups:
            spads = wiring.weights[lane_set, depth]
            p, q, s = spads[0].values.shape
            assert p * q * s == words, "the plan counts the words of a group"
            for place in product(range(p), range(q), range(s)):
                yield from self.slot()
                value = buffer.read(addresses.weight(lane_set, depth, place))
                self.actions["noc.deliver:weight"] += len(spads)
                self.move()
                after(self.env, self.latency, partial(self._arrive, spads, place, value))
        yield self.env.timeout(1)
        loaded.succeed()

    def _arrive(self, spads: Sequence[WeightSpad], place: tuple[int, int, int], value: int) -> None:
        for spad in spads:
            spad.arrive(place, value)


class IfmapBus(Bus):
    """GLB to PEs.

    Takes:  words of *buffer* in the plan's order; makes pad zeros itself where the GLB does not keep them.
    Gives:  each to all PEs of its stream, once every one of them has room.
    Counts: ``noc.deliver:ifmap``.
    """

    def run(self, addresses: Addresses, wiring: Wiring, buffer: InputBuffer) -> ProcessGenerator:
        """Serve one pass."""
        plan = addresses.plan
        order = (plan.ifmap_column, plan.ifmap_stream, plan.ifmap_channel)
        for column, stream, channel in zip(*(axis.tolist() for axis in order), strict=True):
            spads = wiring.ifmap[stream]
            yield from self.slot()
            for spad in spads:
                yield from spad.room()
            for spad in spads:
                spad.reserve()
            address = addresses.ifmap(column, stream, channel)
            value = 0 if addresses.is_made(address) else buffer.read(address)
            self.actions["noc.deliver:ifmap"] += len(spads)
            self.move()
            after(self.env, self.latency, partial(self._arrive, spads, column, channel, value))

    def _arrive(self, spads: Sequence[IfmapSpad], column: int, channel: int, value: int) -> None:
        for spad in spads:
            spad.arrive(column, channel, value)


class PsumBus(Bus):
    """GLB to the bottom PEs.

    Takes:  psums that the *writer* has written, in the plan's order, step by step.
    Gives:  each to the bottom PE of its lane, once there is room in its FIFO.
    Counts: ``noc.deliver:psum``.
    """

    def run(self, addresses: Addresses, wiring: Wiring, buffer: PsumBuffer, writer: Part) -> ProcessGenerator:
        """Serve one pass."""
        for step, (lane, j) in product(range(addresses.plan.steps), addresses.plan.psum_order):
            link, address = wiring.bottoms[lane], addresses.psum(step, lane, j)
            yield from self.slot()
            yield from link.room()
            yield from buffer.written(address, self, writer)
            self.actions["noc.deliver:psum"] += 1
            self.move()
            link.send(buffer.read(address))


class OfmapBus(Bus):
    """Top PEs to the GLB, one pass after the other.

    Takes:  words from the top PEs' FIFOs in the plan's order, step by step.
    Gives:  psums to *buffer*, as wide as the accumulator. Counts: ``noc.collect:psum``.
    """

    def run(
        self, addresses: Addresses, array: Array, buffer: PsumBuffer, written: simpy.Event
    ) -> ProcessGenerator:
        """Serve one pass; *written* happens once its last word is in the buffer."""
        plan, bypass = addresses.plan, addresses.job.work.last and not self.arch.ofmap_via_glb
        outputs = [array.output(int(pe)) for pe in plan.pes[-1]]
        missing = Countdown(written, plan.steps * len(plan.psum_order))
        for step, (lane, j) in product(range(plan.steps), plan.psum_order):
            yield from self.slot()
            yield from outputs[lane].word()
            self.move()
            self.actions["noc.collect:psum"] += 1
            value = accumulated(outputs[lane].take(), self.arch.accumulator_bits, self.arch.overflow)
            write = partial(buffer.write, addresses.psum(step, lane, j), value, bypass=bypass)
            after(self.env, self.latency, partial(self._arrive, write, missing))

    def _arrive(self, write: Callable[[], None], missing: Countdown) -> None:
        write()
        missing.one()
