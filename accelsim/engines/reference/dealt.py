"""One pass of queues as words: where they are in the layer's tensors, and which of them move; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from accelsim.engines.reference.place import Places
from accelsim.machine.control import Control
from accelsim.mapping.footprint import Address
from accelsim.mapping.nest import Tile
from accelsim.mapping.operands import Operands
from accelsim.network.layer import BoolArray, IntArray
from accelsim.passes.queue import QueuePlan
from accelsim.passes.script import COORDS


class Dealt:
    """The words of the pass of *plan* over *tile*; without *operands* all of them move."""

    def __init__(self, plan: QueuePlan, tile: Tile, places: Places, operands: Operands | None) -> None:
        self._plan, self._tile, self._places = plan, tile, places
        self._operands = operands

    def ifmap(self, control: Control) -> tuple[list[Address | None], BoolArray]:
        """The activations, pixel by pixel, and ``(pixels, taps)`` those that PEs take."""
        shape = self._plan.shape
        at = _places(e=np.repeat(np.arange(shape.e), shape.c), c=np.tile(np.arange(shape.c), shape.e))
        addresses = self._places.ifmap(self._tile, at)
        present = _present(None if self._operands is None else self._operands.ifmap, addresses)
        return addresses, control.taken(present.reshape(shape.e, shape.c))

    def weights(self, filters: IntArray, control: Control) -> tuple[list[Address], BoolArray]:
        """The weights of a PE with *filters*, tap by tap, and ``(taps, filters)`` those that it is given."""
        taps = self._plan.shape.c
        at = _places(c=np.repeat(np.arange(taps), len(filters)), m=np.tile(filters, taps))
        addresses = self._places.weight(self._tile, at)
        present = _present(None if self._operands is None else self._operands.weight, addresses)
        return addresses, control.carried(present.reshape(taps, len(filters)))

    def psums(self) -> Iterator[tuple[Address, int]]:
        """The psums in the order of the ofmap bus, each with the PE it comes from, counted in the plan."""
        order, pixels = self._plan.psum_order, self._plan.shape.e
        owners = [pe for pe, _ in order] * pixels
        filters = np.array([self._plan.filters[pe][rank] for pe, rank in order])
        at = _places(e=np.repeat(np.arange(pixels), len(order)), m=np.tile(filters, pixels))
        return zip(self._places.psum(self._tile, at), owners, strict=True)


def _places(**axes: IntArray) -> IntArray:
    """``(words, COORDS)`` of *axes* ``(words,)``; the others are zero."""
    nothing = np.zeros_like(next(iter(axes.values())))
    return np.stack([axes.get(dim, nothing) for dim in COORDS], axis=1)


def _present(tensor: IntArray | None, addresses: Sequence[Address | None]) -> BoolArray:
    """Whether the words at *addresses* are not zero; those without an address are."""
    if tensor is None:
        return np.zeros(len(addresses), bool)
    return np.array([address is not None and bool(tensor[address]) for address in addresses], bool)
