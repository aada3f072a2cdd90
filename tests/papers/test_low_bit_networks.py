"""Laws of low-bit networks that follow from their defining equations, on weights of known distributions."""

from math import erf, pi, sqrt

import numpy as np
import pytest

from accelsim.values.quant import (
    BinaryWeights,
    DorefaActivation,
    DorefaWeights,
    SignActivation,
    TwnWeights,
    XnorWeights,
)
from accelsim.values.quant.xnor import input_scale

MILLION = (100, 100, 10, 10)


def test_ternary_zeros_of_normal_weights():
    """Li, Zhang, Liu, 2016: the threshold is 0.7 sqrt(2 / pi) deviations, which 42.4 % stay below."""
    zeros = np.mean(TwnWeights("twn")(np.random.default_rng(0).standard_normal(MILLION)).values == 0)
    assert zeros == pytest.approx(0.424, abs=0.003)
    assert zeros == pytest.approx(erf(0.7 * sqrt(2 / pi) / sqrt(2)), abs=0.002)


def test_ternary_zeros_of_uniform_weights():
    """Li, Zhang, Liu, 2016: the threshold is 0.35 of the range; the scale is the middle of what is left."""
    q = TwnWeights("twn")(np.random.default_rng(0).uniform(-1, 1, MILLION))
    assert np.mean(q.values == 0) == pytest.approx(0.35, abs=0.003)
    assert q.scale == pytest.approx((1 + 0.35) / 2, abs=0.003)


def test_binary_kernels_of_three_by_three_are_at_most_512():
    """Courbariaux et al., NIPS 2016, on filter repetitions: 2**9 kernels, which repeat in larger layers."""
    values = BinaryWeights("binary")(np.random.default_rng(0).standard_normal((128, 128, 3, 3))).values
    kernels = np.unique(values.reshape(-1, 9), axis=0)
    assert len(kernels) == 512  # 32 draws of each on average
    assert len(np.unique(kernels * kernels[:, :1], axis=0)) == 256  # up to the sign


def test_the_dot_product_of_signs_is_a_population_count():
    """Courbariaux et al., NIPS 2016: 2 popcount(XNOR) - n, on the codes in memory."""
    rng = np.random.default_rng(0)
    x = SignActivation("sign")(rng.standard_normal((1, 8, 3, 3)))
    w = BinaryWeights("binary")(rng.standard_normal((1, 8, 3, 3)))
    same = np.count_nonzero(x.codes == w.codes)
    assert int((x.values * w.values).sum()) == 2 * same - 72


def test_binary_weights_take_a_thirty_second_of_the_memory():
    """Rastegari et al., ECCV 2016: 32 times less, but for the scales."""
    weights = np.random.default_rng(0).standard_normal((384, 256, 3, 3))
    assert BinaryWeights("binary")(weights).total_bits * 32 == weights.size * 32
    assert weights.size * 32 / XnorWeights("xnor")(weights).total_bits == pytest.approx(32, rel=0.02)


def test_scaled_signs_are_exact_for_what_is_scaled_signs():
    """Rastegari et al., ECCV 2016, section 3.2: then K alpha (sign(I) * sign(W)) is I * W."""
    rng = np.random.default_rng(1)
    ifmap = 0.75 * rng.choice([-1.0, 1.0], (1, 4, 3, 3))
    weight = rng.choice([-1.0, 1.0], (2, 4, 3, 3)) * np.array([0.5, 3]).reshape(2, 1, 1, 1)
    x, w = SignActivation("sign")(ifmap), XnorWeights("xnor")(weight)
    dots = (x.values * w.values).sum(axis=(1, 2, 3)) * w.scale.ravel() * input_scale(ifmap, (3, 3)).item()
    np.testing.assert_allclose(dots, (ifmap * weight).sum(axis=(1, 2, 3)))


@pytest.mark.parametrize("bits", [1, 2, 3, 4, 8])
def test_code_points_of_dorefa_activations(bits):
    """Zhou et al., 2016: quantize_k moves no multiple of 1 / (2**k - 1)."""
    points = np.arange(2**bits) / (2**bits - 1)
    q = DorefaActivation("dorefa", bits=bits)(points.reshape(1, 1, 1, -1))
    np.testing.assert_array_equal(q.codes.ravel(), np.arange(2**bits))
    np.testing.assert_allclose(q.reals.ravel(), points)


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_code_points_of_dorefa_weights(bits):
    """Zhou et al., 2016, section 2.3: from -1 to 1 in 2**k - 1 equal steps, zero not among them."""
    weights = np.arctanh(np.linspace(-0.9, 0.9, 2001)).reshape(1, -1, 1, 1)
    points = np.unique(np.round(DorefaWeights("dorefa", bits=bits)(weights).reals, 12))
    np.testing.assert_allclose(points, np.linspace(-1, 1, 2**bits), atol=1e-12)
    assert not (points == 0).any()
