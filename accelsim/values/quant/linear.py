"""Linear quantisation: signed integers times a scale."""

from typing import Literal

import numpy as np

from accelsim.checks import description
from accelsim.network.layer import FloatArray, IntArray
from accelsim.values.quant.limits import WIDEST_CODE, check_finite, check_within
from accelsim.values.quant.protocol import SCALE_BITS, Quantised
from accelsim.values.quant.scales import (
    Per,
    broadcast_scales,
    field,
    nearest,
    scale_rows,
    scale_to,
    symmetric,
)


@description
class LinearWeights:
    """Symmetric integers of *bits*, ``-(2**(bits-1) - 1)`` to ``2**(bits-1) - 1``, rounded half to even.

    The largest magnitude that shares a scale takes the last integer, so that nothing saturates. Weights that
    are all zero take the scale 1. Codes are the integers in two's complement: zero is code 0.

    >>> q = LinearWeights("linear", bits=4, per="tensor")(np.array([[[[0.7, -0.26, 0.04]]]]))
    >>> q.values.tolist(), q.codes.tolist(), round(float(q.scale), 3)
    ([[[[7, -3, 0]]]], [[[[7, 13, 0]]]], 0.1)
    """

    kind: Literal["linear"]
    bits: int
    per: Per = "tensor"

    def __post_init__(self) -> None:
        check_within(2, WIDEST_CODE, bits=self.bits)

    @property
    def word_bits(self) -> int:
        """Bits of an integer."""
        return self.bits

    @property
    def extremes(self) -> IntArray:
        """The least integer, zero, and the largest."""
        return symmetric(self.bits)

    def __call__(self, tensor: FloatArray) -> Quantised:
        """The weights *tensor*, one scale for all or for each filter. Raises ConfigError as ``Quantiser``."""
        check_finite(tensor)
        last = (1 << (self.bits - 1)) - 1
        largest = np.abs(scale_rows(tensor, self.per)).max(axis=1)
        scale = broadcast_scales(scale_to(largest, last), self.per, tensor.ndim)
        values = nearest(tensor, scale, -last, last)
        return Quantised(field(values, self.bits), values, scale, self.bits, scale.size * SCALE_BITS)
