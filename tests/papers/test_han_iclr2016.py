"""Sizes against Han, Mao, Dally, "Deep Compression", ICLR 2016, Tables 2 to 4.

Layers have normal weights in the published shapes, pruned to the published densities. In the paper the table
counts in 32-bit floats; conv1 of LeNet-5, 500 weights and 256 centroids, shows it.
"""

from math import prod
from typing import NamedTuple

import numpy as np
import pytest

from accelsim.values.quant import CodebookWeights
from accelsim.values.quant.codebook import codebook_rate
from accelsim.values.quant.streams import CodeStreams, measure


class Row(NamedTuple):
    """A layer as published: weights left (P), bits of a code (P+Q) and of an index (P+Q), size (P+Q)."""

    shape: tuple[int, ...]
    left_pct: float
    code_bits: int
    index_bits: int
    size_pct: float
    index_huffman: float  # bits of an index, Huffman coded


LENETS = {
    "LeNet-300 ip1": Row((300, 784, 1, 1), 8, 6, 5, 3.1, 3.7),
    "LeNet-300 ip2": Row((100, 300, 1, 1), 9, 6, 5, 3.8, 4.3),
    "LeNet-300 ip3": Row((10, 100, 1, 1), 26, 6, 5, 15.7, 3.2),
    "LeNet-5 conv1": Row((20, 1, 5, 5), 66, 8, 5, 78.5, 1.5),
    "LeNet-5 conv2": Row((50, 20, 5, 5), 12, 8, 5, 6.0, 3.9),
    "LeNet-5 ip1": Row((500, 50, 4, 4), 8, 5, 5, 2.7, 4.5),
    "LeNet-5 ip2": Row((10, 500, 1, 1), 19, 5, 5, 6.9, 3.7),
}
ALEXNET = {
    "conv1": Row((96, 3, 11, 11), 84, 8, 4, 32.6, 1.2),
    "conv2": Row((256, 48, 5, 5), 38, 8, 4, 14.5, 2.3),
    "conv3": Row((384, 256, 3, 3), 35, 8, 4, 13.1, 2.6),
    "conv4": Row((384, 192, 3, 3), 37, 8, 4, 14.1, 2.5),
    "conv5": Row((256, 192, 3, 3), 37, 8, 4, 14.0, 2.5),
    "fc6": Row((4096, 256, 6, 6), 9, 5, 4, 3.0, 3.2),
    "fc7": Row((4096, 4096, 1, 1), 9, 5, 4, 3.0, 3.7),
    "fc8": Row((1000, 4096, 1, 1), 25, 5, 4, 7.3, 3.2),
}
ROWS = LENETS | ALEXNET
ALEXNET_PCT = 3.7
"""Size of all AlexNet layers together, P+Q, Table 4."""


def stored(row: Row) -> CodeStreams:
    """The streams of *row* with a table of floats."""
    book = CodebookWeights("codebook", codebook_bits=row.code_bits, density=row.left_pct / 100)
    codes = book(np.random.default_rng(0).standard_normal(row.shape)).codes
    return measure(codes, row.code_bits, row.index_bits, 32)


@pytest.fixture(scope="module")
def streams():
    """Of every layer."""
    return {name: stored(row) for name, row in ROWS.items()}


@pytest.mark.parametrize("name", ROWS)
def test_the_size_is_within_9_percent_of_the_published(streams, name):
    ours, row = streams[name], ROWS[name]
    print(f"{name}: {100 * ours.share:.2f} % (published: {row.size_pct}), {ours.fillers} fillers")
    assert ours.weights == prod(row.shape)
    assert ours.entries - ours.fillers == round(row.left_pct / 100 * ours.weights)
    assert 100 * ours.share == pytest.approx(row.size_pct, rel=0.09)


def test_the_size_of_alexnet_is_within_6_percent_of_the_published(streams):
    layers = [streams[name] for name in ALEXNET]
    ours = 100 * sum(layer.bits for layer in layers) / sum(32 * layer.weights for layer in layers)
    print(f"AlexNet: {ours:.2f} % (published: {ALEXNET_PCT})")
    assert ours == pytest.approx(ALEXNET_PCT, rel=0.06)


@pytest.mark.parametrize("name", ["fc6", "fc7"])
def test_without_fillers_large_layers_would_be_a_sixth_too_small(streams, name):
    ours, row = streams[name], ROWS[name]
    bare = ours.bits - ours.fillers * (row.code_bits + row.index_bits)
    assert 100 * bare / (32 * ours.weights) == pytest.approx(0.844 * row.size_pct, rel=0.005)


def test_the_table_counts_in_floats(streams):
    """conv1 of LeNet-5: 256 centroids of 32 bits are half the size of its 500 weights."""
    ours, row = streams["LeNet-5 conv1"], ROWS["LeNet-5 conv1"]
    assert ours.codebook / (32 * ours.weights) == 256 / 500
    halves = ours.bits - ours.codebook // 2
    assert 100 * halves / (32 * ours.weights) < 0.7 * row.size_pct


@pytest.mark.parametrize("name", ROWS)
def test_indices_of_random_places_take_no_fewer_bits_than_published(streams, name):
    """Huffman coded; the places of trained weights are at most as random. Published to a tenth of a bit."""
    ours, row = streams[name], ROWS[name]
    bits = ours.index_huffman / ours.entries
    print(f"{name}: index {bits:.2f} bits (published: {row.index_huffman})")
    assert row.index_huffman - 0.1 <= bits <= row.index_bits
    assert ours.codes_huffman <= ours.codes


def test_the_worked_rate():
    """Figure 3 and equation 1: 16 weights of 32 bits in 4 clusters are 3.2 times smaller."""
    assert codebook_rate(16, 4, 32) == pytest.approx(3.2)
