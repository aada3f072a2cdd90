"""Which weights share a scale, and integers with a scale."""

from typing import Literal

import numpy as np

from accelsim.network.layer import FloatArray, IntArray
from accelsim.values.quant.protocol import SCALE_BITS, Quantised

Per = Literal["tensor", "filter"]
"""What shares a scale: the whole tensor, or each filter."""


def scale_rows(tensor: FloatArray, per: Per) -> FloatArray:
    """The weights of *tensor* that share a scale in a row: ``(1, all)``, or ``(M, those of a filter)``."""
    return tensor.reshape(1 if per == "tensor" else tensor.shape[0], -1)


def broadcast_scales(scales: FloatArray, per: Per, dims: int) -> FloatArray:
    """*scales* ``(rows,)`` of :func:`scale_rows` for *dims* axes, to broadcast: ``()`` or ``(M, 1, ...)``."""
    return scales.reshape(() if per == "tensor" else (-1,) + (1,) * (dims - 1))


def scale_to(largest: FloatArray, last: int) -> FloatArray:
    """The scale that takes each *largest* magnitude to the value *last*; 1 where that magnitude is zero."""
    steps = np.asarray(largest, np.float64) / last
    return np.where(steps > 0, steps, 1.0)


def nearest(tensor: FloatArray, scale: FloatArray, low: int, high: int) -> IntArray:
    """The integers nearest to ``tensor / scale``, halves to even, clipped to *low*..*high*."""
    return np.rint(np.clip(tensor / scale, low, high)).astype(np.int64)


def symmetric(bits: int) -> IntArray:
    """The least, the middle and the largest of signed integers of *bits* that are symmetric about zero."""
    last = (1 << (bits - 1)) - 1
    return np.array([-last, 0, last])


def fixed_point(numbers: FloatArray, bits: int) -> tuple[IntArray, FloatArray]:
    """*numbers* as signed integers of *bits*, symmetric about zero, and the one scale ``()`` they share."""
    last = (1 << (bits - 1)) - 1
    scale = scale_to(np.abs(numbers).max(initial=0.0), last)
    return nearest(numbers, scale, -last, last), scale


def twos_complement(values: IntArray, scale: FloatArray, bits: int) -> Quantised:
    """*values* in codes of *bits*, their two's complement; every scale of *scale* takes extra bits."""
    return Quantised(values & ((1 << bits) - 1), values, scale, bits, scale.size * SCALE_BITS)
