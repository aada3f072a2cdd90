"""Folds of products on a systolic array: closed forms, and schedules worked by hand to the cycle."""

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest

from accelsim.engines.reference import simulate
from accelsim.engines.timing import Outcome
from accelsim.machine import PE, Arch, LocalLink, PEArray, QueuedBus, WeightBus
from accelsim.mapping.nest import Mapping
from accelsim.network.layer import Layer, gemm, lowered
from accelsim.program.jobs import make_program
from tests.unit.small_machine import WORD_BITS, causes_of, chip, nest, operands

AT_ONCE = QueuedBus(16 * WORD_BITS, latency_cycles=0)
FOLDS = [(5, 3, 4), (2, 2, 3), (1, 1, 1), (3, 4, 7), (7, 5, 2)]
"""Rows, inner and columns of products that fit an array of 2 x 3, or fold on it raggedly."""


def systolic(rows: int, cols: int, **array: Any) -> Arch:
    """A systolic array that nothing holds up: a word is at the edge at once, and hops a PE a cycle."""
    return chip(
        array=PEArray(rows, cols, interconnect="systolic", **array),
        pe=PE(1),
        weight=WeightBus(16 * WORD_BITS, latency_cycles=0),
        ifmap=AT_ONCE,
        psum=AT_ONCE,
        ofmap=AT_ONCE,
        local=LocalLink(latency_cycles=0),
    )


def product(rows: int, inner: int, cols: int) -> Layer:
    """A product as a systolic array sees it."""
    return lowered(gemm("product", rows=rows, inner=inner, cols=cols))


def weight_stationary(layer: Layer, rows: int, cols: int) -> Mapping:
    around = {("dram", "m"): cols, ("dram", "e"): layer.e, ("glb", "c"): rows}
    return nest(layer, around, ["c"], ["m"], ["e"], keeps=("weight",))  # type: ignore[arg-type]


def input_stationary(layer: Layer, rows: int, cols: int) -> Mapping:
    around = {("dram", "e"): cols, ("dram", "m"): layer.m, ("glb", "c"): rows}
    return nest(layer, around, ["c"], ["e"], ["m"], keeps=("ifmap",))  # type: ignore[arg-type]


def output_stationary(layer: Layer, rows: int, cols: int) -> Mapping:
    around = {("glb", "m"): cols, ("glb", "e"): rows}
    return nest(layer, around, ["e"], ["m"], ["c"], keeps=("psum",))  # type: ignore[arg-type]


def run(mapping: Mapping, arch: Arch) -> Outcome:
    """*mapping* with values, its ofmap checked."""
    values, ofmap = operands(mapping.layer.source)
    outcome = simulate(make_program(mapping, arch, values), values)
    assert outcome.ofmap is not None
    np.testing.assert_array_equal(outcome.ofmap, ofmap)
    return outcome


def extents(size: int, step: int) -> list[int]:
    """Of the folds of *size*."""
    return [min(step, size - start) for start in range(0, size, step)]


@pytest.mark.parametrize("length", ["array", "used"])
@pytest.mark.parametrize("size", FOLDS)
@pytest.mark.parametrize("cols", [1, 3])
@pytest.mark.parametrize("rows", [1, 2])
def test_folds_that_load_weights_take_2r_c_t_less_2(
    rows: int, cols: int, size: tuple[int, int, int], length: Literal["array", "used"]
) -> None:
    """Load, then climb and slide through the array of *rows* x *cols*; T ifmap words stream by each PE."""
    layer = product(*size)
    outcome = run(weight_stationary(layer, rows, cols), systolic(rows, cols, fold_length=length))
    t, inner, filters = size
    used = [2 * r + c + t - 2 for c in extents(filters, cols) for r in extents(inner, rows)]
    whole = [2 * rows + cols + t - 2] * len(used)
    assert outcome.array_cycles == sum(whole if length == "array" else used)


@pytest.mark.parametrize("flow", ["weight", "ifmap", "psum"])
def test_fifos_of_two_words_hold_up_no_fold(flow: str) -> None:
    """The edge has room for what waits for its turn; two words let a PE take one while it gives one."""
    shallow = QueuedBus(16 * WORD_BITS, latency_cycles=0, fifo_words=2)
    wide = systolic(4, 3)
    weight, local = replace(wide.noc.weight, fifo_words=2), LocalLink(latency_cycles=0, fifo_words=2)
    noc = replace(wide.noc, weight=weight, ifmap=shallow, psum=shallow, ofmap=shallow, local=local)
    stationary = {"weight": weight_stationary, "ifmap": input_stationary, "psum": output_stationary}[flow]
    mapping = stationary(product(7, 5, 4), 4, 3)
    assert run(mapping, replace(wide, noc=noc)).array_cycles == run(mapping, wide).array_cycles


@pytest.mark.parametrize("length", ["array", "used"])
@pytest.mark.parametrize("size", FOLDS)
def test_folds_that_load_ifmaps_take_as_long(
    size: tuple[int, int, int], length: Literal["array", "used"]
) -> None:
    layer = product(*size)
    outcome = run(input_stationary(layer, 2, 3), systolic(2, 3, fold_length=length))
    pixels, inner, t = size
    used = [2 * r + c + t - 2 for c in extents(pixels, 3) for r in extents(inner, 2)]
    whole = [2 * 2 + 3 + t - 2] * len(used)
    assert outcome.array_cycles == sum(whole if length == "array" else used)


@pytest.mark.parametrize("drain", ["hidden", "serial"])
@pytest.mark.parametrize("length", ["array", "used"])
@pytest.mark.parametrize("size", FOLDS)
def test_folds_that_keep_psums_take_r_c_t_less_2_and_r_more_to_drain(
    size: tuple[int, int, int], length: Literal["array", "used"], drain: Literal["hidden", "serial"]
) -> None:
    layer, passes = product(*size), 2 if drain == "serial" else 1
    outcome = run(output_stationary(layer, 2, 3), systolic(2, 3, fold_length=length, drain=drain))
    pixels, t, filters = size
    used = [passes * r + c + t - 2 for c in extents(filters, 3) for r in extents(pixels, 2)]
    whole = [passes * 2 + 3 + t - 2] * len(used)
    assert outcome.array_cycles == sum(whole if length == "array" else used)


def test_a_column_that_keeps_its_weights_to_the_cycle() -> None:
    """Two channels, two pixels; PE (0, 0) is the bottom of the lane.

    ====== ============================================== =====================================
    cycle  PE (0, 0), channel 0                           PE (1, 0), channel 1
    ====== ============================================== =====================================
    0      ifmap word 0 comes                             ifmap word 0 comes; its weight moves
    1      its weight moves, word 1 comes                 word 1 comes
    2      all weights are in: MAC                        waits for the psum
    3      MAC                                            MAC; the psum moves at 4
    4      idle                                           MAC; the psum moves at 5
    ====== ============================================== =====================================
    """
    outcome = run(weight_stationary(product(2, 2, 1), 2, 1), systolic(2, 1))
    assert (outcome.array_cycles, outcome.cycles) == (5, 5)
    assert causes_of(outcome, 0) == {"no_weight.bus": 2, "busy.mac": 2, "idle": 1}
    assert causes_of(outcome, 1) == {"no_weight.bus": 2, "no_psum.bus": 1, "busy.mac": 2}


def test_a_column_that_keeps_its_weights_from_pass_to_pass_to_the_cycle() -> None:
    """The same with a pixel a pass: the second pass loads nothing, and is over after 2 + 1 + 1 - 2 cycles.

    Pass 0: weights are in at 2, MACs at 2 and 3, over at 4. Pass 1: MACs at 4 and 5, over at 6.
    """
    mapping = nest(product(2, 2, 1), {("glb", "e"): 1}, ["c"], ["m"], ["e"], keeps=("weight",))
    outcome = run(mapping, systolic(2, 1))
    assert (outcome.array_cycles, outcome.cycles) == (6, 6)
    assert causes_of(outcome, 0) == {"no_weight.bus": 2, "busy.mac": 2, "idle": 2}
    assert causes_of(outcome, 1) == {"no_weight.bus": 2, "no_psum.bus": 2, "busy.mac": 2}
    assert outcome.actions["rf.write:weight"] == 2


def test_a_drain_to_the_cycle() -> None:
    """Two pixels of one channel each, kept in a column of two; the pass lasts until both have left.

    PE (0, 0) makes its psum at 0, PE (1, 0) gets the weight a cycle later: it makes its at 1, over at 2. The
    deeper one moves at 2, the other at 3: the array is free at 4, when nothing else is left to do.
    """
    serial = run(output_stationary(product(2, 1, 1), 2, 1), systolic(2, 1, drain="serial"))
    assert (serial.array_cycles, serial.cycles) == (4, 4)
    assert causes_of(serial, 0) == {"busy.mac": 1, "idle": 3}
    assert causes_of(serial, 1) == {"no_weight.bus": 1, "busy.mac": 1, "idle": 2}
    hidden = run(output_stationary(product(2, 1, 1), 2, 1), systolic(2, 1))
    assert (hidden.array_cycles, hidden.cycles) == (2, 3)
