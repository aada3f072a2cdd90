"""The trained digits networks: what their files hold, and what each gets right, in numpy and simulated."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import accelsim
from accelsim.config import build, find, load_yaml
from accelsim.errors import ConfigError
from accelsim.network.convolution import reference_ofmap
from accelsim.network.graph import Network
from accelsim.network.layer import Layer
from accelsim.network.nodes import Compute
from accelsim.run.experiment import from_document
from accelsim.run.file import COMPARE
from accelsim.studies.digits import data, inference
from accelsim.studies.digits import parameters as trained
from accelsim.studies.digits import schemes as labelled
from accelsim.studies.digits.data import digits_folder
from accelsim.studies.digits.inference import PAD, POOLED
from accelsim.studies.variants import variants
from accelsim.values.quant import FloatActivation, FloatWeights, LinearActivation, SignActivation

BELOW_FLOAT = {
    "mixed": 0.01,
    "float16": 0.01,
    "int16": 0.01,
    "int8": 0.01,
    "int4": 0.04,
    "lut4": 0.04,
    "codebook": 0.01,
    "five_level": 0.04,
    "ternary": 0.04,
    "binary": 0.04,
    "repeated_kernels": 0.04,
    "kernels": 0.04,
    "dorefa": 0.04,
}
"""The share of images that a label may lose, at most."""

XNOR_FLOOR = 0.95

LABELS = tuple(load_yaml(find("runs", "digits"), "runs")[COMPARE].fields)
FILES = sorted(path.stem for path in digits_folder().glob("*.npz") if path.stem != "test")


@cache
def by_label():
    return labelled.by_label()


@cache
def by_file():
    return labelled.by_file()


@cache
def accuracy(label):
    scheme = by_label()[label]
    return inference.accuracy(trained.read_parameters(scheme.file), scheme, *data.test_split())


@cache
def documents():
    return variants(accelsim.load("digits"))


def test_the_test_split_is_a_stratified_fifth():
    images, labels = data.test_split()
    assert images.shape == (360, 1, 8, 8)
    assert images.min() == 0 and images.max() == 1
    counts = np.bincount(labels)
    assert counts.shape == (10,) and set(counts) <= {35, 36, 37}  # 174 to 183 of each digit in all, a fifth


def test_float_is_right_on_97_of_100_images():
    assert accuracy("float32") >= 0.97


def test_signs_of_weights_and_ifmaps_are_right_on_95_of_100_images():
    assert accuracy("xnor") >= XNOR_FLOOR


def test_every_label_has_a_margin():
    assert {*BELOW_FLOAT, "float32", "xnor"} == set(LABELS) == set(by_label())


@pytest.mark.parametrize("label", BELOW_FLOAT)
def test_a_label_loses_no_more_than_its_margin(label):
    assert accuracy(label) >= accuracy("float32") - BELOW_FLOAT[label]


@pytest.mark.parametrize("label", LABELS)
def test_the_simulated_machine_is_right_as_often_as_numpy(label):
    assert from_document(documents()[label]).run().accuracy == accuracy(label)


def test_the_engines_agree_on_the_first_images():
    experiment = accelsim.load("digits", batch=2)
    fast, slow = experiment.run(), experiment.run(engine="reference")
    assert fast.accuracy == slow.accuracy
    for one, other in zip(fast.layers, slow.layers, strict=True):
        assert one.row() == other.row()


def test_every_file_of_weights_is_run_by_a_label():
    assert set(by_file()) == set(FILES)


def test_a_file_is_trained_for_the_first_label_that_runs_it():
    schemes = by_label()
    assert list(by_file().values()) == [
        schemes[label]
        for label in (
            "float32",
            "int4",
            "codebook",
            "five_level",
            "ternary",
            "binary",
            "kernels",
            "dorefa",
            "xnor",
        )
    ]
    assert by_file()["binary"].file == schemes["repeated_kernels"].file
    assert by_file()["twn"].file == schemes["ternary"].file


def test_the_float_network_is_trained_without_quantisation():
    trained = by_file()["float"]
    assert trained.of_floats
    for layer in trained.layers.values():
        assert (layer.weights, layer.ifmap) == (
            FloatWeights("float", "float32"),
            FloatActivation("float", "float32"),
        )
    assert not any(scheme.of_floats for name, scheme in by_file().items() if name != "float")


@pytest.mark.parametrize("name", FILES)
def test_shuffled_weights_know_no_digits(name):
    scheme = by_file()[name]
    layers = trained.read_parameters(scheme.file)
    rng = np.random.default_rng(0)
    shuffled = {
        key: trained.Parameters(
            rng.permuted(layer.weight.ravel()).reshape(layer.weight.shape),
            layer.gain,
            layer.offset,
            layer.ifmap_scale,
        )
        for key, layer in layers.items()
    }
    assert inference.accuracy(shuffled, scheme, *data.test_split()) < 0.5


@pytest.mark.parametrize("name", FILES)
def test_files_hold_the_layers_of_the_network(name):
    network = build(load_yaml(find("networks", "digits")), Network)
    shapes, layers = network.layers(), trained.read_parameters(by_file()[name].file)
    assert tuple(layers) == tuple(by_file()[name].layers) == tuple(shapes)
    for key, layer in layers.items():
        shape = shapes[key]
        assert layer.weight.shape == shape.weight_shape
        assert layer.gain.shape == layer.offset.shape == (shape.m,)
        assert layer.ifmap_scale > 0
        assert shape.pad == (PAD[key],) * 4
    sources = network.sources()
    assert [sources[node.name][0] for node in network.nodes if node.name not in shapes] == list(POOLED)


@pytest.mark.parametrize("network", ["digits", "digits_xnor"])
def test_both_networks_differ_in_nothing_but_relu(network):
    nodes = build(load_yaml(find("networks", network)), Network).nodes
    plain = build(load_yaml(find("networks", "digits")), Network).nodes
    bare = [replace(node, activation="none") if isinstance(node, Compute) else node for node in nodes]
    assert bare == [replace(node, activation="none") if isinstance(node, Compute) else node for node in plain]


def test_all_files_take_less_than_a_megabyte():
    assert sum(path.stat().st_size for path in digits_folder().glob("*.npz")) < 1e6


def test_the_step_of_8_bits_spans_the_pixels():
    assert trained.read_parameters(by_file()["float"].file)["CONV1"].ifmap_scale == pytest.approx(1 / 255)


@pytest.mark.parametrize("label, last", [("int16", 65535), ("int8", 255)])
def test_other_widths_span_what_8_bits_do(label, last):
    assert by_label()[label].step("CONV2", 0.5) * last == pytest.approx(0.5 * 255)


def test_steps_that_are_for_the_codes_of_the_scheme_stay():
    assert by_label()["int4"].step("CONV2", 0.5) == 0.5
    assert by_label()["float32"].step("CONV2", 0.5) == 0.5


def test_signs_alone_leave_the_relu_out():
    for label, scheme in by_label().items():
        layers = list(scheme.layers.values())
        of_signs = [isinstance(layer.ifmap, SignActivation) for layer in layers]
        assert of_signs == [False, label == "xnor", label == "xnor", False]
        assert [layer.relu for layer in layers] == [not signs for signs in of_signs[1:]] + [False]


@pytest.mark.parametrize("label", ["int8", "ternary", "xnor"])
def test_logits_are_those_of_the_slow_convolution(label):
    scheme = by_label()[label]
    layers, images = trained.read_parameters(scheme.file), data.test_split()[0][:3]
    ifmap = images
    for key, layer in layers.items():
        own = scheme.layers[key]
        codes, weight = own.ifmap(ifmap, scheme.step(key, layer.ifmap_scale)), own.weights(layer.weight)
        (m, c, r, s), (n, _, h, w) = weight.values.shape, ifmap.shape
        shape = Layer(key, n=n, m=m, c=c, h=h, w=w, r=r, s=s, pad=(PAD[key],) * 4)
        psums = reference_ofmap(shape, codes.values, weight.values)
        rows = []
        for f in range(m):
            alpha = weight.scale if weight.scale.ndim == 0 else weight.scale[f, 0, 0, 0]
            rows.append(psums[:, f] * (alpha * codes.scale) * layer.gain[f] + layer.offset[f])
        ifmap = np.stack(rows, axis=1)
        ifmap = np.maximum(ifmap, 0) if own.relu else ifmap
        if key in POOLED:
            ifmap = np.maximum.reduce([ifmap[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)])
    np.testing.assert_allclose(inference.logits(layers, scheme, images), ifmap.reshape(3, 10), rtol=1e-12)


def test_a_run_without_schemes_has_none():
    with pytest.raises(ConfigError, match=r"lenet5 must have datapaths and a file of weights \(got a run"):
        labelled.scheme_of(accelsim.load("eyeriss_lenet5"))


def learnt(parameters):
    """The layers of a file as PyTorch has them, with a batch norm that stands for gain and offset."""
    torch = pytest.importorskip("torch", reason="training needs PyTorch")
    module = pytest.importorskip("accelsim.studies.digits.learnt")
    layers = {}
    for key, layer in parameters.items():
        tensors = (torch.from_numpy(a.astype(np.float32)) for a in (layer.weight, layer.gain, layer.offset))
        m = layer.gain.size
        variance = torch.full((m,), 1 - module.EPSILON)
        layers[key] = module.LearntLayer(*tensors, torch.zeros(m), variance, layer.ifmap_scale)
    return torch, module, layers


@pytest.mark.parametrize("name", FILES)
def test_training_sees_what_numpy_computes(name):
    """Float32 sums differ from exact ones, and a code half way may round the other way: one image in 100."""
    scheme = by_file()[name]
    parameters = trained.read_parameters(scheme.file)
    torch, module, layers = learnt(parameters)
    images, _ = data.test_split()
    with torch.no_grad():
        seen, _ = module.forward(layers, scheme, torch.from_numpy(images.astype(np.float32)), None)
    exact = inference.logits(parameters, scheme, images)
    close = np.isclose(seen.numpy(), exact, rtol=0, atol=1e-3 * np.abs(exact).max()).all(axis=1)
    assert close.mean() >= 0.99
    assert (seen.numpy().argmax(axis=1) == exact.argmax(axis=1)).mean() >= 0.99


@pytest.mark.parametrize("name", FILES)
def test_training_multiplies_by_exactly_the_quantised_weights(name):
    scheme = by_file()[name]
    parameters = trained.read_parameters(scheme.file)
    _, module, layers = learnt(parameters)
    for key, layer in layers.items():
        quantiser = scheme.layers[key].weights
        want = quantiser(parameters[key].weight).reals
        got = module.quantised_weight(layer, quantiser)
        np.testing.assert_array_equal(got.numpy(), want.astype(np.float32))


def test_gradients_pass_quantisers_but_not_saturated_codes():
    scheme = by_file()["int4"]
    torch, module, layers = learnt(trained.read_parameters(scheme.file))
    own = scheme.layers["CONV1"]
    assert isinstance(own.ifmap, LinearActivation)
    ifmap = torch.tensor([[-0.5, 0.3, 0.9, 1.5]], requires_grad=True)
    module.coded(ifmap, own.ifmap, 1 / 15).sum().backward()
    assert ifmap.grad.tolist() == [[0, 1, 1, 0]]
    weight = layers["CONV1"].weight.requires_grad_()
    module.quantised_weight(layers["CONV1"], own.weights).sum().backward()
    assert (weight.grad == 1).all()
