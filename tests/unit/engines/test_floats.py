"""Floats in the PEs: the order of additions, worked by hand where another order gives another float.

Among float16, 2048 has the neighbour 2050: 2048 + 1 is rounded to even, to 2048, but 1 + 1 + 2048 is 2050.
"""

from typing import Any, Literal

import numpy as np
import pytest

from accelsim.engines.reference import simulate
from accelsim.engines.timing import Outcome
from accelsim.errors import SimulationError
from accelsim.machine import Arch, QueuedBus
from accelsim.machine.datapath import Floating
from accelsim.mapping.nest import Mapping
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import Layer, gemm
from accelsim.program.jobs import make_program
from tests.unit.engines.test_queues import machine, queues
from tests.unit.small_machine import chip, nest, row_stationary

HALF = Floating(kind="float", format="float16")
MIXED = chip(datapath=Floating(kind="float", format="mixed"), psum=QueuedBus(32), ofmap=QueuedBus(32))


def of_ones(layer: Layer, ifmap: list[float]) -> Operands:
    """*ifmap*, without padding, in half precision, under weights of one."""
    values: Any = np.array(ifmap, np.float16).reshape(layer.ifmap_shape)
    return Operands(values, np.ones(layer.weight_shape, np.float16), Store(16))


def added(mapping: Mapping, ifmap: list[float], arch: Arch) -> Outcome:
    """The one psum of *mapping*'s layer."""
    values = of_ones(mapping.layer.source, ifmap)
    return simulate(make_program(mapping, arch, values), values)


def the_psum(outcome: Outcome, kind: type[np.floating[Any]]) -> float:
    """Its only one, of *kind*."""
    assert outcome.ofmap is not None
    assert outcome.ofmap.dtype == kind
    return float(outcome.ofmap.item())


@pytest.mark.parametrize("ifmap, psum", [([2048, 1, 1], 2048), ([1, 1, 2048], 2050), ([0.5, 0, 0.25], 0.75)])
@pytest.mark.parametrize("where", ["primitive", "one after the other", "kept", "queue"])
def test_channels_are_added_in_their_order(where: str, ifmap: list[float], psum: float) -> None:
    """In one PE from its registers, up a lane of three PEs, into a psum that stays, or from a queue."""
    layer, arch = Layer("channels", m=1, c=3, h=1, w=1, r=1, s=1), chip(datapath=HALF)
    if where == "queue":
        product = gemm("product", rows=1, inner=3, cols=1)
        outcome = added(queues(product, m=1, t=1), ifmap, machine(1, datapath=HALF))
    elif where == "kept":
        kept = nest(layer, {}, ["n", "e", "f"], ["m"], ["c", "r", "s"], keeps=("psum",), sharing="slide")
        outcome = added(kept, ifmap, arch)
    elif where == "primitive":
        outcome = added(row_stationary(layer, q=3), ifmap, arch)
    else:
        outcome = added(nest(layer, {}, ["c"], ["m"], ["n", "e", "f"], keeps=()), ifmap, arch)
    assert the_psum(outcome, np.float16) == psum
    assert outcome.actions["mac.multiply_add_fp16:psum"] == 3
    assert outcome.actions["mac.add_fp16:psum"] == (where == "primitive")


def test_taps_of_a_channel_are_added_before_the_next_channel() -> None:
    """Tap by tap it would be 1 + 2048 + 1 + 0 = 2048."""
    layer = Layer("taps", m=1, c=2, h=1, w=2, r=1, s=2)
    outcome = added(row_stationary(layer, q=2), [1, 1, 2048, 0], chip(datapath=HALF))
    assert the_psum(outcome, np.float16) == 1 + 1 + 2048


@pytest.mark.parametrize("ifmap", [[2048, 0, 1, 1], [1, 1, 2048, 0]])
def test_a_primitive_is_complete_before_it_meets_the_psum_from_below(ifmap: list[float]) -> None:
    """Two PEs of two channels: (1 + 1) and 2048 meet, where 2048 + 1 + 1 would be 2048."""
    layer = Layer("stacked", m=1, c=4, h=1, w=1, r=1, s=1)
    outcome = added(row_stationary(layer, q=2, r=2), ifmap, chip(datapath=HALF))
    assert the_psum(outcome, np.float16) == 2050
    assert outcome.actions["mac.add_fp16:psum"] == 2


@pytest.mark.parametrize("ifmap, psum", [([1, 1, 2048], 2048), ([2048, 1, 1], 2050)])
def test_every_psum_that_goes_up_is_rounded(ifmap: list[float], psum: int) -> None:
    """Three PEs, the last channel at the bottom: 2048 + 1 is rounded before it meets the next 1."""
    layer = Layer("stacked", m=1, c=3, h=1, w=1, r=1, s=1)
    assert the_psum(added(row_stationary(layer, r=3), ifmap, chip(datapath=HALF)), np.float16) == psum


@pytest.mark.parametrize("ifmap, psum", [([2048, 1, 1], 2050), ([60000, 60000, 0], 120000)])
def test_mixed_precision_adds_half_products_in_single(ifmap: list[float], psum: int) -> None:
    """The neighbours of 60000 in half precision are 32 away from it."""
    layer = Layer("channels", m=1, c=3, h=1, w=1, r=1, s=1)
    assert the_psum(added(row_stationary(layer, q=3), ifmap, MIXED), np.float32) == psum


@pytest.mark.parametrize("overflow", ["error", "wrap"])
def test_a_float_that_is_too_large_is_an_error_or_an_infinity(overflow: Literal["error", "wrap"]) -> None:
    """The largest float16 is 65504."""
    layer = Layer("channels", m=1, c=2, h=1, w=1, r=1, s=1)
    mapping, arch = row_stationary(layer, q=2), chip(datapath=HALF, overflow=overflow)
    if overflow == "wrap":
        assert the_psum(added(mapping, [60000, 60000], arch), np.float16) == np.inf
        return
    with pytest.raises(SimulationError, match="psums must be finite"):
        added(mapping, [60000, 60000], arch)


def test_without_values_floats_take_the_time_of_integers() -> None:
    layer = Layer("padded", m=2, c=2, h=3, w=3, r=2, s=2, pad=(1, 0, 0, 1))
    mapping = row_stationary(layer, m=2, p=2, q=1, r=2)
    floats, ints = (
        simulate(make_program(mapping, chip(**changes)), None) for changes in ({"datapath": HALF}, {})
    )
    assert floats.cycles == ints.cycles
    np.testing.assert_array_equal(floats.causes, ints.causes)
