"""Quantisers of ifmaps."""

import json
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from accelsim.config import build, load_yaml
from accelsim.errors import ConfigError
from accelsim.machine.formats.bits import signed
from accelsim.values.quant import (
    AnyActivation,
    DorefaActivation,
    FloatActivation,
    LinearActivation,
    SignActivation,
)

ACTIVATIONS = [
    LinearActivation("linear", bits=1),
    LinearActivation("linear", bits=8),
    LinearActivation("linear", bits=2, signed=True),
    LinearActivation("linear", bits=16, signed=True),
    DorefaActivation("dorefa", bits=2),
    SignActivation("sign"),
    FloatActivation("float", format="float16"),
]
activations = pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
quick = settings(max_examples=30, deadline=None)
ifmaps = hnp.arrays(np.float64, (2, 2, 3, 1), elements=st.floats(-50, 50, allow_subnormal=False))


def test_every_kind_is_tried():
    assert {type(activation) for activation in ACTIVATIONS} == set(get_args(AnyActivation))


@activations
@quick
@given(ifmap=ifmaps)
def test_codes_fit_their_bits_and_name_their_values(activation, ifmap):
    q = activation(ifmap)
    assert q.codes.shape == q.values.shape == ifmap.shape
    assert q.scale.shape == ()
    assert q.codes.min() >= 0
    assert q.codes.max() < 1 << q.bits
    for code in np.unique(q.codes):
        assert np.unique(q.values[q.codes == code]).size == 1


@activations
@quick
@given(ifmap=ifmaps)
def test_no_value_goes_beyond_the_extremes(activation, ifmap):
    q, extremes = activation(ifmap), activation.extremes
    assert activation.word_bits == q.bits
    assert extremes.dtype == q.values.dtype
    if extremes.dtype.kind == "i":
        assert extremes.min() <= q.values.min() and q.values.max() <= extremes.max()
    assert activation.last in (None, extremes.max())


@activations
def test_what_is_no_number_is_refused(activation):
    with pytest.raises(ConfigError, match=r"values to quantise must be finite \(got nan\)"):
        activation(np.full((1, 1, 1, 1), np.nan))


@activations
def test_a_file_describes_it(activation, tmp_path):
    path = tmp_path / "activation.yaml"
    path.write_text(json.dumps({"ifmap": vars(activation)}))
    assert build(load_yaml(path)["ifmap"], AnyActivation) == activation


@quick
@given(ifmap=ifmaps, bits=st.integers(1, 16))
def test_unsigned_is_within_half_a_step_of_what_is_not_negative(ifmap, bits):
    q = LinearActivation("linear", bits=bits)(ifmap)
    slack = 1e-9 * np.abs(ifmap).max()
    assert (np.abs(q.reals - np.maximum(ifmap, 0)) <= q.scale / 2 + slack).all()
    assert q.values.max() == (2**bits - 1 if (ifmap > 0).any() else 0)
    np.testing.assert_array_equal(q.codes, q.values)


@quick
@given(ifmap=ifmaps, bits=st.integers(2, 16))
def test_signed_is_within_half_a_step(ifmap, bits):
    q = LinearActivation("linear", bits=bits, signed=True)(ifmap)
    assert (np.abs(q.reals - ifmap) <= q.scale / 2 + 1e-9 * np.abs(ifmap).max()).all()
    np.testing.assert_array_equal(signed(q.codes, bits), q.values)


def test_a_calibrated_step_saturates_what_lies_beyond():
    ifmap = np.array([-9.0, -0.5, 0.75, 1.25, 3.6, 99]).reshape(1, 1, 2, 3)
    unsigned = LinearActivation("linear", bits=3)(ifmap, 0.5)
    assert unsigned.values.ravel().tolist() == [0, 0, 2, 2, 7, 7]
    both = LinearActivation("linear", bits=3, signed=True)(ifmap, 0.5)
    assert both.values.ravel().tolist() == [-3, -1, 2, 2, 3, 3]
    assert unsigned.scale == both.scale == 0.5


@pytest.mark.parametrize("scale", [0, -1, np.inf, np.nan])
def test_a_step_must_be_positive(scale):
    with pytest.raises(ConfigError, match=rf"scale must be positive and finite \(got {scale}\)"):
        LinearActivation("linear", bits=8)(np.ones((1, 1, 1, 1)), scale)


def test_dorefa_clips_to_one_and_rounds_halves_to_even():
    q = DorefaActivation("dorefa", bits=2)(np.array([-1, 0.1, 0.5, 0.8, 1, 7]).reshape(1, 1, 2, 3))
    assert q.values.ravel().tolist() == [0, 0, 2, 2, 3, 3]
    assert q.scale == 1 / 3


def test_the_sign_of_zero_is_positive():
    q = SignActivation("sign")(np.array([-0.1, -0.0, 0, 5]).reshape(1, 1, 2, 2), 0.25)
    assert q.values.ravel().tolist() == [-1, 1, 1, 1]
    assert (q.bits, q.scale) == (1, 1)


@pytest.mark.parametrize(
    "make, low, got",
    [
        (lambda: LinearActivation("linear", bits=0), 1, 0),
        (lambda: LinearActivation("linear", bits=1, signed=True), 2, 1),
        (lambda: LinearActivation("linear", bits=17), 1, 17),
        (lambda: DorefaActivation("dorefa", bits=0), 1, 0),
    ],
)
def test_widths_beyond_reach_are_refused(make, low, got):
    with pytest.raises(ConfigError, match=rf"bits must be in {low}..16 \(got {got}\)"):
        make()
