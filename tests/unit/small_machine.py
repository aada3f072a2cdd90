"""A small chip and a nest by hand, for whole layers on the machine."""

import random
from collections.abc import Sequence
from dataclasses import replace
from heapq import heappush
from math import prod
from typing import Any

import numpy as np
import simpy

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.engines.timing import Outcome
from accelsim.machine import PE, Arch, Banks, LocalLink, NoC, PEArray, QueuedBus, SplitRF, WeightBus
from accelsim.mapping.footprint import ifmap_words
from accelsim.mapping.nest import Dim, Level, Loop, Mapping
from accelsim.mapping.operands import Operands, Store, weight_words
from accelsim.mapping.work import Work
from accelsim.network.convolution import reference_ofmap
from accelsim.network.layer import IntArray, Layer
from accelsim.passes.lanes import SPATIAL
from accelsim.program.jobs import Job, Program, make_program
from accelsim.program.waits import PSUM_DIMS
from accelsim.stats import CAUSES

WORD_BITS = 16

WEIGHT = WeightBus(WORD_BITS)
IFMAP, PSUM, OFMAP = QueuedBus(WORD_BITS), QueuedBus(WORD_BITS), QueuedBus(WORD_BITS)

CHIP = Arch(
    name="small",
    clock_hz=200,
    array=PEArray(4, 4),
    rf=SplitRF("split", ifmap_bytes=64, weight_bytes=448, psum_bytes=48),
    pe=PE(pipeline_stages=3),
    noc=NoC(WEIGHT, IFMAP, PSUM, OFMAP, LocalLink()),
    glb=Banks(64, 64),
    filter_glb=Banks(16, 64),
    dram="ideal",
)
"""Every bus one word wide, every latency one cycle, FIFOs that never fill."""


def chip(**changes: Any) -> Arch:
    """CHIP with other values; those of buses by the bus's name."""
    noc = {
        name: changes.pop(name) for name in ("weight", "ifmap", "psum", "ofmap", "local") if name in changes
    }
    return replace(CHIP, noc=replace(CHIP.noc, **noc), **changes)


def row_stationary(layer: Layer, *, n: int = 1, e: int = 1, m: int = 1, **tile: int) -> Mapping:
    """The nest by hand: p filters and q channels a PE, r channel sets stacked, t filter sets side by side.

    A pass takes *rows* filter rows and *taps* taps, all unless told otherwise.
    """
    p, q, r, t = (tile.get(letter, 1) for letter in "pqrt")
    loops = (
        Loop("dram", "g", 1),
        Loop("dram", "n", n),
        Loop("dram", "e", e),
        Loop("dram", "m", m),
        Loop("glb", "c", q * r),
        Loop("glb", "r", tile.get("rows", layer.r)),
        Loop("glb", "s", tile.get("taps", layer.s)),
        Loop("glb", "m", p * t),
        Loop("rows", "c", q),
        Loop("rows", "r", 1),
        Loop("cols", "m", p),
        Loop("cols", "e", 1),
        *(Loop(level, dim, 1) for level, dim in SPATIAL[4:]),
    )
    tops = tuple(tuple((0, i * e + j) for j in range(e)) for i in range(t))
    return Mapping(layer, loops, psum_words=n * m * e * layer.f, tops=tops)


def nest(
    layer: Layer,
    around: dict[tuple[Level, Dim], int],
    rows: Sequence[Dim],
    cols: Sequence[Dim],
    pe: Sequence[Dim],
    **keeping: Any,
) -> Mapping:
    """A nest of single MACs by hand: the steps of the loops *around* a pass, and the loops within it.

    *keeping*: keeps, sharing and fetches of the mapping.
    """
    within = [Loop("rows", dim, 1) for dim in rows] + [Loop("cols", dim, 1) for dim in cols]
    within += [Loop("pe", dim, 1) for dim in pe]
    loops = (Loop("dram", "g", 1), *(Loop(*at, step) for at, step in around.items()), *within)
    empty = Mapping(layer, loops, psum_words=0, **keeping)
    return replace(empty, psum_words=prod(empty.step("dram", dim) for dim in PSUM_DIMS))


class Shuffled(simpy.Environment):
    """Events of one time in random order, where SimPy keeps the order in which they were scheduled."""

    dice = random.Random(0)

    def schedule(self, event: Any, priority: Any = 1, delay: Any = 0) -> None:
        queue: Any = self._queue
        heappush(queue, (self._now + delay, priority, (self.dice.random(), next(self._eid)), event))


def operands(layer: Layer, seed: int = 0) -> tuple[Operands, IntArray]:
    """Values, a third of the ifmap zero, and the ofmap they give."""
    rng = np.random.default_rng(seed)
    ifmap = rng.integers(-9, 10, layer.ifmap_shape) * (rng.random(layer.ifmap_shape) < 2 / 3)
    weight = rng.integers(-9, 10, layer.weight_shape)
    return Operands(layer.padded(ifmap), weight, Store(bits=WORD_BITS)), reference_ofmap(layer, ifmap, weight)


def with_fills(work: Work, job: Job, program: Program) -> Work:
    """*work* of *job* with what DRAM gives it."""
    layer, box = program.layer, job.work
    return work._replace(
        ifmap_fills=ifmap_words(layer, box.ifmap, program.arch) if job.new_ifmap else 0,
        weight_fills=weight_words(box.weights) if job.new_weights else 0,
    )


def causes_of(outcome: Outcome, pe: int) -> dict[str, int]:
    """Cycles of one PE by cause."""
    return {cause: int(n) for cause, n in zip(CAUSES, outcome.causes[:, pe], strict=True) if n}


def run(layer: Layer, arch: Arch, **tile: int) -> Outcome:
    """*layer* with values on the reference engine, its ofmap checked; the fast engine must say the same."""
    values, ofmap = operands(layer)
    program = make_program(row_stationary(layer, **tile), arch, values)
    outcome, other = reference.simulate(program, values), fast.simulate(program, values)
    assert outcome.ofmap is not None
    np.testing.assert_array_equal(outcome.ofmap, ofmap)
    np.testing.assert_array_equal(other.causes, outcome.causes)
    assert (other.cycles, other.actions) == (outcome.cycles, outcome.actions)
    return outcome
