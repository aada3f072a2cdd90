"""What the compiled recurrences work on: clocks of the array, a stretch of work, and the log of what it did.

A slot of a FIFO holds one time: while it is occupied, when its word can be taken; while it is free, since
when.
"""

from typing import NamedTuple

from accelsim.network.layer import IntArray
from accelsim.passes.patterns import OP

IFMAP, WEIGHT, PSUM, OFMAP = range(4)
"""Numbers of the buses, by which kernels index their arrays."""

NO_WEIGHT, NO_IFMAP, BLOCKED, NO_PSUM = range(4)
"""Numbers of the causes why a PE waits, by which kernels count its cycles."""


IFMAP_FROM, WEIGHT_FROM, PSUM_FROM, PSUM_TO = (
    OP.index(name) for name in ("ifmap_from", "weight_from", "psum_from", "psum_to")
)
"""Columns of a step; from PSUM_TO on they say where the PE gives, up to COLUMNS."""

COLUMNS = len(OP)

NOBODY = -1
"""In place of a bus or PE at the end of a FIFO: it is one of the others."""

UNKNOWN = -(1 << 60)
"""The time of what no evaluated part brings about yet."""


class ArrayClocks(NamedTuple):
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


class Deliveries(NamedTuple):
    """The words of a bus into the array."""

    start: IntArray  # (words + 1,) where the FIFOs of each begin in
    fifos: IntArray
    beat: IntArray  # (words,) 1: not in the cycle of the word before


class PsumWords(NamedTuple):
    """The words of a bus of psums, each for one FIFO or from one."""

    fifos: IntArray  # (words,)
    beat: IntArray  # (words,)
    line: IntArray  # (words,) that they are read from, or written to, within the pass; negative: none


class Stretch(NamedTuple):
    """One pattern of a plan, as arrays."""

    ifmap: Deliveries
    weight: Deliveries
    psum: PsumWords
    ofmap: PsumWords
    op_start: IntArray  # (PEs + 1,) where the steps of each PE begin in
    ops: IntArray  # (steps, COLUMNS)


class Endpoints(NamedTuple):
    """Whose clock bounds a FIFO, and which buses are never ahead of all PEs."""

    filling_bus: IntArray  # (FIFOs,) NOBODY: a PE fills it
    taking_pe: IntArray  # (FIFOs,) NOBODY: a bus takes from it
    taking_bus: IntArray  # (FIFOs,) NOBODY: a PE does
    idle: IntArray  # (buses,) 1: only PEs can give it work, or nothing does


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
