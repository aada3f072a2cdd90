"""PEs of row stationary that skip zeros: values, counts, and independence of event order."""

from typing import Any

import numpy as np
import pytest
import simpy

from accelsim.engines.reference import simulate
from accelsim.machine import PE, Formats, QueuedBus, Sparsity, SplitRF, Storage, WeightBus
from accelsim.mapping.operands import Operands
from accelsim.network.convolution import reference_ofmap
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from tests.unit.engines.test_coded_spads import CODE, coded
from tests.unit.engines.test_skipping import of
from tests.unit.small_machine import CHIP, Shuffled, chip, row_stationary

LAYERS = {
    "strided": (
        Layer("a", m=3, c=3, h=7, w=8, r=3, s=2, stride=(2, 3), pad=(1, 0, 2, 1)),
        {"e": 2, "m": 3, "p": 2, "q": 2},
    ),
    "grouped": (
        Layer("b", m=6, c=4, h=4, w=3, r=2, s=2, n=2, groups=2, pad=(1, 1, 0, 1)),
        {"n": 2, "e": 2, "m": 3, "p": 2, "r": 2},
    ),
}
ROOMY = SplitRF("split", ifmap_bytes=512, weight_bytes=512, psum_bytes=64)
INSTANT: dict[str, Any] = {
    "ifmap": QueuedBus(34, 0, 1),
    "weight": WeightBus(34, 0),
    "ofmap": QueuedBus(16, 0, 1),
}
KEPT = Storage(glb=CODE, spad=CODE)
MACHINES = {
    "skips ifmap": chip(sparsity=Sparsity("ifmap", "ifmap")),
    "skips weight": chip(sparsity=Sparsity("ifmap", "weight"), pe=PE(1, 2), **INSTANT),
    "coded": coded("ifmap", rf=ROOMY, pe=PE(2, 3), padding="generated", **INSTANT),
    "both coded": coded(
        "ifmap",
        rf=ROOMY,
        sparsity=Sparsity("ifmap", "both", 1, 1, Formats(ifmap=KEPT, weight=KEPT)),
    ),
}


def drawn(layer: Layer, kept: float) -> tuple[Operands, Any]:
    """Values of which about *kept* are not zero, and their ofmap."""
    rng = np.random.default_rng(1)
    shapes = layer.ifmap_shape, layer.weight_shape
    ifmap, weight = (rng.integers(-9, 10, shape) * (rng.random(shape) < kept) for shape in shapes)
    return of(layer, ifmap, weight), reference_ofmap(layer, ifmap, weight)


@pytest.mark.parametrize("kept", [0, 0.3, 0.8])
@pytest.mark.parametrize("arch", MACHINES)
@pytest.mark.parametrize("name", LAYERS)
def test_the_ofmap_is_that_of_the_layer_and_every_mac_is_counted_once(
    name: str, arch: str, kept: float
) -> None:
    layer, tile = LAYERS[name]
    values, ofmap = drawn(layer, kept)
    outcome = simulate(make_program(row_stationary(layer, **tile), MACHINES[arch], values), values)
    assert outcome.ofmap is not None
    np.testing.assert_array_equal(outcome.ofmap, ofmap)
    did = outcome.actions
    ways = did["mac.multiply_add:psum"], did["mac.gated:psum"], did["mac.skipped:psum"]
    assert sum(ways) == layer.macs
    assert did["rf.read:psum"] == ways[0] + ways[1] + did["mac.overhead:psum"]
    assert outcome.causes.sum(axis=0).tolist() == [outcome.cycles] * CHIP.array.pes


@pytest.mark.parametrize("arch", MACHINES)
@pytest.mark.parametrize("name", LAYERS)
def test_nothing_depends_on_the_order_of_events_at_one_time(
    name: str, arch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, tile = LAYERS[name]
    values, _ = drawn(layer, 0.4)
    program = make_program(row_stationary(layer, **tile), MACHINES[arch], values)
    plain = simulate(program, values)
    monkeypatch.setattr(simpy, "Environment", Shuffled)
    shuffled = simulate(program, values)
    assert shuffled.actions == plain.actions
    np.testing.assert_array_equal(shuffled.causes, plain.causes)
