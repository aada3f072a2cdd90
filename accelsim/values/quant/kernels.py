"""Vector quantisation of kernels: a code for each R x S slice of a filter, into a table of whole slices."""

from typing import Literal

import numpy as np

from accelsim.checks import check_within, description
from accelsim.network.layer import FloatArray, IntArray
from accelsim.values.quant.protocol import SCALE_BITS, WIDEST_CODE, Quantised, check_finite
from accelsim.values.quant.scales import fixed_point, symmetric

_SEED = 0
_ROUNDS = 100
AT_ONCE = 1 << 13  # distances held at a time: in a cache, and too few to be worth a second thread


@description
class KernelWeights:
    """Each kernel becomes the nearest of *clusters* centroids, signed fixed point of *value_bits*, one scale.

    Centroids start by k-means++ with a fixed seed and move by Lloyd's rounds until no kernel changes its
    centroid, at most 100 times. Where there are fewer distinct kernels than clusters, each is a centroid.
    Codes are ``(M, C/G)``, as wide as the number of clusters takes; the table counts as extra bits in full.

    Sources:
        Gong et al., "Compressing deep convolutional networks using vector quantization", 2014, and Wu et
        al., "Quantized convolutional neural networks for mobile devices", CVPR 2016: tables of sub-vectors.
        Arthur, Vassilvitskii, "k-means++", SODA 2007: the start.
    """

    kind: Literal["kernels"]
    clusters: int
    value_bits: int = 16

    def __post_init__(self) -> None:
        check_within(2, 1 << 16, clusters=self.clusters)
        check_within(2, WIDEST_CODE, value_bits=self.value_bits)

    @property
    def word_bits(self) -> int:
        """Bits of one value of a kernel."""
        return self.value_bits

    @property
    def extremes(self) -> IntArray:
        """The least value, zero, and the largest."""
        return symmetric(self.value_bits)

    def __call__(self, tensor: FloatArray) -> Quantised:
        """The weights *tensor*, ``(M, C/G, R, S)``. Raises ConfigError as ``Quantiser``."""
        check_finite(tensor)
        kernels = tensor.reshape(-1, tensor.shape[2] * tensor.shape[3])
        centroids, nearest = kernel_centroids(kernels, self.clusters)
        table, scale = fixed_point(centroids, self.value_bits)
        extra = self.clusters * kernels.shape[1] * self.value_bits + SCALE_BITS
        codes, values = nearest.reshape(tensor.shape[:2]), table[nearest].reshape(tensor.shape)
        return Quantised(codes, values, scale, (self.clusters - 1).bit_length(), extra)


def kernel_centroids(vectors: FloatArray, count: int) -> tuple[FloatArray, IntArray]:
    """At most *count* centroids of *vectors* ``(n, d)``, and which is the nearest to each, ``(n,)``.

    A centroid that has no vector stays where it is.
    """
    centroids = _start(vectors, count)
    nearest = _nearest(vectors, centroids)
    for _ in range(_ROUNDS):
        sizes = np.bincount(nearest, minlength=len(centroids))[:, None]
        sums = np.stack([np.bincount(nearest, axis, len(centroids)) for axis in vectors.T], axis=1)
        centroids = np.where(sizes > 0, sums / np.maximum(sizes, 1), centroids)
        before, nearest = nearest, _nearest(vectors, centroids)
        if np.array_equal(nearest, before):
            break
    return centroids, nearest


def _start(vectors: FloatArray, count: int) -> FloatArray:
    """k-means++: a vector at random, then others with the chance of their squared distance to those taken."""
    rng = np.random.default_rng(_SEED)
    taken = [int(rng.integers(len(vectors)))]
    distances = np.full(len(vectors), np.inf)
    while len(taken) < count:
        distances = np.minimum(distances, ((vectors - vectors[taken[-1]]) ** 2).sum(axis=1))
        reached = np.cumsum(distances)
        if not reached[-1] > 0:  # every distinct kernel is taken
            break
        taken.append(int(np.searchsorted(reached, rng.random() * reached[-1], side="right")))
    return vectors[taken]


def _nearest(vectors: FloatArray, centroids: FloatArray) -> IntArray:
    """The centroid of the least distance to each of *vectors*, ``(n,)``; of equals the first."""
    # |v - c|^2 less |v|^2, which does not change which centroid is nearest.
    norms, twice = (centroids**2).sum(axis=1), 2 * centroids.T
    found = np.empty(len(vectors), np.int64)
    length = max(1, AT_ONCE // len(centroids))
    for start in range(0, len(vectors), length):
        some = slice(start, start + length)
        found[some] = np.argmin(norms - vectors[some] @ twice, axis=1)
    return found
