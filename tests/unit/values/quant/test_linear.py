"""Linear quantisation of weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from accelsim.machine.formats.bits import signed
from accelsim.values.quant import LinearWeights

quick = settings(max_examples=60, deadline=None)
weights = hnp.arrays(np.float64, (3, 2, 2, 2), elements=st.floats(-1000, 1000, allow_subnormal=False))


@quick
@given(tensor=weights, bits=st.integers(2, 16), per=st.sampled_from(["tensor", "filter"]))
def test_the_error_is_at_most_half_a_step(tensor, bits, per):
    q = LinearWeights("linear", bits=bits, per=per)(tensor)
    slack = 1e-9 * np.abs(tensor).max()
    assert (np.abs(q.reals - tensor) <= q.scale / 2 + slack).all()


@quick
@given(tensor=weights, bits=st.integers(2, 16))
def test_values_are_symmetric_and_codes_are_their_twos_complement(tensor, bits):
    q = LinearWeights("linear", bits=bits)(tensor)
    assert np.abs(q.values).max() == (2 ** (bits - 1) - 1 if tensor.any() else 0)
    np.testing.assert_array_equal(signed(q.codes, bits), q.values)
    np.testing.assert_array_equal(q.codes == 0, q.values == 0)


@quick
@given(tensor=weights, bits=st.integers(2, 16))
def test_no_filter_has_a_wider_step_of_its_own_than_of_all(tensor, bits):
    one, each = (LinearWeights("linear", bits=bits, per=per)(tensor) for per in ("tensor", "filter"))
    used = np.abs(tensor).max(axis=(1, 2, 3)) > 0
    assert (each.scale.ravel()[used] <= one.scale).all()


def test_a_scale_for_each_filter_is_closer_where_filters_differ():
    tensor = np.random.default_rng(0).normal(size=(8, 4, 3, 3)) * np.geomspace(1, 100, 8).reshape(8, 1, 1, 1)
    one, each = (LinearWeights("linear", bits=6, per=per)(tensor) for per in ("tensor", "filter"))
    errors = [((q.reals - tensor) ** 2).mean(axis=(1, 2, 3)) for q in (one, each)]
    assert (errors[1] <= errors[0]).all()
    assert errors[1][0] < errors[0][0] / 100


def test_integers_within_range_come_back():
    tensor = np.arange(-127.0, 128).reshape(1, 255, 1, 1)
    q = LinearWeights("linear", bits=8)(tensor)
    assert q.scale == 1
    np.testing.assert_array_equal(q.values, tensor)


@pytest.mark.parametrize("weight, value", [(0.5, 0), (1.5, 2), (2.5, 2), (-0.5, 0), (-2.5, -2)])
def test_halves_go_to_even(weight, value):
    q = LinearWeights("linear", bits=3)(np.array([weight, 3]).reshape(1, 1, 1, 2))
    assert q.values[0, 0, 0].tolist() == [value, 3]


def test_a_filter_of_zeros_has_the_scale_1():
    tensor = np.zeros((2, 1, 1, 2))
    tensor[1] = 14
    q = LinearWeights("linear", bits=4, per="filter")(tensor)
    assert q.scale.ravel().tolist() == [1, 2]
    assert q.values[:, 0, 0].tolist() == [[0, 0], [7, 7]]


def test_the_least_of_floats_does_not_divide_by_zero():
    q = LinearWeights("linear", bits=16)(np.full((1, 1, 1, 2), 5e-324))
    assert q.values.tolist() == [[[[0, 0]]]]
