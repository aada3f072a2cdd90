"""Ternary weight networks: -1, 0 and +1 times a scale."""

from typing import ClassVar, Literal

import numpy as np

from accelsim.checks import description
from accelsim.network.layer import FloatArray, IntArray
from accelsim.values.quant.protocol import Quantised, check_finite
from accelsim.values.quant.scales import Per, broadcast_scales, scale_rows, symmetric, twos_complement

_BITS = 2
_THRESHOLD = 0.7
"""Share of the mean magnitude below which a weight becomes zero."""


@description
class TwnWeights:
    """The sign of weights whose magnitude exceeds 0.7 of the mean one, zero for the rest.

    The scale is the mean magnitude of the weights that are not zero, or 1 if all are. Codes are the values
    in two's complement of 2 bits: zero is code 0.

    Source: Li, Zhang, Liu, "Ternary weight networks", 2016, section 2.
    """

    kind: Literal["twn"]
    per: Per = "tensor"
    word_bits: ClassVar[int] = _BITS
    extremes: ClassVar[IntArray] = symmetric(_BITS)

    def __call__(self, tensor: FloatArray) -> Quantised:
        """The weights *tensor*, with one threshold and scale for all or for each filter.

        Raises ConfigError as ``Quantiser``.
        """
        check_finite(tensor)
        sizes = np.abs(scale_rows(tensor, self.per))
        kept = sizes > _THRESHOLD * sizes.mean(axis=1, keepdims=True)
        count = kept.sum(axis=1)
        alpha = np.where(count > 0, (sizes * kept).sum(axis=1) / np.maximum(count, 1), 1.0)
        values = np.sign(tensor).astype(np.int64) * kept.reshape(tensor.shape)
        return twos_complement(values, broadcast_scales(alpha, self.per, tensor.ndim), _BITS)
