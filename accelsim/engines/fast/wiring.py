"""A plan of single MACs as arrays, for the compiled recurrences."""

from __future__ import annotations

import numpy as np

from accelsim.engines.fast.state import IFMAP, OFMAP, PSUM, WEIGHT, Stretch, Wiring
from accelsim.network.layer import IntArray
from accelsim.passes.patterns import KINDS, NOWHERE, Pattern, Words
from accelsim.passes.stream import StreamPlan

BUSES = ("ifmap", "weight", "psum", "ofmap")


def wiring_of(plan: StreamPlan, width: IntArray, *, reads: bool) -> Wiring:
    """What stays the same all pass long, with buses of *width* words a cycle."""
    pes, external = len(plan.pes), np.zeros(len(plan.capacity), np.int64)
    for pattern in plan.patterns:
        external[pattern.psum.fifos[pattern.psum_line == NOWHERE]] = 1
    output = KINDS.index("output") * pes
    return Wiring(
        start=np.concatenate(([0], np.cumsum(plan.capacity))),
        latency=plan.latency,
        width=width,
        outputs=np.array([output, output + pes]),
        external=external,
        reads=int(reads),
    )


def endpoints(plan: StreamPlan, *, reads: bool) -> tuple[IntArray, IntArray, IntArray]:
    """Of each FIFO the bus that fills it (-1: a PE), who empties it (a PE, or -1 - bus); idle buses."""
    pes, lanes = len(plan.pes), plan.lanes
    feeder = np.full((len(KINDS), pes), -1)
    feeder[KINDS.index("ifmap bus")], feeder[KINDS.index("weight bus")] = IFMAP, WEIGHT
    feeder[KINDS.index("psum"), :lanes] = PSUM
    drain = np.tile(np.arange(pes), (len(KINDS), 1))
    drain[KINDS.index("output")], drain[KINDS.index("line")] = -1 - OFMAP, -1 - PSUM
    words = [sum(len(getattr(p, bus).beat) for p in plan.patterns) for bus in BUSES]
    words[PSUM] = plan.moved.line_words + plan.moved.psum_words * reads
    idle = np.array([n == 0 for n in words])
    idle[OFMAP] = True  # only PEs give it work, each after its clock
    return feeder.ravel(), drain.ravel(), idle.astype(np.int64)


def load_moves(load: Words, width: int) -> IntArray:
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
    """*p* as arrays."""
    return Stretch(
        p.ifmap.start,
        p.ifmap.fifos,
        p.ifmap.beat,
        p.weight.start,
        p.weight.fifos,
        p.weight.beat,
        p.psum.fifos,
        p.psum.beat,
        p.psum_line.astype(np.int64),
        p.ofmap.fifos,
        p.ofmap.beat,
        p.ofmap_line.astype(np.int64),
        p.op_start.astype(np.int64),
        np.ascontiguousarray(p.ops),
    )


def log_sizes(p: Pattern, reads: bool) -> tuple[int, int]:
    """Psums that leave the pass in *p*, and those of an earlier pass that it reads."""
    made, read = int((p.ofmap_line == NOWHERE).sum()), int((p.psum_line == NOWHERE).sum())
    return made, read if reads else 0
