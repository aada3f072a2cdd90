"""From psums to reals and to zeros in DRAM, worked by hand."""

import numpy as np
import pytest

from accelsim.values.quant import LinearActivation
from accelsim.values.schemes.storing import RealStore, leaving

PSUMS = np.array([[[[4, -8]], [[10, 2]]]])
"""(1, 2, 1, 2): two channels of two pixels."""

STORE = RealStore(np.array([0.5, 0.25]), np.array([2.0, 1.0]), np.array([1.0, -2.0]), "relu")


def test_a_psum_is_scaled_then_gained_then_offset():
    """Channel 0: 4 x 0.5 x 2 + 1 = 5 and -7; channel 1: 10 x 0.25 - 2 = 0.5 and -1.5."""
    assert STORE(PSUMS).tolist() == [[[[5, 0]], [[0.5, 0]]]]
    bare = RealStore(STORE.scale, STORE.gain, STORE.offset)
    assert bare(PSUMS).tolist() == [[[[5, -7]], [[0.5, -1.5]]]]


def test_relu6_ends_at_six():
    store = RealStore(STORE.scale, STORE.gain, STORE.offset, "relu6")
    assert store(4 * PSUMS).tolist() == [[[[6, 0]], [[6, 0]]]]


def test_a_threshold_comes_before_the_activation():
    store = RealStore(STORE.scale, STORE.gain, STORE.offset, "relu", threshold=0.75)
    assert store(PSUMS).tolist() == [[[[4.25, 0]], [[0, 0]]]]


@pytest.mark.parametrize("step, present", [(None, [True, False, True, False]), (1.0, [True] + 3 * [False])])
def test_what_is_stored_are_the_codes_of_what_reads_it(step, present):
    """0.5 in steps of 1 rounds to the even zero."""
    reader = None if step is None else LinearActivation("linear", bits=4)
    store = RealStore(STORE.scale, STORE.gain, STORE.offset, "relu", reader=reader, step=step)
    assert store.present(PSUMS, range(2)).ravel().tolist() == present
    assert store.present(PSUMS[:, 1:], range(1, 2)).ravel().tolist() == present[2:]
    lowered = PSUMS[0].reshape(2, 2)
    assert store.present(lowered, range(2)).ravel().tolist() == present
    assert store.present(lowered[1:], range(1, 2)).ravel().tolist() == present[2:]


@pytest.mark.parametrize("density, above", [(0.0, 0), (0.3, 3), (0.5, 5), (1.0, 10)])
def test_a_threshold_leaves_a_share_above_it(density, above):
    reals = np.random.default_rng(0).normal(size=10)
    assert np.count_nonzero(reals > leaving(reals, density)) == above
