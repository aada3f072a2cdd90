"""Whole layers on the machine: schedules worked by hand to the cycle, values, order and deadlock."""

import random
from dataclasses import replace
from heapq import heappush
from typing import Any

import numpy as np
import pytest
import simpy

from accelsim.arch import (
    PE,
    Arch,
    Banks,
    Bus,
    DramLink,
    LocalLink,
    NoC,
    PEArray,
    QueuedBus,
    SplitRF,
)
from accelsim.errors import SimulationError
from accelsim.hw import simulate
from accelsim.mapping import Loop, Mapping
from accelsim.outcome import Outcome
from accelsim.plan import Plan
from accelsim.program import Program, make_program
from accelsim.stats import CAUSES
from accelsim.traffic import Operands, Store
from accelsim.workload import IntArray, Layer, reference

WORD_BITS = 16

WEIGHT, IFMAP, PSUM, OFMAP = Bus(WORD_BITS), QueuedBus(WORD_BITS), QueuedBus(WORD_BITS), QueuedBus(WORD_BITS)

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
    """The nest by hand; p filters and q channels a PE, r channel sets stacked, t filter sets side by side."""
    p, q, r, t = (tile.get(letter, 1) for letter in "pqrt")
    loops = (
        Loop("dram", "g", 1),
        Loop("dram", "n", n),
        Loop("dram", "e", e),
        Loop("dram", "m", m),
        Loop("glb", "c", q * r),
        Loop("glb", "r", layer.r),
        Loop("glb", "s", layer.s),
        Loop("glb", "m", p * t),
        Loop("rows", "c", q),
        Loop("rows", "r", 1),
        Loop("cols", "m", p),
        Loop("cols", "e", 1),
    )
    return Mapping(layer, loops, tuple(tuple((0, i * e + j) for j in range(e)) for i in range(t)))


def operands(layer: Layer, seed: int = 0) -> tuple[Operands, IntArray]:
    """Values, a third of the ifmap zero, and the ofmap they give."""
    rng = np.random.default_rng(seed)
    ifmap = rng.integers(-9, 10, layer.ifmap_shape) * (rng.random(layer.ifmap_shape) < 2 / 3)
    weight = rng.integers(-9, 10, layer.weight_shape)
    return Operands(layer.padded(ifmap), weight, Store(bits=WORD_BITS)), reference(layer, ifmap, weight)


def causes_of(outcome: Outcome, pe: int) -> dict[str, int]:
    """Cycles of one PE by cause."""
    return {cause: int(n) for cause, n in zip(CAUSES, outcome.causes[:, pe], strict=True) if n}


def run(layer: Layer, arch: Arch, **tile: int) -> Outcome:
    """*layer* with values, its ofmap checked."""
    values, ofmap = operands(layer)
    outcome = simulate(make_program(row_stationary(layer, **tile), arch), values)
    assert outcome.ofmap is not None
    np.testing.assert_array_equal(outcome.ofmap, ofmap)
    return outcome


ROW_OF_TWO = Layer("row of two", m=1, c=1, h=1, w=2, r=1, s=1)


def test_one_pe_and_two_columns_to_the_cycle() -> None:
    """One PE, one weight, two ifmap words.

    ====== =========================================================
    cycle  what happens
    ====== =========================================================
    0      the weight and ifmap word 0 move; both usable at 1
    1      MAC of step 0; ifmap word 1 moves, usable at 2
    2      psum 0 issues: in the FIFO at 2 + 3 = 5
    3      MAC of step 1
    4      psum 1 issues: in the FIFO at 7
    5, 6   the pipeline empties; psum 0 moves at 5, is written at 6
    7      psum 1 moves, is written at 8
    8      the ofmap is in DRAM
    ====== =========================================================
    """
    outcome = run(ROW_OF_TWO, CHIP)
    assert outcome.cycles == 8
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 1,
        "busy.mac": 2,
        "busy.accumulate": 2,
        "busy.pipeline": 2,
        "idle": 1,
    }
    assert causes_of(outcome, 1) == {"idle": 8}


def test_configuration_delays_everything_and_is_idle() -> None:
    outcome = run(ROW_OF_TWO, chip(configuration_cycles=4))
    assert outcome.cycles == 8 + 4
    assert causes_of(outcome, 0)["idle"] == 1 + 4


def test_one_row_of_two_behind_a_slow_link_to_the_cycle() -> None:
    """The layer above with a link of one word a cycle at 60 MHz, 10/3 core cycles each.

    The weight has link cycle 0 and is in at ceil(10/3) = 4, the ifmap link cycles 1 and 2 and is in at
    10. Then the pass as above: written at 18. The ofmap may leave in link cycle ceil(18 * 3/10) = 6, takes
    two, and is in DRAM at ceil(8 * 10/3) = 27.
    """
    outcome = run(ROW_OF_TWO, chip(dram=DramLink(clock_hz=60, bits_per_cycle=WORD_BITS)))
    assert outcome.cycles == 27
    assert causes_of(outcome, 0) == {
        "no_weight.dram": 4,
        "no_ifmap.dram": 6,
        "no_weight.bus": 1,
        "busy.mac": 2,
        "busy.accumulate": 2,
        "busy.pipeline": 2,
        "idle": 27 - 17,
    }


def test_a_chain_of_two_pes_to_the_cycle() -> None:
    """Two filter rows, one ofmap word: the psum climbs from PE (1, 0) to PE (0, 0).

    ====== ================================= =======================================
    cycle  top PE (0, 0), filter row 0       bottom PE (1, 0), filter row 1
    ====== ================================= =======================================
    0      its words move                    -
    1      MAC                               its words move
    2      waits for the psum from below     MAC
    3      waits                             issues: usable above at 3 + 3 + 1 = 7
    7      issues: in the FIFO at 10         has been empty since 6
    10     the pass is over; the psum moves, is written at 11
    ====== ================================= =======================================
    """
    outcome = run(Layer("column", m=1, c=1, h=2, w=1, r=2, s=1), CHIP)
    assert outcome.cycles == 11
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 1,
        "busy.mac": 1,
        "no_psum.bus": 5,
        "busy.accumulate": 1,
        "busy.pipeline": 2,
        "idle": 1,
    }
    assert causes_of(outcome, 4) == {
        "no_weight.bus": 2,
        "busy.mac": 1,
        "busy.accumulate": 1,
        "busy.pipeline": 2,
        "idle": 5,
    }


def test_a_psum_that_spills_and_returns_to_the_cycle() -> None:
    """Two channels, one a pass; the psum bus takes two cycles.

    Pass 0 from cycle 0: words move at 0, MAC at 1, issue at 2, over at 5; the psum moves at 5, is written at 6.
    Pass 1 from cycle 5: words move at 5, MAC at 6; the psum moves at 6, is usable at 8: no psum in cycle 7,
    issue at 8, over at 11; the psum moves at 11, is written at 12.
    """
    outcome = run(Layer("two channels", m=1, c=2, h=1, w=1, r=1, s=1), chip(psum=QueuedBus(16, 2)))
    assert outcome.cycles == 12
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 2,
        "busy.mac": 2,
        "no_psum.bus": 1,
        "busy.accumulate": 2,
        "busy.pipeline": 4,
        "idle": 1,
    }
    assert outcome.actions["glb.write:psum"] == 2
    assert outcome.actions["glb.read:psum"] == 2  # once back into the array, once out to DRAM


def test_an_output_fifo_of_one_word_to_the_cycle() -> None:
    """Three filters in one PE, one ofmap column, one place at the top.

    Weights are usable at 3; MACs in 3, 4, 5. Psum 0 issues at 6, is in the FIFO at 9 and moves, its place is
    free at 10; psum 1 issues at 10, moves at 13; psum 2 issues at 14, moves at 17, is written at 18.
    """
    layer = Layer("three filters", m=3, c=1, h=1, w=1, r=1, s=1)
    outcome = run(layer, chip(ofmap=QueuedBus(16, fifo_words=1)), m=3, p=3)
    assert outcome.cycles == 18
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 3,
        "busy.mac": 3,
        "busy.accumulate": 3,
        "blocked.bus": 3 + 3,
        "busy.pipeline": 2,
        "idle": 1,
    }


def test_an_ifmap_fifo_of_one_word_to_the_cycle() -> None:
    """Four steps of one word; window and FIFO hold two; the ifmap bus takes three cycles.

    ====== ====== ================== ====== ======= =====================
    word   moves  because            usable MAC     issue, end of step
    ====== ====== ================== ====== ======= =====================
    0      0      room               3      3       4, 5
    1      1      room               4      5       6, 7
    2      5      end of step 0      8      8       9, 10
    3      7      end of step 1      10     10      11, 12
    ====== ====== ================== ====== ======= =====================

    No weight in cycle 0, no ifmap in 1, 2 and 7; over at 14, when the last psum moves; written at 15.
    """
    layer = Layer("row of four", m=1, c=1, h=1, w=4, r=1, s=1)
    outcome = run(layer, chip(ifmap=QueuedBus(16, latency_cycles=3, fifo_words=1)))
    assert outcome.cycles == 15
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 1,
        "no_ifmap.bus": 3,
        "busy.mac": 4,
        "busy.accumulate": 4,
        "busy.pipeline": 2,
        "idle": 1,
    }


def test_words_of_the_pass_before_hold_up_the_next_to_the_cycle() -> None:
    """Four lanes, two passes (filters), output FIFOs of one word, one pipeline stage, a wide ifmap bus.

    Pass 0: all words move at 0, MAC at 1, all issue at 2, over at 3. Lanes 0 to 3 move at 3, 4, 5, 6: their
    places are free at 4, 5, 6, 7. Pass 1 from 3: words move at 3, MAC at 4; lanes 0 and 1 issue at 5, lane 2
    at 6, lane 3 at 7, over at 8. The bus is free at 7: it moves them at 7, 8, 9, 10; written at 11.
    """
    layer = Layer("four rows", m=2, c=1, h=4, w=1, r=1, s=1)
    arch = chip(pe=PE(pipeline_stages=1), ifmap=QueuedBus(4 * 16), ofmap=QueuedBus(16, fifo_words=1))
    outcome = run(layer, arch, e=4, m=2)
    assert outcome.cycles == 11
    for lane, blocked in enumerate([0, 0, 1, 2]):
        causes = causes_of(outcome, lane)
        assert causes.pop("blocked.bus", 0) == blocked
        assert causes == {"no_weight.bus": 2, "busy.mac": 2, "busy.accumulate": 2, "idle": 11 - 6 - blocked}


SHAPES = {
    "strided": (
        Layer("a", m=3, c=2, h=7, w=8, r=3, s=2, stride=(2, 3), pad=(1, 0, 2, 1)),
        {"e": 2, "m": 3, "p": 2},
    ),
    "dilated": (
        Layer("b", m=2, c=3, h=6, w=7, r=2, s=3, dilation=(3, 2), pad=(0, 1, 1, 0)),
        {"e": 3, "q": 2},
    ),
    "grouped": (Layer("c", m=4, c=4, h=4, w=3, r=2, s=2, n=2, groups=2), {"n": 2, "e": 2, "m": 2, "t": 2}),
    "depthwise": (Layer("d", m=3, c=3, h=5, w=5, r=3, s=3, groups=3, pad=(1, 1, 1, 1)), {"e": 4}),
    "connected": (Layer("e", m=5, c=3, h=2, w=3, r=2, s=3, n=3, kind="fc"), {"n": 2, "m": 5, "p": 3, "q": 2}),
    "ragged": (Layer("f", m=5, c=5, h=5, w=4, r=2, s=2), {"e": 2, "m": 4, "p": 1, "t": 2, "q": 2, "r": 2}),
}

TIGHT = chip(
    ifmap=QueuedBus(16, fifo_words=1),
    psum=QueuedBus(16, fifo_words=1),
    ofmap=QueuedBus(16, fifo_words=1),
    local=LocalLink(fifo_words=1),
    filter_glb=None,
    dram=DramLink(clock_hz=60, bits_per_cycle=16, latency_cycles=5, burst_cycles=2),
    padding="generated",
    rlc=True,
)
WIDE = chip(weight=Bus(64), ifmap=QueuedBus(32), psum=QueuedBus(64), ofmap=QueuedBus(64))


@pytest.mark.parametrize("arch", [CHIP, TIGHT, WIDE], ids=["chip", "tight", "wide"])
@pytest.mark.parametrize("name", SHAPES)
def test_the_ofmap_is_that_of_the_layer(name: str, arch: Arch) -> None:
    layer, tile = SHAPES[name]
    outcome = run(layer, arch, **tile)
    assert outcome.actions["mac.multiply_add:psum"] == layer.macs


def test_without_values_the_machine_takes_the_same_time() -> None:
    layer, tile = SHAPES["ragged"]
    gating = chip(pe=PE(zero_gating=True))
    outcome = simulate(make_program(row_stationary(layer, **tile), gating), None)
    assert outcome.ofmap is None
    assert outcome.actions["mac.multiply_add:psum"] == layer.macs
    np.testing.assert_array_equal(outcome.causes, run(layer, gating, **tile).causes)


def test_a_zero_gates_its_macs_one_by_one() -> None:
    layer, tile = SHAPES["ragged"]
    values, _ = operands(layer)
    padded = [
        np.roll(values.ifmap, (-i, -j), (2, 3))[:, :, : layer.e, : layer.f]
        for i in range(2)
        for j in range(2)
    ]
    zeros = layer.m * sum(int((window == 0).sum()) for window in padded)
    outcome = run(layer, chip(pe=PE(zero_gating=True)), **tile)
    assert outcome.actions["mac.gated:psum"] == zeros
    assert outcome.actions["mac.multiply_add:psum"] == layer.macs - zeros


def test_pad_zeros_that_the_bus_makes_are_delivered_but_never_read() -> None:
    layer = Layer("padded", m=1, c=1, h=2, w=2, r=3, s=3, pad=(1, 1, 1, 1))
    stored, made = (run(layer, chip(padding=padding), e=2) for padding in ("stored", "generated"))
    assert (stored.actions["glb.read:ifmap"], made.actions["glb.read:ifmap"]) == (16, 4)
    assert (stored.actions["dram.read:ifmap"], made.actions["dram.read:ifmap"]) == (16, 4)
    assert stored.actions["noc.deliver:ifmap"] == made.actions["noc.deliver:ifmap"]
    assert stored.cycles == made.cycles


class Shuffled(simpy.Environment):
    """Events of one time in random order, where SimPy keeps the order in which they were scheduled."""

    dice = random.Random(0)

    def schedule(self, event: Any, priority: Any = 1, delay: Any = 0) -> None:
        queue: Any = self._queue
        heappush(queue, (self._now + delay, priority, (self.dice.random(), next(self._eid)), event))


@pytest.mark.parametrize("arch", [TIGHT, WIDE], ids=["tight", "wide"])
@pytest.mark.parametrize("name", SHAPES)
def test_nothing_depends_on_the_order_of_events_at_one_time(
    name: str, arch: Arch, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, tile = SHAPES[name]
    plain = run(layer, arch, **tile)
    monkeypatch.setattr(simpy, "Environment", Shuffled)
    shuffled = run(layer, arch, **tile)
    assert shuffled.actions == plain.actions
    np.testing.assert_array_equal(shuffled.causes, plain.causes)


def rows_outermost(plan: Plan) -> Plan:
    """*plan* with an ifmap bus that serves stream after stream."""
    order = np.argsort(plan.ifmap_stream, kind="stable")
    return replace(
        plan,
        ifmap_column=plan.ifmap_column[order],
        ifmap_stream=plan.ifmap_stream[order],
        ifmap_channel=plan.ifmap_channel[order],
    )


def badly_ordered(fifo_words: int) -> Program:
    """Two filter rows over three columns; the bus serves all of the top row first."""
    layer = Layer("deadlock", m=1, c=1, h=2, w=3, r=2, s=1)
    arch = chip(ifmap=QueuedBus(16, fifo_words=fifo_words))
    program = make_program(row_stationary(layer), arch)
    return replace(program, plans={shape: rows_outermost(plan) for shape, plan in program.plans.items()})


def test_a_bad_bus_order_stops_the_machine_in_a_circle_that_is_named() -> None:
    with pytest.raises(SimulationError) as stopped:
        simulate(badly_ordered(fifo_words=1), None)
    assert str(stopped.value) == (
        "circular wait: ifmap bus waits for room in PE (0, 0); PE (0, 0) waits for psum from PE (1, 0);"
        " PE (1, 0) waits for ifmap word from ifmap bus"
    )


def test_a_bad_bus_order_is_harmless_where_the_fifo_holds_the_row() -> None:
    simulate(badly_ordered(fifo_words=2), None)


def test_a_bus_that_forgets_a_word_leaves_a_pe_waiting_for_it() -> None:
    program = make_program(row_stationary(ROW_OF_TWO), CHIP)
    (shape, plan), *_ = program.plans.items()
    short = replace(
        plan,
        ifmap_column=plan.ifmap_column[:-1],
        ifmap_stream=plan.ifmap_stream[:-1],
        ifmap_channel=plan.ifmap_channel[:-1],
    )
    with pytest.raises(
        SimulationError, match=r"endless wait: .*PE \(0, 0\) waits for ifmap word from ifmap bus"
    ):
        simulate(replace(program, plans={shape: short}), None)


def test_a_sum_wider_than_the_accumulator_is_an_error_or_wraps() -> None:
    layer = Layer("wide", m=1, c=2, h=1, w=1, r=1, s=1)
    values = Operands(np.full((1, 2, 1, 1), 100), np.full((1, 2, 1, 1), 100), Store(bits=16))
    program = make_program(row_stationary(layer), chip(accumulator_bits=15))
    with pytest.raises(SimulationError, match=r"psums must fit 15 bits \(got 20000\)"):
        simulate(program, values)
    wrapped = simulate(replace(program, arch=replace(program.arch, overflow="wrap")), values)
    assert wrapped.ofmap is not None
    assert wrapped.ofmap.tolist() == [[[[20000 - 2**15]]]]
