"""When a pass did what, and what the next one finds of it; the same for passes of every kind."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accelsim.network.layer import IntArray

Cycle = int | np.int64
"""A time; compiled code has machine integers."""

NEVER = -(1 << 40)
"""The neutral element of max: a constraint that binds nobody."""


def last_moves(before: IntArray, moves: IntArray) -> IntArray:
    """The last ``len(before)`` moves of a bus after *moves*."""
    width = len(before)
    return moves[-width:] if len(moves) >= width else np.concatenate((before, moves))[-width:]


@dataclass(frozen=True, eq=False)
class Backlog:
    """What a pass finds of the pass before: its psums that still queue for the ofmap bus.

    Cycles are relative to the start of the pass that finds it; all three are NEVER where nothing binds.
    """

    ofmap_moves: IntArray  # (width,) last moves of the ofmap bus
    places: IntArray  # (outputs, fifo) first cycle in which the k-th next word finds room in the PE's FIFO
    written: IntArray  # (words,) when the psums this pass reads are in the GLB; (0,): long since

    @cached_property
    def key(self) -> tuple[bytes, bytes, bytes]:
        """Equal for equal boundaries."""
        return self.ofmap_moves.tobytes(), self.places.tobytes(), self.written.tobytes()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Backlog) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True)
class PassTiming:
    """When a pass did what, in cycles from its start."""

    end: int  # the array is free
    loaded: int  # its weights have left their memory
    written: int  # its last psum is in the GLB
    causes: IntArray  # (causes, PEs of the plan), idle left out
    ofmap_moves: IntArray  # (width,) last moves of the ofmap bus, oldest first
    freed: IntArray  # (outputs, fifo) when places of the FIFOs to the ofmap bus came free, oldest first
    made: IntArray  # (words,) moves on the ofmap bus of the psums that leave the pass
    read: IntArray  # (words,) moves on the psum bus of those that it reads, in the same order; (0,): none
    first_turn: int  # no PE could give a psum to the ofmap bus before
