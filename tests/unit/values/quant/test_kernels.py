"""Whole kernels as codes."""

import numpy as np
import pytest

from accelsim.values.quant import KernelWeights
from accelsim.values.quant.kernels import kernel_centroids


def distinct(kernels):
    return len(np.unique(kernels.reshape(-1, kernels.shape[2] * kernels.shape[3]), axis=0))


@pytest.mark.parametrize("clusters", [2, 3, 16, 17])
def test_no_more_distinct_kernels_than_clusters(clusters):
    tensor = np.random.default_rng(0).normal(size=(16, 8, 3, 3))
    q = KernelWeights("kernels", clusters=clusters)(tensor)
    assert q.codes.shape == (16, 8)
    assert np.unique(q.codes).size == distinct(q.values) <= clusters
    assert q.codes.max() < clusters
    assert q.bits == int(np.ceil(np.log2(clusters)))


def test_few_distinct_kernels_come_back_within_half_a_step():
    rng = np.random.default_rng(1)
    tensor = rng.normal(size=(5, 1, 3, 2))[rng.integers(5, size=(6, 4)), 0]
    q = KernelWeights("kernels", clusters=64, value_bits=10)(tensor)
    assert (np.abs(q.reals - tensor) <= q.scale * (0.5 + 1e-9)).all()
    assert np.abs(q.values).max() == 2**9 - 1


def test_far_groups_become_their_means():
    """Around (0, 0), (10, 0) and (0, 10): the means of two kernels each."""
    tensor = np.array([[0, 1], [10, 0], [0, 11], [0, -1], [12, 0], [0, 9]], float).reshape(3, 2, 1, 2)
    q = KernelWeights("kernels", clusters=3)(tensor)
    expected = np.array([[0, 0], [11, 0], [0, 10], [0, 0], [11, 0], [0, 10]]).reshape(3, 2, 1, 2)
    np.testing.assert_allclose(q.reals, expected, atol=float(q.scale))


@pytest.mark.parametrize("count", [7, 80])
@pytest.mark.parametrize("seed", range(4))
def test_each_vector_has_the_nearest_centroid_and_each_centroid_is_the_mean_of_its_own(seed, count):
    vectors = np.random.default_rng(seed).normal(size=(200, 4))
    centroids, nearest = kernel_centroids(vectors, count)
    distances = ((vectors[:, None] - centroids) ** 2).sum(axis=2)
    np.testing.assert_array_equal(nearest, distances.argmin(axis=1))
    for i, centroid in enumerate(centroids):
        np.testing.assert_allclose(centroid, vectors[nearest == i].mean(axis=0), atol=1e-12)


def test_the_start_is_a_spread_one():
    """Far outliers are found, which equal steps or the first vectors would miss."""
    vectors = np.zeros((1000, 2))
    vectors[[400, 900]] = [[0, 50], [70, 0]]
    centroids, nearest = kernel_centroids(vectors, 3)
    assert sorted(centroids.tolist()) == [[0, 0], [0, 50], [70, 0]]
    assert np.sort(np.bincount(nearest)).tolist() == [1, 1, 998]


def test_parts_of_the_distances_make_the_whole(monkeypatch):
    tensor = np.random.default_rng(2).normal(size=(10, 10, 2, 2))
    whole = KernelWeights("kernels", clusters=6)(tensor)
    monkeypatch.setattr("accelsim.values.quant.kernels.AT_ONCE", 50)
    np.testing.assert_array_equal(KernelWeights("kernels", clusters=6)(tensor).codes, whole.codes)
