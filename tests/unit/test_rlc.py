"""Run-length coding: exact bits, exact round trip."""

import numpy as np
import pytest

from accelsim.rlc import PAIRS, RUN_MAX, WORD_BITS, coded_bits, decode, encode


def test_the_published_example():
    """JSSC 2017, Fig. 8: 0, 0, 12, 0, 0, 0, 0, 53, 0, 0, 22."""
    values = np.array([0, 0, 12, 0, 0, 0, 0, 53, 0, 0, 22])
    assert encode(values) == [(2, 12), (4, 53), (2, 22)]
    assert coded_bits(values) == 64


def random_values(seed):
    rng = np.random.default_rng(seed)
    size, density = int(rng.integers(1, 300)), rng.choice([0, 0.01, 0.05, 0.3, 1])
    return rng.integers(-9, 9, size) * (rng.random(size) < density)


@pytest.mark.parametrize("seed", range(60))
def test_round_trip(seed):
    values = random_values(seed)
    assert decode(encode(values)).tolist() == values.tolist()


@pytest.mark.parametrize("seed", range(60))
def test_bits_are_three_pairs_a_word(seed):
    values = random_values(seed)
    assert coded_bits(values) == -(-len(encode(values)) // PAIRS) * WORD_BITS


@pytest.mark.parametrize(
    "zeros, pairs", [(0, 1), (RUN_MAX, 1), (RUN_MAX + 1, 2), (2 * RUN_MAX + 1, 2), (2 * RUN_MAX + 2, 3)]
)
def test_a_run_longer_than_31_takes_another_pair(zeros, pairs):
    assert len(encode(np.array([0] * zeros + [5]))) == pairs


@pytest.mark.parametrize("zeros, pairs", [(1, 1), (32, 1), (33, 2)])
def test_zeros_at_the_end_are_kept(zeros, pairs):
    assert len(encode(np.array([0] * zeros))) == pairs
    assert decode(encode(np.array([0] * zeros))).tolist() == [0] * zeros
