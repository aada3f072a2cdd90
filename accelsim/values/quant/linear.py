"""Linear quantisation of weights and ifmaps: integers times a scale."""

from typing import Literal

import numpy as np

from accelsim.checks import check_within, description
from accelsim.network.layer import FloatArray, IntArray
from accelsim.values.quant.protocol import WIDEST_CODE, Quantised, check_finite, check_scale
from accelsim.values.quant.scales import (
    Per,
    broadcast_scales,
    nearest,
    scale_rows,
    scale_to,
    symmetric,
    twos_complement,
)


@description
class _Linear:
    """Integers of *bits*."""

    kind: Literal["linear"]
    bits: int

    @property
    def word_bits(self) -> int:
        """Bits of an integer."""
        return self.bits


@description
class LinearWeights(_Linear):
    """Symmetric integers of *bits*, ``-(2**(bits-1) - 1)`` to ``2**(bits-1) - 1``, rounded half to even.

    The largest magnitude that shares a scale takes the last integer, so that nothing saturates. Weights that
    are all zero take the scale 1. Codes are the integers in two's complement: zero is code 0.

    >>> q = LinearWeights("linear", bits=4, per="tensor")(np.array([[[[0.7, -0.26, 0.04]]]]))
    >>> q.values.tolist(), q.codes.tolist(), round(float(q.scale), 3)
    ([[[[7, -3, 0]]]], [[[[7, 13, 0]]]], 0.1)
    """

    per: Per = "tensor"

    def __post_init__(self) -> None:
        check_within(2, WIDEST_CODE, bits=self.bits)

    @property
    def extremes(self) -> IntArray:
        """The least integer, zero, and the largest."""
        return symmetric(self.bits)

    def __call__(self, tensor: FloatArray) -> Quantised:
        """The weights *tensor*, one scale for all or for each filter. Raises ConfigError as ``Quantiser``."""
        check_finite(tensor)
        low, _, last = self.extremes.tolist()
        largest = np.abs(scale_rows(tensor, self.per)).max(axis=1)
        scale = broadcast_scales(scale_to(largest, last), self.per, tensor.ndim)
        return twos_complement(nearest(tensor, scale, low, last), scale, self.bits)


@description
class LinearActivation(_Linear):
    """Integers of *bits* times one scale, rounded half to even; values beyond the last saturate.

    Unsigned, they are 0 to ``2**bits - 1``, and negative values become zero. Signed, they are symmetric as
    those of ``LinearWeights``, from 2 bits on, and codes are two's complement. All zeros take the scale 1.
    """

    signed: bool = False

    def __post_init__(self) -> None:
        check_within(2 if self.signed else 1, WIDEST_CODE, bits=self.bits)

    @property
    def extremes(self) -> IntArray:
        """The least value, zero, and the largest."""
        return np.array([-self.last * self.signed, 0, self.last])

    @property
    def last(self) -> int:
        """The largest value, which is the number of steps from zero to it."""
        return (1 << (self.bits - self.signed)) - 1

    def __call__(self, ifmap: FloatArray, scale: float | None = None) -> Quantised:
        """The *ifmap* in steps of *scale* (see ``ActivationQuantiser``). Raises ConfigError as there."""
        check_finite(ifmap)
        low, _, last = self.extremes.tolist()
        if scale is None:
            largest = (np.abs(ifmap) if self.signed else ifmap).max(initial=0.0)
            steps = scale_to(largest, last)
        else:
            check_scale(scale)
            steps = np.asarray(scale, np.float64)
        return twos_complement(nearest(ifmap, steps, low, last), steps, self.bits)
