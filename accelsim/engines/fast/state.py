"""What the compiled recurrences work on: clocks of the array, a stretch of work, and the log of what it did.

A slot of a FIFO holds one time: while it is occupied, when its word can be taken; while it is free, since
when.
"""

from typing import NamedTuple

from accelsim.network.layer import IntArray

IFMAP, WEIGHT, PSUM, OFMAP = range(4)
"""Buses by number."""

NO_WEIGHT, NO_IFMAP, BLOCKED, NO_PSUM = range(4)
"""Causes by number."""


UNKNOWN = -(1 << 60)
"""The time of what no evaluated part brings about yet."""


class Clocks(NamedTuple):
    """How far every part of the array is."""

    head: IntArray  # (FIFOs,) first slot that is taken next
    held: IntArray  # (FIFOs,) occupied slots
    slot: IntArray  # (slots,)
    free: IntArray  # (PEs,) first cycle in which a PE can issue
    kept: IntArray  # (PEs,) first cycle in which it can use what it keeps
    last: IntArray  # (buses,) cycle of the last move
    moves: IntArray  # (buses, width) cycles of the last moves, a ring
    place: IntArray  # (buses,) oldest in it
    fresh: IntArray  # (buses,) 1: nothing moved in this pass


class Stretch(NamedTuple):
    """One pattern of a plan, as arrays."""

    ifmap_start: IntArray
    ifmap_fifos: IntArray
    ifmap_beat: IntArray
    weight_start: IntArray
    weight_fifos: IntArray
    weight_beat: IntArray
    psum_fifos: IntArray
    psum_beat: IntArray
    psum_line: IntArray
    ofmap_fifos: IntArray
    ofmap_beat: IntArray
    ofmap_line: IntArray
    op_start: IntArray
    ops: IntArray


class Wiring(NamedTuple):
    """What stays the same all pass long."""

    start: IntArray  # (FIFOs + 1,) where the slots of each begin
    latency: IntArray  # (FIFOs,)
    width: IntArray  # (buses,)
    outputs: IntArray  # (2,) first FIFO of kind output, and the first after them
    external: IntArray  # (FIFOs,) 1: the psum bus fills it with what an earlier pass wrote
    reads: int  # 1: it does


class Log(NamedTuple):
    """What a stretch did."""

    causes: IntArray  # (causes, PEs) cycles waited
    made: IntArray  # (words,) moves on the ofmap bus of psums that leave the pass
    read: IntArray  # (words,) moves on the psum bus of psums that an earlier pass wrote
    turn: IntArray  # (1,) first cycle in which a PE could have given a psum to the ofmap bus
