"""Whole layers of single MACs on the machine: values, counts, independence of event order, and deadlock."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import simpy

from accelsim.engines.reference import simulate
from accelsim.engines.timing import Outcome
from accelsim.errors import SimulationError
from accelsim.machine import (
    PE,
    Arch,
    Banks,
    DramLink,
    Formats,
    LocalLink,
    OfmapStorage,
    PEArray,
    PooledRF,
    QueuedBus,
    Sparsity,
    Storage,
    WeightBus,
)
from accelsim.machine.formats import RunLength
from accelsim.mapping.nest import Mapping
from accelsim.mapping.work import actions, dense_dram
from accelsim.network.layer import Layer, lowered
from accelsim.passes.patterns import BusWords
from accelsim.passes.stream import StreamPlan
from accelsim.program.jobs import Program, make_program
from accelsim.stats import Actions, add
from tests.unit.small_machine import Shuffled, chip, nest, operands, with_fills

CONV = Layer("conv", m=5, c=3, h=6, w=5, r=3, s=2, n=2, stride=(2, 1), pad=(1, 0, 2, 1), dilation=(1, 2))
GROUPED = Layer("grouped", m=4, c=4, h=5, w=4, r=2, s=3, n=2, groups=2, pad=(1, 1, 1, 1), dilation=(3, 1))
STRIDED = Layer("strided", m=3, c=2, h=9, w=11, r=3, s=4, stride=(2, 3), dilation=(2, 2), pad=(0, 1, 1, 2))
LAYERS = {layer.name: layer for layer in (CONV, GROUPED, STRIDED)}
SYSTOLIC = ("weights", "psums", "ifmaps")


def mapping(name: str, layer: Layer) -> Mapping:
    """The nests by hand; all fold *layer* raggedly on an array of 12 x 12, systolic ones on one of 3 x 4."""
    product = lowered(layer)
    psums: dict[Any, int] = {("glb", "m"): 4, ("glb", "e"): 3}
    slide: dict[Any, int] = {("glb", "n"): 1, ("glb", "m"): 1, ("glb", "e"): 2, ("glb", "f"): 3}
    made = {
        "weights": lambda: nest(
            product,
            {("dram", "m"): 4, ("dram", "e"): 7, ("glb", "c"): 3},
            ["c"],
            ["m"],
            ["e"],
            keeps=("weight",),
        ),
        "psums": lambda: nest(product, psums, ["e"], ["m"], ["c"], keeps=("psum",)),
        "ifmaps": lambda: nest(
            product,
            {("dram", "e"): 4, ("dram", "m"): 3, ("glb", "c"): 3},
            ["c"],
            ["e"],
            ["m"],
            keeps=("ifmap",),
            fetches={"ifmap": ("dram", "e"), "weight": ("dram", "g")},
        ),
        "nothing": lambda: nest(
            layer,
            {("dram", "n"): 1, ("dram", "m"): 3, ("glb", "c"): 2, ("glb", "r"): 1, ("glb", "s"): 1},
            ["c"],
            ["m"],
            ["n", "e", "f"],
            keeps=(),
        ),
        "slide": lambda: nest(
            layer, slide, ["n", "e", "f"], ["m"], ["c", "r", "s"], keeps=("psum",), sharing="slide"
        ),
        "broadcast": lambda: nest(
            layer,
            {("dram", "m"): 2, ("glb", "c"): 2},
            ["s", "c"],
            ["r", "m"],
            ["n", "e", "f"],
            keeps=("weight",),
            sharing="broadcast",
        ),
    }
    return made[name]()


NESTS = [(name, layer) for name in (*SYSTOLIC, "nothing", "slide", "broadcast") for layer in LAYERS]


def machine(words: int, latency: int, places: int, **changes: Any) -> Arch:
    """Buses of *words* a cycle, FIFOs of *places* behind *latency*, and memories with room to spare."""
    queued = QueuedBus(words * 16, latency, places)
    return chip(
        array=PEArray(12, 12),
        weight=WeightBus(words * 16, latency, places),
        ifmap=queued,
        psum=queued,
        ofmap=queued,
        local=LocalLink(latency, places),
        **{"glb": Banks(1 << 10, 64), "filter_glb": Banks(1 << 8, 64), **changes},
    )


MACHINES = {
    "plain": machine(1, 1, 32),
    "instant": machine(16, 0, 2, pe=PE(1), ofmap_via_glb=False),
    "tight": machine(
        2,
        2,
        1,
        pe=PE(2),
        dram=DramLink(clock_hz=60, bits_per_cycle=16, latency_cycles=5, burst_cycles=2),
        filter_glb=None,
        sparsity=Sparsity(
            gate="ifmap",
            formats=Formats(
                ifmap=Storage(dram=RunLength("run_length")),
                ofmap=OfmapStorage(dram=RunLength("run_length")),
            ),
        ),
        padding="generated",
    ),
    "one memory": machine(3, 1, 2, filter_glb="glb", rf=PooledRF("pooled", 8), padding="generated"),
    "no memory": machine(1, 0, 1, filter_glb=None, ifmap_via_glb=False, configuration_cycles=3),
}


def program(name: str, layer: str, arch: Arch) -> Program:
    """Nest *name* of *layer* on *arch*, which becomes systolic where the nest is."""
    if name in SYSTOLIC:
        arch = replace(arch, array=PEArray(3, 4, interconnect="systolic"))
    return make_program(mapping(name, LAYERS[layer]), arch)


def asked(program: Program) -> tuple[Actions, Actions]:
    """What the passes ask for on the chip, and of DRAM."""
    chip_does, dense = Actions(), Actions()
    for job in program.jobs:
        plan = program.plans[job.shape]
        work = plan.work(job.work, program.layer, program.arch, load=job.load)
        work = with_fills(work, job, program)
        add(chip_does, actions(work, program.arch))
        add(dense, dense_dram(work))
    return chip_does, dense


def run(program: Program) -> Outcome:
    """*program* made for values, and run with them; its ofmap checked."""
    values, ofmap = operands(program.layer.source)
    outcome = simulate(make_program(program.mapping, program.arch, values), values)
    assert outcome.ofmap is not None
    np.testing.assert_array_equal(outcome.ofmap, ofmap)
    return outcome


@pytest.mark.parametrize("arch", MACHINES)
@pytest.mark.parametrize("name, layer", NESTS)
def test_the_ofmap_is_that_of_the_layer_and_counts_are_what_the_passes_ask_for(
    name: str, layer: str, arch: str
) -> None:
    one = program(name, layer, MACHINES[arch])
    outcome, without = run(one), simulate(one, None)
    on_chip, dense = asked(one)
    assert without.dense_dram == outcome.dense_dram == dense
    assert without.actions == on_chip + dense  # without values nothing is coded or gated
    if one.arch.sparsity.formats == Formats():
        np.testing.assert_array_equal(without.causes, outcome.causes)
        assert without.array_cycles == outcome.array_cycles


@pytest.mark.parametrize("arch", ["instant", "tight"])
@pytest.mark.parametrize("name, layer", NESTS)
def test_nothing_depends_on_the_order_of_events_at_one_time(
    name: str, layer: str, arch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = program(name, layer, MACHINES[arch])
    plain = run(one)
    monkeypatch.setattr(simpy, "Environment", Shuffled)
    shuffled = run(one)
    assert shuffled.actions == plain.actions
    assert (shuffled.cycles, shuffled.array_cycles) == (plain.cycles, plain.array_cycles)
    np.testing.assert_array_equal(shuffled.causes, plain.causes)


@pytest.mark.parametrize("name", ["weights", "nothing", "slide", "broadcast"])
def test_a_zero_gates_its_macs(name: str) -> None:
    """An ifmap of zeros gates all, also where pad zeros are made."""
    values, _ = operands(CONV)
    zeros = replace(values, ifmap=np.zeros_like(values.ifmap))
    for padding in ("stored", "generated"):
        arch = machine(1, 1, 4, sparsity=Sparsity(gate="ifmap"), padding=padding)
        outcome = simulate(program(name, "conv", arch), zeros)
        assert outcome.actions["mac.gated:psum"] == CONV.macs
        assert outcome.actions["mac.multiply_add:psum"] == 0
        assert outcome.actions["rf.read:weight"] == 0


def test_private_wires_are_counted_as_wires() -> None:
    """Every weight to every PE that uses it: a wire a MAC where nothing is kept."""
    base = machine(1, 1, 4)
    wires = replace(base.noc, weight=replace(base.noc.weight, wires="private"))
    outcome = simulate(program("nothing", "conv", replace(base, noc=wires)), None)
    assert outcome.actions["noc.wire:weight"] == CONV.macs
    assert outcome.actions["noc.deliver:weight"] == 0


def test_a_box_that_holds_all_passes_is_fetched_once() -> None:
    one = program("ifmaps", "conv", MACHINES["plain"])
    outcome = run(one)
    assert outcome.dense_dram["dram.read:weight"] == np.prod(CONV.weight_shape)


def rows_first(plan: StreamPlan) -> StreamPlan:
    """*plan* of two equal steps of two PEs, with an ifmap bus that serves the top PE in the first of them."""
    (step,) = plan.patterns
    low, high = step.ifmap.fifos.tolist()

    def twice(fifo: int) -> BusWords:
        return step.ifmap._replace(fifos=np.array([fifo, fifo]))

    patterns = step._replace(ifmap=twice(high)), step._replace(ifmap=twice(low))
    return replace(plan, patterns=patterns, sequence=np.array([0, 1]))


def badly_ordered(places: int) -> Program:
    """Two channels down a lane over two columns; the bus serves all of the top row first."""
    layer = Layer("deadlock", m=1, c=2, h=1, w=2, r=1, s=1)
    one = make_program(nest(layer, {}, ["c"], ["m"], ["n", "e", "f"], keeps=()), machine(1, 1, places))
    ((shape, plan),) = one.plans.items()
    assert isinstance(plan, StreamPlan)
    return replace(one, plans={shape: rows_first(plan)})


def test_a_bad_bus_order_stops_the_machine_in_a_circle_that_is_named() -> None:
    with pytest.raises(SimulationError) as stopped:
        simulate(badly_ordered(places=1), None)
    assert str(stopped.value) == (
        "circular wait: ifmap bus waits for room in PE (1, 0); PE (1, 0) waits for psum from PE (0, 0);"
        " PE (0, 0) waits for ifmap word from ifmap bus"
    )


def test_a_bad_bus_order_is_harmless_where_the_fifo_holds_the_row() -> None:
    simulate(badly_ordered(places=2), None)


def test_weights_that_are_not_loaded_leave_a_pe_waiting_for_them() -> None:
    one = program("weights", "conv", MACHINES["plain"])
    short = {s: without_last_load(plan) for s, plan in one.plans.items() if isinstance(plan, StreamPlan)}
    with pytest.raises(SimulationError, match=r"endless wait: .*waits for weight from weight bus"):
        simulate(replace(one, plans=dict(short)), None)


def without_last_load(plan: StreamPlan) -> StreamPlan:
    """*plan* with a bus that forgets the last word it loads."""
    return replace(plan, load=BusWords(*(part[:-1] for part in plan.load)))
