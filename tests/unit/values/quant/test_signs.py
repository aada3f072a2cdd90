"""Binary weights, with and without scales, and the scales of binary ifmaps."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from accelsim.errors import ConfigError
from accelsim.values.quant import BinaryWeights, XnorWeights
from accelsim.values.quant.xnor import input_scale

quick = settings(max_examples=30, deadline=None)


def test_zero_is_positive_and_codes_are_one_bit():
    q = BinaryWeights("binary")(np.array([[[[-2.0, -0.0, 0.0, 0.1]]]]))
    assert q.values.tolist() == [[[[-1, 1, 1, 1]]]]
    assert q.codes.tolist() == [[[[0, 1, 1, 1]]]]
    assert (q.bits, q.scale) == (1, 1)


@pytest.mark.parametrize(
    "weight, chance", [(-1.5, 0), (-1, 0), (-0.6, 0.2), (0, 0.5), (0.4, 0.7), (1, 1), (3, 1)]
)
def test_drawn_signs_are_as_frequent_as_the_hard_sigmoid_says(weight, chance):
    """Within four standard deviations of 40,000 draws, at most 0.01; where the chance is sure, exactly."""
    q = BinaryWeights("binary", stochastic=True)(np.full((40, 1000, 1, 1), float(weight)))
    deviation = (chance * (1 - chance) / q.values.size) ** 0.5
    assert q.codes.mean() == pytest.approx(chance, abs=4 * deviation)


def test_the_seed_decides_the_draw():
    tensor = np.zeros((4, 4, 3, 3))
    first, second = (BinaryWeights("binary", stochastic=True, seed=seed)(tensor).codes for seed in (0, 1))
    assert (first != second).any()


@quick
@given(tensor=hnp.arrays(np.float64, (2, 1, 2, 3), elements=st.floats(-10, 10)))
def test_alpha_and_signs_are_the_nearest_scaled_signs(tensor):
    """The best scale of signs B is W . B / n; all 64 sign patterns of a filter are tried."""
    q = XnorWeights("xnor")(tensor)
    patterns = np.array(list(product([-1, 1], repeat=6)))
    for filter_, mine in zip(tensor.reshape(2, 6), q.reals.reshape(2, 6), strict=True):
        best = patterns * (patterns @ filter_ / 6)[:, None]
        errors = ((filter_ - best) ** 2).sum(axis=1)
        assert ((filter_ - mine) ** 2).sum() == pytest.approx(errors.min(), abs=1e-9)


def test_alpha_is_the_mean_magnitude_of_a_filter():
    q = XnorWeights("xnor")(np.array([[[[1.0, -3.0]]], [[[0.0, 0.5]]]]))
    assert q.scale.ravel().tolist() == [2, 0.25]
    assert q.reals[:, 0, 0].tolist() == [[2, -2], [0.25, 0.25]]


def by_loops(ifmap, kernel, stride, pad, dilation):
    """The scale of every window, tap by tap."""
    n, _, h, w = ifmap.shape
    e = (h + pad[0] + pad[1] - dilation[0] * (kernel[0] - 1) - 1) // stride[0] + 1
    f = (w + pad[2] + pad[3] - dilation[1] * (kernel[1] - 1) - 1) // stride[1] + 1
    scales = np.zeros((n, 1, e, f))
    for image, row, column, i, j in product(range(n), range(e), range(f), range(kernel[0]), range(kernel[1])):
        y = row * stride[0] + i * dilation[0] - pad[0]
        x = column * stride[1] + j * dilation[1] - pad[2]
        if 0 <= y < h and 0 <= x < w:
            scales[image, 0, row, column] += np.abs(ifmap[image, :, y, x]).mean() / (kernel[0] * kernel[1])
    return scales


@pytest.mark.parametrize(
    "kernel, stride, pad, dilation",
    [
        ((1, 1), (1, 1), (0, 0, 0, 0), (1, 1)),
        ((3, 3), (1, 1), (1, 1, 1, 1), (1, 1)),
        ((3, 2), (2, 1), (0, 1, 2, 0), (1, 1)),
        ((2, 3), (1, 3), (1, 0, 0, 2), (3, 2)),
        ((7, 8), (1, 1), (0, 0, 0, 0), (1, 1)),
    ],
)
def test_the_input_scale_is_the_mean_magnitude_under_the_window(kernel, stride, pad, dilation):
    ifmap = np.random.default_rng(0).normal(size=(2, 3, 7, 8))
    scales = input_scale(ifmap, kernel, stride=stride, pad=pad, dilation=dilation)
    np.testing.assert_allclose(scales, by_loops(ifmap, kernel, stride, pad, dilation), rtol=1e-12)


def test_a_window_larger_than_the_ifmap_is_refused():
    with pytest.raises(ConfigError, match=r"its extent is 5 x 3, the padded ifmap's 4 x 5"):
        input_scale(np.ones((1, 1, 3, 5)), (3, 3), dilation=(2, 1), pad=(1, 0, 0, 0))
