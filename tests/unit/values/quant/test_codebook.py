"""Deep Compression: what is kept, its centroids, and the exact streams."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from accelsim.machine.formats import Csc
from accelsim.values.quant import CodebookWeights
from accelsim.values.quant.codebook import codebook_rate, value_centroids
from accelsim.values.quant.huffman import Huffman
from accelsim.values.quant.streams import measure

quick = settings(max_examples=40, deadline=None)
EIE = np.array([0.0, 0, 1, 2] + 18 * [0] + [3])


def by_rounds(values, count):
    """Lloyd's rounds, value by value."""
    centroids = [values.min() + (values.max() - values.min()) * i / max(count - 1, 1) for i in range(count)]
    nearest = None
    while True:
        before, nearest = nearest, [int(np.argmin([abs(v - c) for c in centroids])) for v in values]
        if nearest == before:
            return np.array(centroids)
        for i in range(count):
            mine = [v for v, j in zip(values, nearest, strict=True) if j == i]
            centroids[i] = sum(mine) / len(mine) if mine else centroids[i]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("count", [1, 2, 5, 16])
def test_centroids_are_those_of_plain_rounds(seed, count):
    values = np.random.default_rng(seed).normal(size=60)
    np.testing.assert_allclose(value_centroids(values, count), by_rounds(values, count), rtol=1e-9)


@quick
@given(hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e6, 1e6)), st.integers(1, 9))
def test_centroids_ascend_within_the_range(values, count):
    centroids = value_centroids(values, count)
    assert centroids.size == count
    assert (np.diff(centroids) >= 0).all()
    assert values.min() <= centroids[0]
    assert centroids[-1] <= values.max()


def test_centroids_by_hand():
    """From 0, 5 and 10: {0, 1}, {4, 6}, {10}; one that has no value stays where it began."""
    np.testing.assert_allclose(value_centroids(np.array([6.0, 0, 10, 1, 4]), 3), [0.5, 5, 10])
    np.testing.assert_allclose(value_centroids(np.array([0.0, 1, 11, 12]), 3), [0.5, 6, 11.5])


def test_a_value_half_way_belongs_to_the_lower_centroid():
    """2.5 lies between 0 and 5; with the upper one the centroids would be 0, 3.75 and 10."""
    np.testing.assert_allclose(value_centroids(np.array([0, 2.5, 5, 10]), 3), [1.25, 5, 10])


@quick
@given(
    tensor=hnp.arrays(np.float64, (2, 3, 2, 2), elements=st.sampled_from([0.0, 0.5, -0.5, 1, 2, -3])),
    density=st.floats(0, 1),
)
def test_the_largest_are_kept_and_no_zero_is(tensor, density):
    q = CodebookWeights("codebook", codebook_bits=3, density=density)(tensor)
    kept = q.codes > 0
    assert kept.sum() == min(round(density * tensor.size), np.count_nonzero(tensor))
    assert np.abs(tensor[kept]).min(initial=np.inf) >= np.abs(tensor[~kept]).max(initial=0)
    assert tensor[kept].all()
    assert not q.values[~kept].any()


def test_of_equal_magnitudes_the_first_are_kept():
    tensor = np.array([1.0, -1, 1, 2]).reshape(1, 4, 1, 1)
    q = CodebookWeights("codebook", codebook_bits=2, density=0.5)(tensor)
    assert (q.codes.ravel() > 0).tolist() == [True, False, False, True]


def test_as_many_values_as_centroids_are_their_own_centroids():
    tensor = np.array([-3.0, -1, 0, 1, 3, 0, 2, -2]).reshape(2, 4, 1, 1)
    q = CodebookWeights("codebook", codebook_bits=3, density=1.0)(tensor)
    assert q.codes.ravel().tolist() == [1, 3, 0, 5, 7, 0, 6, 2]
    assert (np.abs(q.reals - tensor) <= q.scale / 2).all()
    assert q.values.max() == 2**15 - 1


def test_without_a_density_every_code_is_a_centroid():
    tensor = np.linspace(-1, 1, 64).reshape(4, 4, 2, 2)
    q = CodebookWeights("codebook", codebook_bits=2)(tensor)
    assert np.bincount(q.codes.ravel()).tolist() == [16, 16, 16, 16]
    np.testing.assert_allclose(np.unique(q.reals), np.array([-48, -16, 16, 48]) / 63, atol=float(q.scale))


def test_more_codes_are_closer():
    tensor = np.random.default_rng(0).normal(size=(16, 8, 3, 3))
    books = [CodebookWeights("codebook", codebook_bits=bits) for bits in (1, 2, 4, 8)]
    errors = [((book(tensor).reals - tensor) ** 2).mean() for book in books]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-3


def test_the_example_of_eie_through_the_codebook():
    """EIE, ISCA 2016, section III-B: v = 1, 2, 0, 3 and z = 2, 0, 15, 2; one entry is a filler."""
    book = CodebookWeights("codebook", codebook_bits=2, density=3 / 23)
    q = book(EIE.reshape(1, 23, 1, 1))
    assert q.codes.ravel().tolist() == EIE.tolist()
    streams = book.streams(q, index_bits=4)
    assert (streams.weights, streams.entries, streams.fillers) == (23, 4, 1)
    assert (streams.codes, streams.index, streams.codebook) == (4 * 2, 4 * 4, 4 * 16)
    assert streams.codes_huffman == 4 * 2  # four symbols, once each
    assert streams.index_huffman == 2 * 1 + 2 + 2  # 2 twice, 0 and 15 once
    assert streams.lengths == (4 + 16) * 8
    assert streams.bits == 8 + 16 + 64
    assert streams.huffman_bits == 8 + 6 + 160 + 64
    assert streams.share == 88 / (23 * 32)
    assert streams.huffman_share == 238 / (23 * 32)


@quick
@given(
    codes=hnp.arrays(np.int64, st.integers(1, 300), elements=st.integers(1, 7), fill=st.just(0)),
    index_bits=st.integers(1, 5),
)
def test_streams_are_those_that_compressed_columns_store(codes, index_bits):
    """The tensor is one column; symbols are counted from the entries themselves."""
    runs = Csc("csc", index_bits=index_bits).runs(codes)
    streams = measure(codes, 3, index_bits, 16)
    assert streams.entries == runs.levels.size
    assert streams.fillers == np.count_nonzero(runs.levels == 0)
    assert (streams.codes, streams.index) == (3 * runs.levels.size, index_bits * runs.levels.size)
    for stream, bits in ((runs.levels, streams.codes_huffman), (runs.zeros, streams.index_huffman)):
        assert Huffman.of(np.bincount(stream)).encode(stream).size == bits


def test_without_a_density_every_weight_is_an_entry_and_none_has_an_index():
    book = CodebookWeights("codebook", codebook_bits=2, value_bits=8)
    streams = book.streams(book(np.array([-1.0, 0, 0, 0, 5, 9]).reshape(1, 6, 1, 1)))
    assert (streams.entries, streams.fillers, streams.index, streams.index_huffman) == (6, 0, 0, 0)
    assert (streams.codes, streams.codebook, streams.lengths) == (12, 32, 32)
    assert streams.bits == 44


def test_a_layer_pruned_to_nothing_is_only_a_table():
    book = CodebookWeights("codebook", codebook_bits=2, density=0.0)
    streams = book.streams(book(np.ones((2, 2, 1, 1))))
    assert (streams.entries, streams.bits) == (0, 4 * 16)
    assert streams.huffman_bits == 4 * 16 + 20 * 8


@pytest.mark.parametrize(
    "weights, clusters, bits, rate", [(16, 4, 32, 3.2), (1 << 20, 2, 32, 31.998), (4, 4, 8, 0.8)]
)
def test_the_rate_of_a_table_without_zeros(weights, clusters, bits, rate):
    """The first is worked in the paper, section 3: 4 x 4 weights in 4 clusters."""
    assert codebook_rate(weights, clusters, bits) == pytest.approx(rate, abs=1e-3)
