"""Three and five levels times a scale."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from accelsim.machine.formats.bits import signed
from accelsim.values.quant import FiveLevelWeights, TwnWeights

quick = settings(max_examples=40, deadline=None)
LEVELS = np.array(list(product([0, 1, 2], repeat=5))[1:])  # of magnitudes; not all zero


def test_ternary_by_hand():
    """Mean magnitude 1, threshold 0.7: 0.7 itself is zero; the scale is the mean of 0.9, 1.4 and 1."""
    q = TwnWeights("twn")(np.array([0.9, -1.4, 0.7, 1.0]).reshape(4, 1, 1, 1))
    assert q.values.ravel().tolist() == [1, -1, 0, 1]
    assert q.codes.ravel().tolist() == [1, 3, 0, 1]
    assert q.scale == pytest.approx(1.1)


def test_a_threshold_of_its_own_for_each_filter():
    tensor = np.array([[1.0, 0.1], [0.01, 0.001]]).reshape(2, 2, 1, 1)
    assert TwnWeights("twn")(tensor).values.ravel().tolist() == [1, 0, 0, 0]
    each = TwnWeights("twn", per="filter")(tensor)
    assert each.values.ravel().tolist() == [1, 0, 1, 0]
    assert each.scale.ravel().tolist() == [1, 0.01]


def check_least_error(tensor):
    """The best scale of levels q is w . q / q . q; signs of levels are those of the weights."""
    q = FiveLevelWeights("five_level", per="filter")(tensor)
    for weights, mine in zip(np.abs(tensor[..., 0, 0]), np.abs(q.reals[..., 0, 0]), strict=True):
        gains = (LEVELS @ weights) ** 2 / (LEVELS**2).sum(axis=1)
        least = (weights**2).sum() - gains.max()
        assert ((weights - mine) ** 2).sum() == pytest.approx(least, abs=1e-9)
    assert (np.sign(q.reals) * np.sign(tensor) >= 0).all()


@quick
@given(tensor=hnp.arrays(np.float64, (3, 5, 1, 1), elements=st.floats(-9, 9)))
def test_five_levels_are_the_nearest_of_all(tensor):
    check_least_error(tensor)


def test_five_levels_are_the_nearest_of_all_to_normal_weights():
    check_least_error(np.random.default_rng(0).normal(size=(500, 5, 1, 1)))


def test_five_levels_by_hand():
    """Whole levels cost nothing; the thresholds are 1/2 and 3/2 of the scale."""
    q = FiveLevelWeights("five_level")(np.array([2.0, -1.0, 0.0, 1.0, -2.0]).reshape(5, 1, 1, 1))
    assert q.scale == 1
    assert q.values.ravel().tolist() == [2, -1, 0, 1, -2]
    assert q.codes.ravel().tolist() == [2, 7, 0, 1, 6]


def test_thresholds_are_half_and_three_halves_of_the_scale():
    tensor = np.random.default_rng(0).normal(size=(4, 5, 3, 3))
    q = FiveLevelWeights("five_level")(tensor)
    sizes = np.abs(tensor) / q.scale
    np.testing.assert_array_equal(np.abs(q.values), (sizes > 1 / 2).astype(int) + (sizes > 3 / 2))
    np.testing.assert_array_equal(signed(q.codes, 3), q.values)


def test_one_scale_for_all_is_the_best_of_all_weights_together():
    tensor = np.random.default_rng(1).normal(size=(6, 2, 3, 3))
    flat = FiveLevelWeights("five_level", per="filter")(tensor.reshape(1, -1, 1, 1))
    assert FiveLevelWeights("five_level")(tensor).scale == pytest.approx(flat.scale.item())


@pytest.mark.parametrize("unit", [1e-200, 1e200])
def test_the_scale_follows_the_weights_however_small_or_large(unit):
    q = FiveLevelWeights("five_level")(unit * np.array([2.0, -1.0, 1.0]).reshape(3, 1, 1, 1))
    assert q.scale == pytest.approx(unit, rel=1e-9, abs=0)
    assert q.values.ravel().tolist() == [2, -1, 1]
