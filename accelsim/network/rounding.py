"""Integers to fewer bits, halves to even, without a float on the way."""

import numpy as np

from accelsim.checks import check_within
from accelsim.network.layer import IntArray

MAX_SHIFT = 62  # bits; the largest power of two that int64 holds as a divisor


def requantise(x: IntArray, shift: int, bits: int) -> IntArray:
    """``x * 2**-shift`` rounded half to even, saturated to signed *bits*; exact, no float on the way.

    Raises:
        ConfigError: if *shift* is not in 0..62 or *bits* not in 2..62.
    """
    check_requantise(bits, shift)
    top = 1 << (bits - 1)
    if shift:
        half, quotient = 1 << (shift - 1), x >> shift
        rest = x & (2 * half - 1)
        x = quotient + (rest + (quotient & 1) > half)  # a tie rounds up only from an odd quotient
    return np.clip(x, -top, top - 1)


def fitting_shift(x: IntArray, bits: int) -> int:
    """The least shift at which :func:`requantise` saturates no value of *x*, in bits."""
    top = 1 << (bits - 1)
    ends = np.array([x.min(initial=0), x.max(initial=0)], np.int64)
    for shift in range(MAX_SHIFT):
        low, high = divide_to_even(ends, 1 << shift)
        if -top <= low and high < top:
            return shift
    return MAX_SHIFT


def divide_to_even(total: IntArray, count: IntArray | int) -> IntArray:
    """``total / count`` rounded half to even in exact integers; *count* in 1..2**62."""
    quotient, rest = np.divmod(total, count)
    up = (rest > count - rest) | ((rest == count - rest) & (quotient % 2 == 1))
    return np.asarray(quotient + up, np.int64)


def check_requantise(bits: int, shift: int) -> None:
    """Raise ConfigError if :func:`requantise` takes no such *bits* or *shift*."""
    check_within(2, MAX_SHIFT, bits=bits)
    check_within(0, MAX_SHIFT, shift=shift)
