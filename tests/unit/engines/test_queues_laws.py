"""PEs with queues: values, counts, and independence of event order."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import simpy

from accelsim.engines.reference import simulate
from accelsim.machine import PE, Banks, Formats, QueuedBus, Sparsity, Storage
from accelsim.machine.formats import Csc
from accelsim.mapping.operands import Operands, Store
from accelsim.network.convolution import reference_ofmap
from accelsim.network.layer import Layer, fully_connected
from accelsim.program.jobs import make_program
from tests.unit.engines.test_queues import machine, queues
from tests.unit.small_machine import WORD_BITS, Shuffled

LAYERS = {
    "strided": Layer("a", m=5, c=2, h=5, w=6, r=3, s=2, stride=(2, 3), pad=(1, 0, 2, 1)),
    "grouped": Layer("b", m=6, c=4, h=3, w=3, r=2, s=2, n=2, groups=2, pad=(1, 0, 0, 1)),
    "connected": fully_connected("c", m=7, c=3, h=2, w=2, n=3),
}
TIGHT = {"ifmap": QueuedBus(2 * WORD_BITS, 0, 1), "ofmap": QueuedBus(WORD_BITS, 0, 1)}
CODED = Formats(weight=Storage(spad=Csc("csc", index_bits=1)))
MACHINES = {
    "dense": machine(3, sparsity=Sparsity("ifmap"), filter_glb=Banks(64, 64)),
    "skips ifmap": machine(2, sparsity=Sparsity("ifmap", "ifmap"), pe=PE(1, 2), **TIGHT),
    "skips weight": machine(1, sparsity=Sparsity("ifmap", "weight"), padding="generated"),
    "coded": machine(2, sparsity=Sparsity("ifmap", "both", 3, 1, CODED), pe=PE(2, 2), **TIGHT),
}


def drawn(layer: Layer, kept: float) -> tuple[Operands, Any]:
    """Values of which about *kept* are not zero, and their ofmap."""
    rng = np.random.default_rng(2)
    shapes = layer.ifmap_shape, layer.weight_shape
    ifmap, weight = (rng.integers(-9, 10, shape) * (rng.random(shape) < kept) for shape in shapes)
    return Operands(layer.padded(ifmap), weight, Store(16)), reference_ofmap(layer, ifmap, weight)


@pytest.mark.parametrize("kept", [0, 0.3, 0.8])
@pytest.mark.parametrize("m, t, b", [(1, 2, 1), (3, 5, 2), (5, 4, 1)])
@pytest.mark.parametrize("arch", MACHINES)
@pytest.mark.parametrize("name", LAYERS)
def test_the_ofmap_is_that_of_the_layer_and_every_mac_is_counted_once(
    name: str, arch: str, m: int, t: int, b: int, kept: float
) -> None:
    layer, (values, ofmap) = LAYERS[name], drawn(LAYERS[name], kept)
    outcome = simulate(make_program(queues(layer, m=m, t=t, b=b), MACHINES[arch], values), values)
    assert outcome.ofmap is not None
    np.testing.assert_array_equal(outcome.ofmap, ofmap)
    did = outcome.actions
    ways = did["mac.multiply_add:psum"], did["mac.gated:psum"], did["mac.skipped:psum"]
    assert sum(ways) == layer.macs
    assert did["rf.read:psum"] == did["rf.read:ifmap"] == ways[0] + ways[1] + did["mac.overhead:psum"]
    assert did["noc.collect:psum"] == layer.n * layer.m * layer.e * layer.f
    assert set(outcome.causes.sum(axis=0).tolist()) == {outcome.cycles}


@pytest.mark.parametrize("arch", MACHINES)
def test_nothing_depends_on_the_order_of_events_at_one_time(
    arch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = LAYERS["grouped"]
    values, _ = drawn(layer, 0.4)
    program = make_program(queues(layer, m=3, t=5), MACHINES[arch], values)
    plain = simulate(program, values)
    monkeypatch.setattr(simpy, "Environment", Shuffled)
    shuffled = simulate(program, values)
    assert shuffled.actions == plain.actions
    np.testing.assert_array_equal(shuffled.causes, plain.causes)


def test_without_values_every_activation_and_every_weight_moves() -> None:
    layer = LAYERS["strided"]
    mapping, arch = queues(layer, m=5, t=4), MACHINES["coded"]
    plain = replace(arch, sparsity=Sparsity())
    coded_run, plain_run = (simulate(make_program(mapping, one), None) for one in (arch, plain))
    assert coded_run.actions == plain_run.actions
    assert coded_run.actions["mac.multiply_add:psum"] == layer.macs
    assert coded_run.actions["noc.deliver:weight"] == layer.macs // (layer.e * layer.f)
