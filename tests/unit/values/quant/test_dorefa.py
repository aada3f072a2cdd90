"""DoReFa's weights."""

import numpy as np
import pytest

from accelsim.values.quant import DorefaWeights


def test_the_code_points_of_two_bits():
    """tanh over its maximum is 1, 0, -1, +-1/2: shares 1, 1/2, 0, 3/4, 1/4 of three steps, halves to even."""
    half = np.arctanh(np.tanh(1) / 2)
    q = DorefaWeights("dorefa", bits=2)(np.array([1, 0, -1, half, -half]).reshape(5, 1, 1, 1))
    assert q.codes.ravel().tolist() == [3, 2, 0, 2, 1]
    assert q.values.ravel().tolist() == [3, 1, -3, 1, -1]
    np.testing.assert_allclose(q.reals.ravel(), [1, 1 / 3, -1, 1 / 3, -1 / 3])


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_reals_are_those_of_the_formula(bits):
    tensor = np.random.default_rng(bits).normal(size=(4, 3, 3, 3))
    bent, last = np.tanh(tensor), 2**bits - 1
    share = bent / (2 * np.abs(bent).max()) + 1 / 2
    q = DorefaWeights("dorefa", bits=bits)(tensor)
    np.testing.assert_allclose(q.reals, 2 * np.round(last * share) / last - 1, atol=1e-12)
    assert q.scale == 1 / last


@pytest.mark.parametrize("bits", [2, 3, 5])
def test_every_code_is_used_and_values_are_odd(bits):
    tensor = np.linspace(-1, 1, 1001).reshape(1, -1, 1, 1)
    q = DorefaWeights("dorefa", bits=bits)(tensor)
    assert np.unique(q.codes).tolist() == list(range(2**bits))
    assert (q.values % 2 == 1).all()
    assert np.abs(q.values).max() == 2**bits - 1


def test_one_bit_is_the_sign_times_the_mean_of_all():
    q = DorefaWeights("dorefa", bits=1)(np.array([[1.0, -3.0], [0.0, 4.0]]).reshape(2, 2, 1, 1))
    assert q.values.ravel().tolist() == [1, -1, 1, 1]
    assert q.scale == 2


def test_largest_weights_saturate_the_tanh_without_harm():
    q = DorefaWeights("dorefa", bits=4)(np.array([1e300, -1e300]).reshape(2, 1, 1, 1))
    assert q.reals.ravel().tolist() == [1, -1]
