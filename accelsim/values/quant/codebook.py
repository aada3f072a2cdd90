"""Weight sharing of Deep Compression: pruned weights as codes into a table of a few centroids."""

from math import log2
from typing import Literal

import numpy as np

from accelsim.checks import at_least, check_within, description
from accelsim.network.layer import BoolArray, FloatArray, IntArray, Tensor
from accelsim.values.quant.protocol import SCALE_BITS, WIDEST_CODE, Quantised, check_finite
from accelsim.values.quant.scales import fixed_point, symmetric
from accelsim.values.quant.streams import CodeStreams, measure


@description
class CodebookWeights:
    """Magnitude pruning to *density*, then k-means that starts from centroids in equal steps.

    With a density, code 0 is zero and the codes 1 to ``2**codebook_bits - 1`` are centroids; without one,
    nothing is pruned and every code is a centroid. Codes ascend with their centroids. A centroid is signed
    fixed point of *value_bits*; all of a table share one scale. A weight that pruning keeps never has
    code 0, even where its centroid rounds to the value zero.

    Source: Han, Mao, Dally, "Deep Compression", ICLR 2016, sections 2 and 3.
    """

    kind: Literal["codebook"]
    codebook_bits: int
    value_bits: int = 16
    density: float | None = None

    def __post_init__(self) -> None:
        check_within(1, 8, codebook_bits=self.codebook_bits)
        check_within(2, WIDEST_CODE, value_bits=self.value_bits)
        check_within(0, 1, density=self.density)

    @property
    def word_bits(self) -> int:
        """Bits of a code."""
        return self.codebook_bits

    @property
    def extremes(self) -> IntArray:
        """The least and the largest value, with others up to as many as there are codes."""
        low, _, high = symmetric(self.value_bits)
        others = np.arange(high + 2 - (1 << self.codebook_bits), high + 1)
        return np.unique(np.append(others.clip(min=low), low))

    def __call__(self, tensor: FloatArray) -> Quantised:
        """The weights *tensor*; extra bits are the whole table and its scale.

        Raises ConfigError as ``Quantiser``.
        """
        check_finite(tensor)
        first = 0 if self.density is None else 1  # code of a centroid
        places = np.ones(tensor.shape, np.bool_) if self.density is None else largest(tensor, self.density)
        kept = tensor[places]
        centroids = value_centroids(kept, (1 << self.codebook_bits) - first)
        codes = np.zeros(tensor.shape, np.int64)
        codes[places] = np.searchsorted(borders(centroids), kept) + first
        levels, scale = fixed_point(centroids, self.value_bits)
        table = np.concatenate([np.zeros(first, np.int64), levels])
        extra = table.size * self.value_bits + SCALE_BITS
        return Quantised(codes, table[codes], scale, self.codebook_bits, extra)

    def streams(self, quantised: Quantised, index_bits: int = 4) -> CodeStreams:
        """Sizes of the streams that store *quantised*, without zeros, whose runs are counted in *index_bits*.

        Args:
            quantised: what this quantiser made of a layer's weights.
            index_bits: width of the field that counts zeros before a weight; not used without a density.

        Raises:
            ConfigError: if *index_bits* is not in 1..16.
        """
        check_within(1, WIDEST_CODE, index_bits=index_bits)
        index = None if self.density is None else index_bits
        return measure(quantised.codes, self.codebook_bits, index, self.value_bits)


def largest(tensor: Tensor, density: float) -> BoolArray:
    """Places of the ``round(density * size)`` largest magnitudes, in the shape of *tensor*.

    Zeros have none; of equal magnitudes those of lower flat index come first.
    """
    sizes = np.abs(tensor).ravel()
    count = min(round(density * sizes.size), int(np.count_nonzero(sizes)))
    if not count:
        return np.zeros(tensor.shape, np.bool_)
    least = np.partition(sizes, sizes.size - count)[sizes.size - count]
    places: BoolArray = sizes > least
    places[np.flatnonzero(sizes == least)[: count - np.count_nonzero(places)]] = True
    return places.reshape(tensor.shape)


def value_centroids(values: FloatArray, count: int) -> FloatArray:
    """*count* centroids of *values* ``(n,)``, ascending, by Lloyd's rounds until no value changes its own.

    They start in equal steps from the least value to the largest. A centroid without values stays where it
    is, and a value half way between two belongs to the lower. Without any values, all centroids are zero.
    """
    if not values.size:
        return np.zeros(count)
    # Sorted, clusters are intervals: a round costs their ends and a sum of each, not a distance per value.
    ordered = np.sort(values)
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    centroids = np.linspace(ordered[0], ordered[-1], count)
    seen: set[bytes] = set()  # rounding could make two partitions alternate for ever
    while (cuts := np.searchsorted(ordered, borders(centroids), side="right")).tobytes() not in seen:
        seen.add(cuts.tobytes())
        ends = np.concatenate([[0], cuts, [ordered.size]])
        sizes = np.diff(ends)
        least, most = ordered[ends[:-1].clip(max=ordered.size - 1)], ordered[ends[1:] - 1]
        mean = np.clip(np.diff(sums[ends]) / np.maximum(sizes, 1), least, most)  # rounded sums may leave it
        centroids = np.where(sizes > 0, mean, centroids)
    return centroids


def borders(centroids: FloatArray) -> FloatArray:
    """Midpoints between each of *centroids* ``(n,)`` and the next, ``(n - 1,)``."""
    return (centroids[:-1] + centroids[1:]) / 2


def codebook_rate(weights: int, clusters: int, bits: int) -> float:
    """How many times smaller weights of *bits* become as codes and a table: ``n b / (n log2 k + k b)``.

    Source: Han, Mao, Dally, "Deep Compression", ICLR 2016, section 3, equation 1.

    >>> codebook_rate(16, 4, 32)
    3.2
    """
    at_least(1, weights=weights, clusters=clusters, bits=bits)
    return weights * bits / (weights * log2(clusters) + clusters * bits)
