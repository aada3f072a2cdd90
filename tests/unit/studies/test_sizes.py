"""Weights of a network in memory: what shapes say, what Deep Compression comes to, and what was published."""

from dataclasses import replace
from math import prod

import numpy as np
import pytest

from accelsim.config import build, find, load_yaml, names
from accelsim.errors import ConfigError
from accelsim.machine.datapath import Binary as DatapathBinary
from accelsim.machine.datapath import Integer, Ternary
from accelsim.network.graph import Network
from accelsim.network.nodes import FC
from accelsim.studies.sizes import NetworkSize, deep_compression, packaged, scheme_sizes, size_frame
from accelsim.values.quant import (
    BinaryWeights,
    CodebookWeights,
    LinearActivation,
    LinearWeights,
    TwnWeights,
    stored_weight_bits,
)
from accelsim.values.quant.protocol import Quantiser
from accelsim.values.schemes import Scheme
from tests.unit.values.quant.test_quantisers import QUANTISERS

ALEXNET, LENET = (build(load_yaml(find("networks", name)), Network) for name in ("alexnet", "lenet5"))

ALEXNET_WEIGHTS = {
    "CONV1": 34_848,  # 96 x 3 x 11 x 11
    "CONV2": 307_200,  # 256 x 48 x 5 x 5
    "CONV3": 884_736,
    "CONV4": 663_552,
    "CONV5": 442_368,
    "FC6": 37_748_736,  # 4096 x 9216
    "FC7": 16_777_216,
    "FC8": 4_096_000,
}
"""By hand from the shapes of Krizhevsky et al., NIPS 2012."""


CODES = LinearActivation("linear", bits=8)
INT8 = Scheme(
    "int8",
    "",
    Integer(kind="integer", ifmap_bits=8, unsigned=True, weight_bits=8),
    LinearWeights("linear", bits=8),
    CODES,
)
SIGNS = DatapathBinary(kind="binary", ifmap_bits=8, unsigned=True)
BINARY = Scheme("binary", "", SIGNS, BinaryWeights("binary"), CODES)
INNER = replace(BINARY, name="inner", first_last=INT8)
TERNARY = Scheme(
    "ternary", "", Ternary(kind="ternary", ifmap_bits=8, unsigned=True), TwnWeights("twn"), CODES
)


@pytest.mark.parametrize("quantiser", QUANTISERS, ids=str)
@pytest.mark.parametrize("shape", [(6, 4, 3, 2), (1, 1, 1, 1), (5, 7, 1, 1), (40, 3, 3, 3)], ids=str)
def test_the_shape_says_the_bits_of_every_quantiser(quantiser: Quantiser, shape: tuple[int, ...]) -> None:
    tensor = np.random.default_rng(0).normal(size=shape)
    assert stored_weight_bits(quantiser, shape) == quantiser(tensor).total_bits


def test_alexnet_has_61_million_weights() -> None:
    (size,) = scheme_sizes(ALEXNET, [BINARY])
    assert {layer.name: layer.weights for layer in size.layers} == ALEXNET_WEIGHTS
    assert size.total.weights == sum(ALEXNET_WEIGHTS.values()) == 60_954_656


def test_binary_weights_are_32_times_smaller() -> None:
    (size,) = scheme_sizes(ALEXNET, [BINARY])
    assert size.published is not None
    assert size.total.rate == size.published.rate == 32
    assert size.total.bits == 60_954_656


def test_ternary_weights_are_at_most_16_times_smaller() -> None:
    (size,) = scheme_sizes(ALEXNET, [TERNARY])
    assert size.published is not None
    assert size.published.rate == 16
    # two bits a weight, and a scale of 32 bits for each of the eight layers
    assert size.total.bits == 2 * 60_954_656 + 8 * 32
    assert 15.9999 < size.total.rate < 16


def test_a_first_and_a_last_layer_count_as_the_scheme_says() -> None:
    (size,) = scheme_sizes(ALEXNET, [INNER])
    assert [layer.name for layer in size.layers if layer.by_exception] == ["CONV1", "FC8"]
    ends = 34_848 + 4_096_000
    assert size.total.bits == 60_954_656 - ends + 8 * ends + 2 * 32
    assert size.quantised.rate == 32
    assert size.total.rate == pytest.approx(32 * 60_954_656 / (60_954_656 + 7 * ends), rel=1e-5)


def test_a_network_of_ends_alone_is_all_there_is() -> None:
    network = Network("two", (4, 1, 1), (FC(name="A", m=3), FC(name="B", m=2)))
    (size,) = scheme_sizes(network, [INNER])
    assert size.quantised == size.total
    assert size.total.bits == 8 * (12 + 6) + 2 * 32


@pytest.fixture(scope="module")
def coded() -> tuple[NetworkSize, NetworkSize]:
    """All of AlexNet: some 8 seconds and 1 GB."""
    return deep_compression(ALEXNET)


PQ_PCT = {
    "CONV1": 32.6,
    "CONV2": 14.5,
    "CONV3": 13.1,
    "CONV4": 14.1,
    "CONV5": 14.0,
    "FC6": 3.0,
    "FC7": 3.0,
    "FC8": 7.3,
}
PQH_PCT = {
    "CONV1": 20.53,
    "CONV2": 9.43,
    "CONV3": 8.44,
    "CONV4": 9.11,
    "CONV5": 9.43,
    "FC6": 2.39,
    "FC7": 2.46,
    "FC8": 5.85,
}
"""Sizes over those of 32-bit floats, Han, Mao, Dally, "Deep Compression", ICLR 2016, Table 4."""


def test_pruned_and_quantised_alexnet_is_as_small_as_published(
    coded: tuple[NetworkSize, NetworkSize],
) -> None:
    size, _ = coded
    assert {layer.name: layer.weights for layer in size.layers} == ALEXNET_WEIGHTS
    for layer in size.layers:
        assert 100 / layer.rate == pytest.approx(PQ_PCT[layer.name], rel=0.1)
    assert size.published is not None
    assert size.published.rate == 27  # Table 1 and Table 4
    print(f"P+Q: {size.total.rate:.1f} times (published: 27)")
    assert size.total.rate == pytest.approx(27, rel=0.1)


def test_huffman_codes_of_random_weights_save_less_than_those_of_trained_ones(
    coded: tuple[NetworkSize, NetworkSize],
) -> None:
    """Random places have the most entropy that a density allows, normal values more than trained ones."""
    fixed, size = coded
    for layer, before in zip(size.layers, fixed.layers, strict=True):
        ours = 100 / layer.rate
        print(f"{layer.name}: {ours:.2f} % (published: {PQH_PCT[layer.name]})")
        assert PQH_PCT[layer.name] < ours < 100 / before.rate
        assert ours == pytest.approx(PQH_PCT[layer.name], rel=0.25)
    assert size.published is not None
    assert fixed.total.rate < size.total.rate < size.published.rate == 35


def test_entries_are_what_is_left_and_the_fillers_of_long_runs(
    coded: tuple[NetworkSize, NetworkSize],
) -> None:
    layer = next(one for one in coded[0].layers if one.name == "FC7")
    entries = layer.bits - 32 * 32  # without the table: 32 floats
    assert entries % 9 == 0  # 5 bits of a code, 4 of an index
    kept = round(0.09 * ALEXNET_WEIGHTS["FC7"])
    # a run of more than 15 zeros takes a filler; at 9 % that is 0.91 ** 16 / (1 - 0.91 ** 16) an entry
    fillers = kept * 0.91**16 / (1 - 0.91**16)
    assert entries / 9 == pytest.approx(kept + fillers, rel=1e-3)


def test_a_network_without_a_published_coding_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"network must be one of alexnet \(got 'lenet5'\)"):
        deep_compression(LENET)


def test_the_frame_has_a_row_a_size_with_published_rates() -> None:
    frame = size_frame(scheme_sizes(LENET, [INT8, BINARY, INNER]))
    weights = sum(prod(layer.weight_shape) for layer in LENET.layers().values())
    assert list(frame.index) == ["int8", "binary", "inner"]
    assert frame.loc["binary", "MB"] == pytest.approx(weights / 8e6)
    assert frame.loc["binary", "published rate"] == 32
    assert np.isnan(frame.loc["int8", "published rate"])
    assert frame.loc["inner", "rate, its layers"] == 32 > frame.loc["inner", "rate"]


def test_a_codebook_of_a_small_layer_is_part_of_its_size() -> None:
    book = CodebookWeights("codebook", codebook_bits=4)
    # 16 codes of 4 bits, 16 values of 16 bits, a scale of 32
    assert stored_weight_bits(book, (4, 4, 1, 1)) == 16 * 4 + 16 * 16 + 32


@pytest.mark.parametrize("name", names("schemes"))
def test_every_packaged_scheme_has_a_size(name: str) -> None:
    scheme = packaged(name)
    assert scheme.name == name
    (size,) = scheme_sizes(ALEXNET, [scheme])
    assert 1 <= size.total.rate <= 32
    assert any(layer.by_exception for layer in size.layers) == (scheme.first_last is not None)


def test_signs_with_a_scale_a_filter_fall_short_of_the_published_rate_by_the_scales() -> None:
    (size,) = scheme_sizes(ALEXNET, [packaged("xnor")])
    inner = {name: n for name, n in ALEXNET_WEIGHTS.items() if name not in ("CONV1", "FC8")}
    filters = 256 + 384 + 384 + 256 + 4096 + 4096
    assert size.quantised.bits == sum(inner.values()) + 32 * filters
    assert size.published is not None
    assert 31.8 < size.quantised.rate < size.published.rate == 32


def test_a_scheme_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="no scheme is named 'ternery'; did you mean 'ternary'"):
        packaged("ternery")
