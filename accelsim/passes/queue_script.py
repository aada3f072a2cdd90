"""A pass of queues word by word: which activations are taken, and which weights PEs are given."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from accelsim.machine import Operand
from accelsim.machine.control import control_of
from accelsim.mapping.footprint import Address
from accelsim.network.layer import BoolArray, Tensor
from accelsim.passes.addresses import at_places, places_of
from accelsim.passes.given import Given
from accelsim.passes.patterns import KEPT
from accelsim.passes.queue import QueuePlan
from accelsim.passes.script import Collected, Fifo, Load, Numbers, Sent, Step


class QueueScript:
    """One pass of *plan*."""

    keeps: tuple[Operand, ...] = ("ifmap", "weight", "psum")
    together = drained = False
    tail = 0

    def __init__(self, plan: QueuePlan, given: Given) -> None:
        self._plan, self._given = plan, given
        self._pes = range(len(plan.filters))
        self._number = Numbers(len(plan.filters))
        self._places = places_of(given.layer, generated=given.arch.padding == "generated")
        self._control = control_of(given.arch, values=given.operands is not None)

    def fifos(self) -> dict[int, Fifo]:
        """A queue for each PE."""
        bus = self._given.arch.noc.ifmap
        return {
            self._number.port("ifmap bus", pe): Fifo(
                "ifmap", None, pe, bus.fifo_words, bus.latency_cycles, "rf.write:ifmap"
            )
            for pe in self._pes
        }

    def loads(self) -> list[Load]:
        """The weights of each PE, ``(taps, filters)``."""
        if not self._given.load:
            return []
        latency = self._given.arch.noc.weight.latency_cycles
        return [Load("weight", self._weights(pe)[1], latency) for pe in self._pes]

    def words(self, bus: Operand) -> Iterator[Sent]:
        """Weights PE by PE; every activation to all PEs; no psums, since a pass begins them all."""
        if bus == "weight":
            return self._loaded()
        return self._broadcast() if bus == "ifmap" else iter(())

    def steps(self, pe: int) -> Iterable[Step]:
        """Pixel by pixel, the activations that come, then a psum for each filter."""
        port = self._number.port
        queue, above, filters = port("ifmap bus", pe), port("output", pe), len(self._plan.filters[pe])
        for pixel in self._taken:
            taps = np.flatnonzero(pixel).tolist()
            for tap in taps:
                yield Step("activation", KEPT, queue, taps=(tap,))
            left_out = (len(pixel) - len(taps)) * filters
            yield Step("give", KEPT, above=above, skipped=left_out)
            for _ in range(filters - 1):
                yield Step("give", KEPT, above=above)

    def collected(self) -> Iterator[Collected]:
        """Pixel by pixel, in the order of the plan."""
        order, pixels = self._plan.psum_order, self._plan.shape.e
        owners = [pe for pe, _ in order] * pixels
        filters = np.array([self._plan.filters[pe][rank] for pe, rank in order])
        at = at_places(e=np.repeat(np.arange(pixels), len(order)), m=np.tile(filters, pixels))
        addresses = self._places.psum(self._given.job.tile, at)
        bypass = self._given.leaves
        return (Collected(address, pe, bypass) for address, pe in zip(addresses, owners, strict=True))

    def _loaded(self) -> Iterator[Sent]:
        for pe in self._pes if self._given.load else ():
            addresses, carried = self._weights(pe)
            for address, moves in zip(addresses, carried.flat, strict=True):
                if moves:
                    yield Sent(address, (self._number.kept(pe),))

    def _broadcast(self) -> Iterator[Sent]:
        every = tuple(self._number.port("ifmap bus", pe) for pe in self._pes)
        for address, moves in zip(self._activations, self._taken.flat, strict=True):
            yield Sent(address, every if moves else ())

    def _weights(self, pe: int) -> tuple[list[Address], BoolArray]:
        """The weights of *pe*, tap by tap, and ``(taps, filters)`` those that it is given."""
        filters, taps, operands = self._plan.filters[pe], self._plan.shape.c, self._given.operands
        at = at_places(c=np.repeat(np.arange(taps), len(filters)), m=np.tile(filters, taps))
        addresses = self._places.weight(self._given.job.tile, at)
        present = _present(None if operands is None else operands.weight, addresses)
        return addresses, self._control.carried(present.reshape(taps, len(filters)))

    @cached_property
    def _activations(self) -> list[Address | None]:
        """Pixel by pixel."""
        shape = self._plan.shape
        at = at_places(e=np.repeat(np.arange(shape.e), shape.c), c=np.tile(np.arange(shape.c), shape.e))
        return self._places.ifmap(self._given.job.tile, at)

    @cached_property
    def _taken(self) -> BoolArray:
        """Which activations PEs take, ``(pixels, taps)``."""
        shape, operands = self._plan.shape, self._given.operands
        present = _present(None if operands is None else operands.ifmap, self._activations)
        return self._control.taken(present.reshape(shape.e, shape.c))


def _present(tensor: Tensor | None, addresses: Sequence[Address | None]) -> BoolArray:
    """Whether the words at *addresses* are not zero; those without an address are."""
    if tensor is None:
        return np.zeros(len(addresses), bool)
    return np.array([address is not None and bool(tensor[address]) for address in addresses], bool)
