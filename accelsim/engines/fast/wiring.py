"""A plan of single MACs as arrays, for the compiled recurrences."""

import numpy as np

from accelsim.engines.fast.state import (
    IFMAP,
    NOBODY,
    OFMAP,
    PSUM,
    WEIGHT,
    Deliveries,
    Endpoints,
    PsumWords,
    Stretch,
    Wiring,
)
from accelsim.network.layer import IntArray
from accelsim.passes.patterns import FIFO_KINDS, NOWHERE, BusWords, Pattern
from accelsim.passes.stream import StreamPlan

BUSES = ("ifmap", "weight", "psum", "ofmap")


def wiring_of(plan: StreamPlan, width: IntArray, *, reads: bool) -> Wiring:
    """What stays the same all pass long, with buses of *width* words a cycle."""
    pes, external = len(plan.pes), np.zeros(len(plan.capacity), np.int64)
    for pattern in plan.patterns:
        external[pattern.psum.fifos[pattern.psum_line == NOWHERE]] = 1
    output = FIFO_KINDS.index("output") * pes
    return Wiring(
        start=np.concatenate(([0], np.cumsum(plan.capacity))),
        latency=plan.latency,
        width=width,
        outputs=np.array([output, output + pes]),
        external=external,
        reads=int(reads),
    )


def endpoints(plan: StreamPlan, *, reads: bool) -> Endpoints:
    """Who fills and empties each FIFO of *plan*, and which of its buses are idle."""
    pes, lanes, kinds = len(plan.pes), plan.lanes, len(FIFO_KINDS)
    filling = np.full((kinds, pes), NOBODY)
    filling[FIFO_KINDS.index("ifmap bus")], filling[FIFO_KINDS.index("weight bus")] = IFMAP, WEIGHT
    filling[FIFO_KINDS.index("psum"), :lanes] = PSUM
    taking_pe, taking_bus = np.tile(np.arange(pes), (kinds, 1)), np.full((kinds, pes), NOBODY)
    for kind, bus in (("output", OFMAP), ("line", PSUM)):
        taking_pe[FIFO_KINDS.index(kind)], taking_bus[FIFO_KINDS.index(kind)] = NOBODY, bus
    words = [sum(len(getattr(p, bus).beat) for p in plan.patterns) for bus in BUSES]
    words[PSUM] = plan.moved.line_words + plan.moved.psum_words * reads
    idle = np.array([n == 0 for n in words])
    idle[OFMAP] = True  # only PEs give it work, each after its clock
    return Endpoints(filling.ravel(), taking_pe.ravel(), taking_bus.ravel(), idle.astype(np.int64))


def load_moves(load: BusWords, width: int) -> IntArray:
    """Cycles in which a bus of *width* words a cycle moves *load*, each beat in cycles of its own."""
    starts = np.flatnonzero(load.beat)
    if not len(starts):
        return np.arange(len(load.beat)) // width
    lengths = np.diff(np.append(starts, len(load.beat)))
    begin = np.concatenate(([0], np.cumsum(-(-lengths // width))[:-1]))
    within: IntArray = np.arange(len(load.beat)) - np.repeat(starts, lengths)
    moves: IntArray = np.repeat(begin, lengths) + within // width
    return moves


def stretch_of(p: Pattern) -> Stretch:
    """The deliveries, psum words and steps of one pattern, as arrays that kernels take."""
    return Stretch(
        Deliveries(p.ifmap.start, p.ifmap.fifos, p.ifmap.beat),
        Deliveries(p.weight.start, p.weight.fifos, p.weight.beat),
        PsumWords(p.psum.fifos, p.psum.beat, p.psum_line.astype(np.int64)),
        PsumWords(p.ofmap.fifos, p.ofmap.beat, p.ofmap_line.astype(np.int64)),
        p.op_start.astype(np.int64),
        np.ascontiguousarray(p.ops),
    )


def log_sizes(p: Pattern, reads: bool) -> tuple[int, int]:
    """PsumWords that leave the pass in *p*, and those of an earlier pass that it reads."""
    made, read = int((p.ofmap_line == NOWHERE).sum()), int((p.psum_line == NOWHERE).sum())
    return made, read if reads else 0
