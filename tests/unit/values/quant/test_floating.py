"""Floats of fewer bits."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accelsim.errors import ConfigError
from accelsim.values.quant import FloatWeights

HALF, SINGLE = FloatWeights("float", format="float16"), FloatWeights("float", format="float32")


@given(value=st.floats(-65000, 65000))
def test_half_is_what_the_standard_library_packs(value):
    q = HALF(np.array([[[[value]]]]))
    assert q.codes.item() == int.from_bytes(struct.pack(">e", value), "big")
    assert q.values.dtype == np.float16
    assert q.reals.item() == struct.unpack("e", struct.pack("e", value))[0]


@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_single_keeps_a_single(value):
    q = SINGLE(np.array([[[[value]]]]))
    assert q.reals.item() == value
    assert q.codes.item() == int.from_bytes(struct.pack(">f", value), "big")


@pytest.mark.parametrize("value, nearest", [(2049, 2048), (2051, 2052), (-2049, -2048), (65519, 65504)])
def test_halves_go_to_even(value, nearest):
    """Half precision has 11 significant bits: from 2048 to 4096 it steps by 2."""
    assert HALF(np.full((1, 1, 1, 1), float(value))).values.item() == nearest


@pytest.mark.parametrize("quantiser, value, largest", [(HALF, 65520, "65504"), (SINGLE, -1e39, "3.4028")])
def test_overflow_is_refused(quantiser, value, largest):
    with pytest.raises(ConfigError, match=rf"values of float\d\d must be within \+-{largest}.* \(got "):
        quantiser(np.full((1, 1, 1, 1), float(value)))
