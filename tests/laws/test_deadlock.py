"""A bus order that the machine's FIFOs cannot follow is a SimulationError in both engines, circle named."""

from dataclasses import replace

import numpy as np
import pytest

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.errors import SimulationError
from accelsim.machine import QueuedBus
from accelsim.mapping.operands import Operands, Store
from accelsim.network.convolution import reference_ofmap
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from dataflows.row_stationary import RowStationary
from tests.laws.cases import backlogged


@pytest.fixture
def row_by_row():
    """Two PEs in a chain; the ifmap bus sends the whole first row before it begins the second."""
    arch = backlogged(1, 1).program.arch
    arch = replace(arch, noc=replace(arch.noc, ifmap=QueuedBus(16, 1, 1)))
    layer = Layer("two rows", m=1, c=1, h=2, w=6, r=2, s=2)
    program = make_program(RowStationary(m=1, n=1, e=1, p=1, q=1, r=1, t=1).map(layer, arch), arch)
    (shape, plan), *_ = program.plans.items()
    order = np.argsort(plan.ifmap_stream, kind="stable")
    bad = replace(
        plan,
        ifmap_column=plan.ifmap_column[order],
        ifmap_stream=plan.ifmap_stream[order],
        ifmap_channel=plan.ifmap_channel[order],
    )
    return program, replace(program, plans={shape: bad})


@pytest.mark.parametrize("engine", [fast.simulate, reference.simulate])
def test_a_bad_bus_order_is_a_circular_wait(engine, row_by_row):
    good, bad = row_by_row
    assert engine(good, None).cycles > 0
    with pytest.raises(SimulationError, match=r"circular wait: .*ifmap bus waits for room in PE"):
        engine(bad, None)


@pytest.mark.parametrize("engine", [fast.simulate, reference.simulate])
def test_the_same_order_passes_where_the_fifo_takes_a_whole_row(engine, row_by_row):
    _, bad = row_by_row
    arch = replace(bad.arch, noc=replace(bad.arch.noc, ifmap=QueuedBus(16, 1, 8)))
    deep = replace(bad, arch=arch)
    rng = np.random.default_rng(0)
    ifmap, weight = rng.integers(-8, 8, bad.layer.ifmap_shape), rng.integers(-8, 8, bad.layer.weight_shape)
    outcome = engine(deep, Operands(ifmap, weight, Store(16)))
    np.testing.assert_array_equal(outcome.ofmap, reference_ofmap(bad.layer, ifmap, weight))


def test_an_overflow_is_an_error_in_both_engines_or_a_wrap_in_both():
    case = backlogged(1, 1)
    narrow = replace(case.program.arch, accumulator_bits=5)
    wrapping = replace(narrow, overflow="wrap")
    for engine in (fast.simulate, reference.simulate):
        with pytest.raises(SimulationError, match="accumulator overflow: psums must fit 5 bits"):
            engine(replace(case.program, arch=narrow), case.operands)
    wrapped = [
        engine(replace(case.program, arch=wrapping), case.operands)
        for engine in (fast.simulate, reference.simulate)
    ]
    np.testing.assert_array_equal(wrapped[0].ofmap, wrapped[1].ofmap)
    exact = fast.simulate(case.program, case.operands).ofmap
    np.testing.assert_array_equal(wrapped[0].ofmap, (exact + 16) % 32 - 16)
