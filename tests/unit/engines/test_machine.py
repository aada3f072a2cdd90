"""Whole layers on the machine: values, counts, independence of event order, and deadlock."""

from dataclasses import replace

import numpy as np
import pytest
import simpy

from accelsim.engines.reference import simulate
from accelsim.errors import SimulationError
from accelsim.machine import (
    PE,
    Arch,
    DramLink,
    Formats,
    LocalLink,
    OfmapStorage,
    QueuedBus,
    Sparsity,
    Storage,
    WeightBus,
)
from accelsim.machine.formats import RunLength
from accelsim.mapping.operands import Operands, Store
from accelsim.mapping.work import actions, dense_dram
from accelsim.network.layer import Layer
from accelsim.passes.primitive import PrimitivePlan
from accelsim.program.jobs import Program, make_program
from accelsim.stats import Actions, add
from tests.unit.small_machine import CHIP, Shuffled, chip, operands, row_stationary, run, with_fills

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
    "folded": (
        Layer("g", m=2, c=2, h=9, w=8, r=3, s=3, dilation=(2, 3), stride=(2, 1)),
        {"e": 3, "m": 2, "p": 2, "q": 2, "rows": 2, "taps": 2},
    ),
    "ragged": (Layer("f", m=5, c=5, h=5, w=4, r=2, s=2), {"e": 2, "m": 4, "p": 1, "t": 2, "q": 2, "r": 2}),
}

RLC = Sparsity(
    formats=Formats(
        ifmap=Storage(dram=RunLength("run_length")), ofmap=OfmapStorage(dram=RunLength("run_length"))
    )
)

TIGHT = chip(
    ifmap=QueuedBus(16, fifo_words=1),
    psum=QueuedBus(16, fifo_words=1),
    ofmap=QueuedBus(16, fifo_words=1),
    local=LocalLink(fifo_words=1),
    filter_glb=None,
    dram=DramLink(clock_hz=60, bits_per_cycle=16, latency_cycles=5, burst_cycles=2),
    padding="generated",
    sparsity=RLC,
)
WIDE = chip(weight=WeightBus(64), ifmap=QueuedBus(32), psum=QueuedBus(64), ofmap=QueuedBus(64))

INSTANT = chip(
    pe=PE(1),
    weight=WeightBus(64, 0),
    ifmap=QueuedBus(32, 0, 1),
    psum=QueuedBus(64, 0, 1),
    ofmap=QueuedBus(64, 0),
    local=LocalLink(0),
)
"""No latency anywhere: words can be used in the cycle in which they move."""


@pytest.mark.parametrize("arch", [CHIP, TIGHT, WIDE], ids=["chip", "tight", "wide"])
@pytest.mark.parametrize("name", SHAPES)
def test_the_ofmap_is_that_of_the_layer(name: str, arch: Arch) -> None:
    layer, tile = SHAPES[name]
    outcome = run(layer, arch, **tile)
    assert outcome.actions["mac.multiply_add:psum"] == layer.macs


@pytest.mark.parametrize("via_glb", [True, False])
@pytest.mark.parametrize("arch", [CHIP, TIGHT, WIDE], ids=["chip", "tight", "wide"])
@pytest.mark.parametrize("name", SHAPES)
def test_what_is_counted_word_by_word_is_what_the_passes_ask_for(
    name: str, arch: Arch, via_glb: bool
) -> None:
    layer, tile = SHAPES[name]
    arch = replace(arch, ofmap_via_glb=via_glb)
    program, asked, dense = make_program(row_stationary(layer, **tile), arch), Actions(), Actions()
    for job in program.jobs:
        plan = program.plans[job.shape]
        work = with_fills(plan.work(job.work, layer, arch, load=job.load), job, program)
        add(asked, actions(work, arch))
        add(dense, dense_dram(work))
    outcome = simulate(program, None)
    assert outcome.dense_dram == dense
    assert outcome.actions == asked + dense  # without values nothing is coded


def test_a_coded_link_carries_fewer_words() -> None:
    """Twenty zeros are one run: one coded word of 64 bits."""
    layer = Layer("zeros", m=1, c=1, h=4, w=5, r=1, s=1)
    values = Operands(np.zeros((1, 1, 4, 5), np.int64), np.ones((1, 1, 1, 1), np.int64), Store(bits=16))
    outcome = simulate(make_program(row_stationary(layer, e=4), chip(sparsity=RLC), values), values)
    assert (outcome.dense_dram["dram.read:ifmap"], outcome.actions["dram.read:ifmap"]) == (20, 4)
    assert (outcome.dense_dram["dram.write:psum"], outcome.actions["dram.write:psum"]) == (20, 4)


def test_without_values_the_machine_takes_the_same_time() -> None:
    layer, tile = SHAPES["ragged"]
    gating = chip(sparsity=Sparsity(gate="ifmap"))
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
    outcome = run(layer, chip(sparsity=Sparsity(gate="ifmap")), **tile)
    assert outcome.actions["mac.gated:psum"] == zeros
    assert outcome.actions["mac.multiply_add:psum"] == layer.macs - zeros


def test_pad_zeros_that_the_bus_makes_are_delivered_but_never_read() -> None:
    layer = Layer("padded", m=1, c=1, h=2, w=2, r=3, s=3, pad=(1, 1, 1, 1))
    stored, made = (run(layer, chip(padding=padding), e=2) for padding in ("stored", "generated"))
    assert (stored.actions["glb.read:ifmap"], made.actions["glb.read:ifmap"]) == (16, 4)
    assert (stored.actions["dram.read:ifmap"], made.actions["dram.read:ifmap"]) == (16, 4)
    assert stored.actions["noc.deliver:ifmap"] == made.actions["noc.deliver:ifmap"]
    assert stored.cycles == made.cycles


@pytest.mark.parametrize("arch", [TIGHT, WIDE, INSTANT], ids=["tight", "wide", "instant"])
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


def rows_outermost(plan: PrimitivePlan) -> PrimitivePlan:
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
    plans = {s: rows_outermost(plan) for s, plan in program.plans.items() if isinstance(plan, PrimitivePlan)}
    return replace(program, plans=dict(plans))


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
    program = make_program(row_stationary(Layer("row of two", m=1, c=1, h=1, w=2, r=1, s=1)), CHIP)
    (shape, plan), *_ = program.plans.items()
    assert isinstance(plan, PrimitivePlan)
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
