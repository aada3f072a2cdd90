"""The networks shipped, against their sources: MACs, weights and extents, derived by hand.

Per image; pad zeros count as MACs. Weights are those of layers: batch norm is folded in, biases are left out.
"""

import math
from functools import cache

import pytest

from accelsim.config import build, find, load_yaml, names
from accelsim.machine import Arch
from accelsim.network.graph import Network
from accelsim.network.nodes import Compute, Gemm
from dataflows.row_stationary import RowStationary

CONVOLUTIONAL = {"resnet18", "resnet50", "mobilenet_v1", "mobilenet_v2", "googlenet"}
EYERISS = build(load_yaml(find("arch", "eyeriss")), Arch)


@cache
def network(name):
    return build(load_yaml(find("networks", name)), Network)


@cache
def layers(name):
    return network(name).layers(1)


def macs(name, *prefixes):
    """MACs of the layers of *name* whose names begin with one of *prefixes*; without any, of all."""
    return sum(layer.macs for layer in layers(name).values() if layer.name.startswith(prefixes or ""))


def weights(name):
    """Words of weights; a product of two activations has none."""
    nodes = [node.name for node in network(name).nodes if has_weights(node)]
    return sum(math.prod(layers(name)[node].weight_shape) for node in nodes)


def has_weights(node):
    return isinstance(node, Compute) and not (isinstance(node, Gemm) and node.of_activations)


@pytest.mark.parametrize("name", names("networks"))
def test_a_network_is_named_like_its_file_and_names_its_source(name):
    shipped = network(name)
    assert shipped.name == name
    assert shipped.source


@pytest.mark.parametrize("name", names("networks"))
def test_every_layer_has_a_legal_mapping_on_the_chip(name):
    for layer in layers(name).values():
        RowStationary(m=1, n=1, e=1, p=1, q=1, r=1, t=1).map(layer, EYERISS)


@pytest.mark.parametrize("name", sorted(CONVOLUTIONAL))
def test_a_picture_becomes_a_thousand_scores(name):
    shipped = network(name)
    shapes = shipped.shapes()
    assert (shapes["input"], shapes[shipped.nodes[-1].name]) == ((3, 224, 224), (1000, 1, 1))


@pytest.mark.parametrize(
    "name, count",
    [
        # torchvision's num_params: weights, two of batch norm per convolved channel, the biases of FC
        ("resnet18", 11_689_512 - 2 * 4_800 - 1000),
        ("resnet50", 25_557_032 - 2 * 26_560 - 1000),
        ("mobilenet_v2", 3_504_872 - 2 * 17_056 - 1000),
        # Keras's count: four of batch norm, of which two are not trained
        ("mobilenet_v1", 4_253_864 - 4 * 10_944 - 1000),
        # BVLC's without its auxiliary classifiers: a bias per channel
        ("googlenet", 6_998_552 - 8_280),
    ],
)
def test_weights_are_the_published_parameters_without_norm_and_bias(name, count):
    assert weights(name) == count


def test_resnet18s_macs():
    """Table 1: a 3 x 3 layer costs the same in every stage, half where it doubles the channels."""
    conv1, layer = 112**2 * 64 * 3 * 7**2, 56**2 * 64**2 * 3**2
    projection = 28**2 * 128 * 64
    stages = 4 * layer + 3 * (layer // 2 + 3 * layer + projection)
    assert macs("resnet18") == conv1 + stages + 512 * 1000 == 1_814_073_344


def test_resnet50s_macs():
    """Table 1 with the strides of v1.5, in units of a 1 x 1 layer of 64 channels at 56 x 56.

    The unit stays as channels double and the picture halves. A block costs 4 + 9 + 4; the first of
    conv2_x 1 + 9 + 4, and 4 for the projection; the first of any other stage 8 + 9 + 4, and 8, as its
    first layer runs before the picture is halved.
    """
    unit = 56**2 * 64**2
    assert macs("resnet50", "CONV2_") == (18 + 2 * 17) * unit
    assert macs("resnet50", "CONV3_") == (29 + 3 * 17) * unit
    assert macs("resnet50", "CONV4_") == (29 + 5 * 17) * unit
    assert macs("resnet50", "CONV5_") == (29 + 2 * 17) * unit
    assert macs("resnet50") == 112**2 * 64 * 3 * 7**2 + 309 * unit + 2048 * 1000 == 4_089_184_256


@pytest.mark.parametrize(
    "name, halved",
    [
        (
            "resnet18",
            {"CONV3_1A": 28, "CONV3_1P": 28, "CONV4_1A": 14, "CONV4_1P": 14, "CONV5_1A": 7, "CONV5_1P": 7},
        ),
        (
            "resnet50",
            {"CONV3_1B": 28, "CONV3_1P": 28, "CONV4_1B": 14, "CONV4_1P": 14, "CONV5_1B": 7, "CONV5_1P": 7},
        ),
        ("mobilenet_v1", {"DW3": 56, "DW5": 28, "DW7": 14, "DW13": 7}),
        ("mobilenet_v2", {"DW2": 56, "DW4": 28, "DW7": 14, "DW14": 7}),
        ("googlenet", {}),
    ],
)
def test_strides_and_the_extents_they_give_are_those_of_the_source(name, halved):
    """The layers of stride 2 and their E; B is the 3 x 3 layer of ResNet-50."""
    strided = [layer for layer in layers(name).values() if layer.stride != (1, 1)]
    assert {layer.name: layer.e for layer in strided} == {"CONV1": 112, **halved}
    assert all(layer.stride == (2, 2) and layer.e == layer.f for layer in strided)


@pytest.mark.parametrize("name, blocks", [("resnet18", 8), ("resnet50", 16)])
def test_every_block_of_a_resnet_rectifies_its_sum(name, blocks):
    sums = {node.name for node in network(name).nodes if node.op == "add"}
    readers = [node.op for node in network(name).nodes if sums & set(network(name).sources()[node.name])]
    assert len(sums) == blocks
    assert readers == ["relu"] * blocks


@pytest.mark.parametrize(
    "name, first, last", [("resnet18", "CONV{}A", "CONV{}B"), ("resnet50", "CONV{}A", "CONV{}C")]
)
def test_a_shortcut_of_a_resnet_begins_where_its_block_does(name, first, last):
    """Figure 2: either what the block reads itself, or the projection of it."""
    sources = network(name).sources()
    for block in [node.name.removeprefix("ADD") for node in network(name).nodes if node.op == "add"]:
        begin = sources[first.format(block)]
        shortcut = (f"CONV{block}P",) if f"CONV{block}P" in sources else begin
        assert sources[f"ADD{block}"] == (last.format(block), *shortcut)
        assert sources.get(f"CONV{block}P", begin) == begin


@pytest.mark.parametrize("name", names("networks"))
def test_a_sum_is_a_word_again_before_a_layer_reads_it(name):
    """Two words add up to one bit more: between the sum and its halving there is at most a ReLU."""
    wide, sources = set(), network(name).sources()
    for node in network(name).nodes:
        reads_wide = bool(wide & set(sources[node.name]))
        assert not reads_wide or node.op in ("relu", "requantise")
        if node.op == "add" or (reads_wide and node.op == "relu"):
            wide.add(node.name)
    halves = [node for node in network(name).nodes if node.op == "requantise"]
    assert all((node.bits, node.shift) == (EYERISS.word_bits, 1) for node in halves)


def test_mobilenet_v1s_macs():
    """Table 1 in pointwise layers of 32 to 64 channels and depthwise ones of 32 channels, at 112 x 112.

    A layer that doubles the channels costs one pointwise unit, one that keeps them two; the first is the
    exception, as it doubles 32. Halving the picture halves a depthwise layer for the same channels twice.
    """
    pointwise, depthwise = 112**2 * 32 * 64, 112**2 * 32 * 9
    assert macs("mobilenet_v1", "PW") == (1 + 1 + 2 + 1 + 2 + 1 + 5 * 2 + 1 + 2) * pointwise
    assert 16 * macs("mobilenet_v1", "DW") == (16 + 8 + 16 + 4 + 8 + 2 + 5 * 4 + 1 + 2) * depthwise
    assert macs("mobilenet_v1", "CONV1") == 112**2 * 32 * 3 * 9
    assert macs("mobilenet_v1") == 568_740_352  # table 4: 569 million


@pytest.mark.parametrize("prefix, percent", [("PW", 94.86), ("DW", 3.06), ("FC", 0.18)])
def test_mobilenet_v1s_macs_are_where_table_2_says(prefix, percent):
    """All rows but that of CONV1, printed as 1.19 %, with which the four do not add up to 100."""
    assert 100 * macs("mobilenet_v1", prefix) / macs("mobilenet_v1") == pytest.approx(percent, abs=0.005)


def test_mobilenet_v2s_macs():
    """Table 2: a bottleneck costs its t x c channels times what comes in, 9, and what goes out."""
    bottlenecks = [
        112**2 * 32 * (9 + 16),
        112**2 * 96 * 16 + 56**2 * 96 * (9 + 24),
        56**2 * 144 * (24 + 9 + 24),
        56**2 * 144 * 24 + 28**2 * 144 * (9 + 32),
        2 * 28**2 * 192 * (32 + 9 + 32),
        28**2 * 192 * 32 + 14**2 * 192 * (9 + 64),
        3 * 14**2 * 384 * (64 + 9 + 64),
        14**2 * 384 * (64 + 9 + 96),
        2 * 14**2 * 576 * (96 + 9 + 96),
        14**2 * 576 * 96 + 7**2 * 576 * (9 + 160),
        2 * 7**2 * 960 * (160 + 9 + 160),
        7**2 * 960 * (160 + 9 + 320),
    ]
    assert macs("mobilenet_v2", "EXPAND", "DW", "PROJECT") == sum(bottlenecks)
    ends = 112**2 * 32 * 3 * 9 + 7**2 * 320 * 1280 + 1280 * 1000
    assert macs("mobilenet_v2") == sum(bottlenecks) + ends == 300_774_272  # table 4: 300 million


def test_mobilenet_v2_adds_where_the_shape_stays():
    """Table 2: every bottleneck but the first of its row; n is 1, 2, 3, 4, 3, 3, 1."""
    sums = [node.name for node in network("mobilenet_v2").nodes if node.op == "add"]
    assert sums == [f"ADD{i}" for i in (3, 5, 6, 8, 9, 10, 12, 13, 15, 16)]


def test_mobilenet_v2s_shortcuts_begin_where_their_bottlenecks_do():
    sources = network("mobilenet_v2").sources()
    for block in [name.removeprefix("ADD") for name in sources if name.startswith("ADD")]:
        assert sources[f"ADD{block}"] == (f"PROJECT{block}", *sources[f"EXPAND{block}"])


def test_googlenets_macs():
    """Table 1: ifmap channels times those of the four 1 x 1 layers, then the 3 x 3 and the 5 x 5 layer."""
    modules = {
        "I3A": 28**2 * (192 * (64 + 96 + 16 + 32) + 9 * 96 * 128 + 25 * 16 * 32),
        "I3B": 28**2 * (256 * (128 + 128 + 32 + 64) + 9 * 128 * 192 + 25 * 32 * 96),
        "I4A": 14**2 * (480 * (192 + 96 + 16 + 64) + 9 * 96 * 208 + 25 * 16 * 48),
        "I4B": 14**2 * (512 * (160 + 112 + 24 + 64) + 9 * 112 * 224 + 25 * 24 * 64),
        "I4C": 14**2 * (512 * (128 + 128 + 24 + 64) + 9 * 128 * 256 + 25 * 24 * 64),
        "I4D": 14**2 * (512 * (112 + 144 + 32 + 64) + 9 * 144 * 288 + 25 * 32 * 64),
        "I4E": 14**2 * (528 * (256 + 160 + 32 + 128) + 9 * 160 * 320 + 25 * 32 * 128),
        "I5A": 7**2 * (832 * (256 + 160 + 32 + 128) + 9 * 160 * 320 + 25 * 32 * 128),
        "I5B": 7**2 * (832 * (384 + 192 + 48 + 128) + 9 * 192 * 384 + 25 * 48 * 128),
    }
    assert {module: macs("googlenet", module) for module in modules} == modules
    stem = 112**2 * 64 * 3 * 7**2 + 56**2 * (64 * 64 + 64 * 192 * 9)
    assert macs("googlenet") == stem + sum(modules.values()) + 1024 * 1000 == 1_582_671_872


@pytest.mark.parametrize(
    "prefix, million",
    [
        ("CONV2", 360),
        ("I3A", 128),
        ("I3B", 304),
        ("I4A", 73),
        ("I4B", 88),
        ("I4C", 100),
        ("I4D", 119),
        ("I4E", 170),
        ("I5B", 71),
        ("FC", 1),
    ],
)
def test_googlenets_macs_are_the_ops_of_table_1(prefix, million):
    """All rows but two: the printed 34 M (the first) and 54 M (5a) are not those of the filters listed."""
    assert macs("googlenet", prefix) == pytest.approx(million * 1e6, abs=1e6)


def test_googlenets_shapes_are_those_of_table_1():
    shapes = network("googlenet").shapes()
    assert {name: shapes[name] for name in ("CONV1", "POOL1", "CONV2_3X3", "POOL2")} == {
        "CONV1": (64, 112, 112),
        "POOL1": (64, 56, 56),
        "CONV2_3X3": (192, 56, 56),
        "POOL2": (192, 28, 28),
    }
    assert {name: shapes[name] for name in ("I3A", "I3B", "POOL3", "I4A", "I4B", "I4C", "I4D", "I4E")} == {
        "I3A": (256, 28, 28),
        "I3B": (480, 28, 28),
        "POOL3": (480, 14, 14),
        "I4A": (512, 14, 14),
        "I4B": (512, 14, 14),
        "I4C": (512, 14, 14),
        "I4D": (528, 14, 14),
        "I4E": (832, 14, 14),
    }
    assert {name: shapes[name] for name in ("POOL4", "I5A", "I5B", "POOL5")} == {
        "POOL4": (832, 7, 7),
        "I5A": (832, 7, 7),
        "I5B": (1024, 7, 7),
        "POOL5": (1024, 1, 1),
    }


def test_googlenets_branches_begin_together_and_end_in_the_order_of_figure_2():
    sources = network("googlenet").sources()
    modules = [node.name for node in network("googlenet").nodes if node.op == "concat"]
    assert len(modules) == 9
    for module in modules:
        assert len({sources[f"{module}_{branch}"] for branch in ("1X1", "3X3R", "5X5R", "POOL")}) == 1
        assert sources[module] == tuple(f"{module}_{branch}" for branch in ("1X1", "3X3", "5X5", "PROJ"))


def test_bert_bases_macs():
    """One encoder layer: four projections, two products per head, two layers of the feed-forward network."""
    attention = 2 * 12 * 128 * 128 * (768 // 12)
    total = 4 * 128 * 768 * 768 + attention + 2 * 128 * 768 * 3072
    assert macs("bert_base", "SCORES", "MIX") == attention == 2 * 128 * 128 * 768
    assert macs("bert_base") == total == 931_135_488


def test_bert_bases_weights():
    """A layer of the published model holds 7,087,872: with biases, and two norms of two words a channel."""
    assert weights("bert_base") == 12 * 768**2 == 7_087_872 - (5 * 768 + 3072) - 2 * 2 * 768


def test_bert_base_has_twelve_heads_of_64():
    """Each with a row per token: scores are 128 x 64 by 64 x 128, their mix 128 x 128 by 128 x 64."""
    products = [layers("bert_base")[name] for name in ("SCORES", "MIX")]
    shapes = [(layer.groups, layer.h, layer.group_c, layer.group_m) for layer in products]
    assert shapes == [(12, 128, 64, 128), (12, 128, 128, 64)]
