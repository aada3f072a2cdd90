"""Networks: names, order, shapes and the layers they become."""

import math

import numpy as np
import pytest

from accelsim.config import Origin, build, find, from_plain, load_yaml
from accelsim.errors import ConfigError
from accelsim.network.convolution import reference_ofmap
from accelsim.network.graph import Network
from accelsim.network.host_ops import Add, Concat, Lrn, MaxPool, Relu
from accelsim.network.nodes import FC, Conv, Gemm, operands


def read(document):
    return build(from_plain(document, Origin(None, override="test")), Network)


def one(node, shape=(4, 8, 8)):
    """A network of one node, read as a file is."""
    return read({"name": "one", "input": list(shape), "nodes": [node]})


@pytest.fixture
def committed():
    def load(name):
        return build(load_yaml(find("networks", name)), Network)

    return load


def test_alexnet_macs_per_image_are_the_published_ones(committed):
    layers = committed("alexnet").layers(1)
    assert {name: layer.macs for name, layer in layers.items()} == {
        "CONV1": 105_415_200,
        "CONV2": 223_948_800,
        "CONV3": 149_520_384,
        "CONV4": 112_140_288,
        "CONV5": 74_760_192,
        "FC6": 37_748_736,
        "FC7": 16_777_216,
        "FC8": 4_096_000,
    }


def test_alexnet_leaves_out_its_normalisation_and_says_so(committed):
    assert committed("alexnet").left_out == ("LRN1", "LRN2")


def test_alexnet_pools_between_layers(committed):
    assert committed("alexnet").glue == ("POOL1", "POOL2", "POOL5")


def test_vgg16_has_138_million_weights(committed):
    layers = committed("vgg16").layers(1).values()
    biases = sum(layer.m for layer in layers)
    assert sum(math.prod(layer.weight_shape) for layer in layers) + biases == 138_357_544


def test_vgg16_convolves_15_3_billion_macs(committed):
    layers = committed("vgg16").layers(1).values()
    assert sum(layer.macs for layer in layers if layer.kind == "conv") == 15_346_630_656


def test_lenet5_shapes_are_those_of_its_figure(committed):
    assert committed("lenet5").shapes() == {
        "input": (1, 32, 32),
        "C1": (6, 28, 28),
        "S2": (6, 14, 14),
        "C3": (16, 10, 10),
        "S4": (16, 5, 5),
        "C5": (120, 1, 1),
        "F6": (84, 1, 1),
        "OUTPUT": (10, 1, 1),
    }


def test_batch_multiplies_macs(committed):
    network = committed("alexnet")
    one_image, four = network.layers(1), network.layers(4)
    assert {name: 4 * layer.macs for name, layer in one_image.items()} == {
        name: layer.macs for name, layer in four.items()
    }


def test_input_left_out_is_the_node_before():
    network = Network("chain", (1, 4, 4), (Relu(name="A"), Relu(name="B")))
    assert network.sources() == {"A": ("input",), "B": ("A",)}


def test_branches_meet_by_name():
    nodes = (
        Conv(name="A", m=4, kernel=1),
        Conv(name="B", input="input", m=4, kernel=1),
        Add(name="SUM", inputs=("A", "B")),
        Concat(name="ALL", inputs=("SUM", "A", "input")),
    )
    assert Network("residual", (3, 5, 6), nodes).shapes()["ALL"] == (11, 5, 6)


def test_depthwise_gives_every_channel_its_own_group():
    layer = one({"op": "conv", "name": "DW", "m": 8, "kernel": 3, "groups": "depthwise"}).layers(1)["DW"]
    assert (layer.groups, layer.weight_shape) == (4, (8, 1, 3, 3))


@pytest.mark.parametrize(
    "pad, sides",
    [(1, (1, 1, 1, 1)), ([1, 2], (1, 1, 2, 2)), ([1, 2, 3, 4], (1, 2, 3, 4))],
)
def test_pad_is_one_number_or_one_per_axis_or_one_per_side(pad, sides):
    layer = one({"op": "conv", "name": "A", "m": 1, "kernel": 1, "pad": pad}).layers(1)["A"]
    assert layer.pad == sides


@pytest.mark.parametrize("key", ["kernel", "stride", "dilation"])
def test_extents_are_vertical_then_horizontal(key):
    layer = one({"op": "conv", "name": "A", "m": 1, "kernel": 2, key: [3, 1]}).layers(1)["A"]
    asked = {"kernel": (layer.r, layer.s), "stride": layer.stride, "dilation": layer.dilation}
    assert asked[key] == (3, 1)


def test_fully_connected_covers_its_whole_input():
    layer = Network("fc", (3, 4, 5), (FC(name="FC", m=7),)).layers(2)["FC"]
    assert (layer.weight_shape, layer.ofmap_shape) == ((7, 3, 4, 5), (2, 7, 1, 1))


def test_gemm_by_weights_multiplies_pixels_by_channels():
    rng = np.random.default_rng(0)
    node = Gemm(name="G", cols=5, groups=2)
    layer = Network("gemm", (6, 2, 2), (node,)).layers(3)["G"]
    x, w = rng.integers(-9, 9, (3, 6, 2, 2)), rng.integers(-9, 9, layer.weight_shape)
    out = reference_ofmap(layer, *operands(node, layer, [x], w)).reshape(3, 2, 5, 4)
    left = x.reshape(3, 2, 3, 4).swapaxes(2, 3)
    np.testing.assert_array_equal(out.swapaxes(2, 3), np.matmul(left, w.reshape(2, 5, 3).swapaxes(1, 2)))


@pytest.mark.parametrize("transpose", [False, True])
def test_gemm_of_two_activations_is_one_matrix_product_per_image_and_head(transpose):
    heads, rows, inner, cols, n = 2, 4, 3, 5, 3
    rng = np.random.default_rng(1)
    a, b = rng.integers(-9, 9, (n, heads, rows, inner)), rng.integers(-9, 9, (n, heads, inner, cols))
    right = b.swapaxes(2, 3) if transpose else b
    left, right = activation(a), activation(right)
    node = Gemm(name="G", inputs=("A", "B"), groups=heads, transpose=transpose)
    layer = node.layer([left.shape[1:], right.shape[1:]], n)
    out = reference_ofmap(layer, *operands(node, layer, [left, right]))
    np.testing.assert_array_equal(out.reshape(n, heads * cols, rows, 1), activation(np.matmul(a, b)))


def activation(matrices):
    """``(N, G, rows, X)`` matrices as the activation ``(N, G*X, rows, 1)``."""
    n, groups, rows, columns = matrices.shape
    return matrices.swapaxes(2, 3).reshape(n, groups * columns, rows, 1)


def test_gemm_of_two_activations_turns_images_into_groups():
    node = Gemm(name="G", inputs=("input", "input"), groups=2, transpose=True)
    layer = Network("attention", (6, 4, 1), (node,)).layers(5)["G"]
    assert (layer.n, layer.groups, layer.weight_shape) == (1, 10, (40, 3, 1, 1))


def test_attention_has_the_shape_of_its_values():
    nodes = (
        Gemm(name="Q", cols=8),
        Gemm(name="K", inputs=("input",), cols=8),
        Gemm(name="V", inputs=("input",), cols=8),
        Gemm(name="SCORES", inputs=("Q", "K"), groups=2, transpose=True),
        Gemm(name="MIX", inputs=("SCORES", "V"), groups=2),
    )
    shapes = Network("attention", (6, 10, 1), nodes).shapes()
    assert (shapes["SCORES"], shapes["MIX"]) == ((20, 10, 1), (8, 10, 1))


def test_weights_left_out_are_refused():
    node = FC(name="F", m=2)
    layer = node.layer([(1, 2, 2)], 1)
    with pytest.raises(ConfigError, match=r"node 'F': weights must be given \(got none\)"):
        operands(node, layer, [np.zeros((1, 1, 2, 2), np.int64)])


CONV = {"op": "conv", "name": "A", "m": 4, "kernel": 3}
GEMM = {"op": "gemm", "name": "G"}


@pytest.mark.parametrize(
    "node, message",
    [
        ({**CONV, "m": 0}, r"m must be at least 1 \(got 0\)"),
        (
            {**CONV, "kernel": [3, 3, 3]},
            r"kernel must be one number or \[vertical, horizontal\] \(got \[3, 3, 3\]\)",
        ),
        ({**CONV, "stride": [1, 0]}, r"stride must be at least 1 \(got 0\)"),
        ({**CONV, "pad": [1, 2, 3]}, r"pad must be one number, .* \(got \[1, 2, 3\]\)"),
        ({**CONV, "pad": -1}, r"pad must be at least 0 \(got -1\)"),
        ({**CONV, "groups": 0}, r"groups must be at least 1 \(got 0\)"),
        ({**CONV, "groups": 3}, r"node 'A': groups must divide c \(got groups=3, c=4\)"),
        ({**CONV, "kernel": 9}, "node 'A': the filter must fit the padded ifmap"),
        ({**CONV, "name": "input"}, "a node's name must not be empty or 'input'"),
        ({**CONV, "input": "inptu"}, r"node 'A': .* \(got 'inptu'; did you mean 'input'\?\)"),
        ({**CONV, "input": "zzz"}, r"node 'A': .* \(got 'zzz'; there are input\)"),
        (
            {"op": "transposed_conv", "name": "UP", "output_pad": 1},
            "transposed convolution is not supported .*'UP'",
        ),
        (GEMM, r"cols must be given where the right operand is weights \(got none\)"),
        ({**GEMM, "cols": 0}, r"cols must be at least 1 \(got 0\)"),
        (
            {**GEMM, "cols": 4, "transpose": True},
            "transpose must be left out where the right operand is weights",
        ),
        ({**GEMM, "cols": 4, "groups": 3}, r"node 'G': groups must divide c \(got groups=3, c=4\)"),
        (
            {**GEMM, "cols": 4, "inputs": ["input", "input"]},
            "cols must be left out of a product of two activations",
        ),
        ({**GEMM, "inputs": ["input"] * 3}, "inputs must name one or two activations"),
        ({**GEMM, "inputs": ["input"] * 2}, r"operands must share their inner extent \(got 4 and 64\)"),
        (
            {"op": "add", "name": "S", "inputs": ["input"]},
            r"inputs must name at least two nodes \(got \['input'\]\)",
        ),
    ],
)
def test_impossible_node_is_refused(node, message):
    with pytest.raises(ConfigError, match=message):
        one(node)


def test_unknown_key_is_refused():
    with pytest.raises(ConfigError, match="unknown key 'kernal'; did you mean 'kernel'"):
        one({**CONV, "kernal": 3})


def test_unknown_op_is_refused():
    with pytest.raises(ConfigError, match=r"op: must be 'conv', .* \(got 'cnv'\)"):
        one({"op": "cnv", "name": "A"})


def test_input_that_comes_later_is_refused():
    nodes = (Relu(name="A", input="B"), Relu(name="B"))
    with pytest.raises(ConfigError, match=r"node 'A': .* \(got 'B', which does not come before\)"):
        Network("cycle", (1, 2, 2), nodes)


def test_repeated_name_is_refused():
    with pytest.raises(ConfigError, match=r"names must be unique \(got 'A' twice\)"):
        Network("twins", (1, 2, 2), (Relu(name="A"), Lrn(name="A")))


def test_inputs_of_a_sum_must_have_one_shape():
    nodes = (MaxPool(name="P", kernel=2), Add(name="S", inputs=("P", "input")))
    with pytest.raises(ConfigError, match=r"node 'S': inputs must have one shape \(got .*1, 2, 2.*1, 4, 4"):
        Network("sum", (1, 4, 4), nodes)


def test_concatenated_inputs_must_share_height_and_width():
    nodes = (MaxPool(name="P", kernel=2), Concat(name="S", inputs=("P", "input")))
    with pytest.raises(ConfigError, match="node 'S': inputs must share height and width"):
        Network("concat", (1, 4, 4), nodes)


@pytest.mark.parametrize(
    "shape, message",
    [((3, 4), r"input must be \[channels, height, width\]"), ((3, 0, 4), "input must be at least 1")],
)
def test_input_is_three_positive_extents(shape, message):
    with pytest.raises(ConfigError, match=message):
        Network("shape", shape, (Relu(name="A"),))


def test_network_without_nodes_is_refused():
    with pytest.raises(ConfigError, match="nodes must hold at least one node"):
        Network("empty", (1, 1, 1), ())


def test_batch_below_one_is_refused():
    with pytest.raises(ConfigError, match=r"batch must be at least 1 \(got 0\)"):
        Network("one", (1, 1, 1), (Relu(name="A"),)).layers(0)
