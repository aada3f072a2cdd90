"""Networks end to end: every layer's ofmap is numpy's, on every network shipped, on every kind of node."""

import numpy as np
import pytest

import accelsim
from accelsim.config import names
from accelsim.network import host_ops
from accelsim.network.convolution import reference_ofmap
from accelsim.network.nodes import Compute, Gemm, operands
from accelsim.run.activations.densities import density_ifmap
from accelsim.run.activations.integers import fit_store
from accelsim.values import generated
from tests.benchmarks.speed import blas_convolution

EVERYTHING = """\
name: everything
arch: eyeriss
energy: horowitz_45nm
batch: 2
network:
  name: everything
  input: [4, 8, 6]
  nodes:
    - {op: conv, name: A, m: 6, kernel: [3, 2], pad: [1, 0, 2, 1], stride: [1, 2], activation: relu}
    - {op: conv, name: DW, m: 6, kernel: 3, pad: 1, groups: depthwise, activation: relu6}
    - {op: conv, name: B, input: A, m: 6, kernel: 3, pad: 2, dilation: 2}
    - {op: add, name: SUM, inputs: [DW, B]}
    - {op: requantise, name: Q, bits: 12}
    - {op: concat, name: CAT, inputs: [Q, A]}
    - {op: max_pool, name: MAX, kernel: 2, stride: 2, ceil_mode: true}
    - {op: conv, name: C, m: 4, kernel: 1, groups: 2, activation: relu}
    - {op: gemm, name: QK, inputs: [C, C], groups: 2, transpose: true}
    - {op: gemm, name: QKV, inputs: [QK, C], groups: 2}
    - {op: avg_pool, name: AVG, input: C, kernel: 2, stride: 1}
    - {op: lrn, name: LRN}
    - {op: fc, name: FC, m: 5}
"""


QUANTISED = ("digits", "digits_xnor")
"""Run with their trained weights in the tests of schemes."""

PARTS = {
    "resnet18": "FC",
    "resnet50": "CONV3_2A",
    "mobilenet_v1": "PW4",
    "mobilenet_v2": "EXPAND6",
    "googlenet": "I3B_1X1",
    "bert_base": "FFN2",
}
"""The last layer to run of a network that repeats itself; every kind of block it has comes before."""


def replay(experiment, result, convolve):
    """The network in numpy alone: the ofmap of every layer, each on the stored ofmaps before it."""
    settings, network, bits = experiment.settings, experiment.network, experiment.arch.word_bits
    c, h, w = network.input
    shape = (settings.batch, c, h, w)
    first = (
        generated.picture(*shape, bits)
        if settings.input == "picture"
        else generated.random_tensor(shape, bits, seed=settings.seed, name="input", signed=False)
    )
    stored, ofmaps = {"input": first}, {}
    layers, sources, shapes = network.layers(settings.batch), network.sources(), network.shapes()
    for node in network.nodes:
        inputs = [stored[source] for source in sources[node.name]]
        if not isinstance(node, Compute):
            stored[node.name] = host_ops.apply(node, inputs)
            continue
        if node.name not in {layer.name for layer in result.layers}:
            break
        layer = layers[node.name]
        own = None
        if not (isinstance(node, Gemm) and node.of_activations):
            own = generated.random_weights(
                layer.weight_shape, bits, seed=settings.seed, name=f"{node.name}.weight"
            )
        ofmaps[node.name] = convolve(layer, *operands(node, layer, inputs, own))
        store = fit_store(ofmaps[node.name], bits, node.activation)
        stored[node.name] = store(ofmaps[node.name]).reshape(settings.batch, *shapes[node.name])
    return ofmaps


def assert_replayed(experiment, result, convolve):
    expected = replay(experiment, result, convolve)
    assert set(expected) == {layer.name for layer in result.layers}
    for layer in result.layers:
        np.testing.assert_array_equal(layer.ofmap, expected[layer.name], err_msg=layer.name)


@pytest.fixture
def everything(tmp_path):
    path = tmp_path / "everything.yaml"
    path.write_text(EVERYTHING)
    return accelsim.load(str(path))


def test_every_kind_of_node_is_exact(everything):
    result = everything.run()
    assert_replayed(everything, result, reference_ofmap)
    assert result.left_out == ("LRN",)
    assert result.glue == ("SUM", "Q", "CAT", "MAX", "AVG")


def test_the_engines_give_the_same_network(everything):
    fast, slow = everything.run(engine="fast"), everything.run(engine="reference")
    for one, other in zip(fast.layers, slow.layers, strict=True):
        assert one.row() == other.row()
        np.testing.assert_array_equal(one.ofmap, other.ofmap)
        np.testing.assert_array_equal(one.cause_map, other.cause_map)


def test_the_same_seed_gives_the_same_result_and_another_seed_another(everything):
    first, again, other = everything.run(seed=3), everything.run(seed=3), everything.run(seed=4)
    assert [layer.row() for layer in first.layers] == [layer.row() for layer in again.layers]
    assert (first["FC"].ofmap != other["FC"].ofmap).any()


def test_lenet5_is_exact():
    experiment = accelsim.load("eyeriss_lenet5")
    assert_replayed(experiment, experiment.run(), reference_ofmap)


@pytest.mark.slow
@pytest.mark.parametrize(
    "run, overrides",
    [
        ("eyeriss_alexnet", {"batch": 1, "layers": None, "density": None, "mapping": None}),
        ("eyeriss_vgg16", {}),
    ],
)
def test_the_large_networks_are_exact(run, overrides):
    """AlexNet with its fully connected layers, VGG-16's convolutions; beside one BLAS product per layer."""
    experiment = accelsim.load(run, **overrides)
    assert_replayed(experiment, experiment.run(), blas_convolution)


@pytest.mark.parametrize("name", PARTS)
def test_every_kind_of_block_is_exact(name):
    """Projections and sums, depthwise layers, branches, attention: of the size they have in their network."""
    layers = list(accelsim.load("eyeriss_lenet5", network=name).network.layers())
    part = layers[: layers.index(PARTS[name]) + 1]
    experiment = accelsim.load("eyeriss_lenet5", network=name, layers=part, input="random")
    assert_replayed(experiment, experiment.run(), blas_convolution)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["FC6", "FC7", "FC8"])
def test_vgg16s_fully_connected_layers_are_exact(name):
    """Each on an ifmap of its own: the weights of FC6 alone are 0.8 GB of int64."""
    experiment = accelsim.load("eyeriss_vgg16", layers=[name], **{f"density__{name}__ifmap": 0.5})
    result, layer, bits = experiment.run(), experiment.network.layers(1)[name], experiment.arch.word_bits
    ifmap = density_ifmap(layer, 0.5, experiment.arch, experiment.settings.seed)
    weight = generated.random_weights(layer.weight_shape, bits, seed=0, name=f"{name}.weight")
    np.testing.assert_array_equal(result[name].ofmap, blas_convolution(layer, ifmap, weight))


def test_every_network_shipped_is_here():
    assert set(names("networks")) == {"alexnet", "vgg16", "lenet5", *PARTS, *QUANTISED}


def test_without_values_the_cycles_are_those_with_values(everything):
    dense = {"arch__sparsity__gate": "none"} | {
        f"arch__sparsity__formats__{operand}__dram": None for operand in ("ifmap", "ofmap")
    }
    with_values = accelsim.load("eyeriss_lenet5", **dense).run()
    without = accelsim.load("eyeriss_lenet5", **dense, values=False).run()
    assert [layer.cycles for layer in without.layers] == [layer.cycles for layer in with_values.layers]
    assert [layer.actions for layer in without.layers] == [layer.actions for layer in with_values.layers]
    assert all(layer.ofmap is None for layer in without.layers)
