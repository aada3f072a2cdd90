"""Five levels: -2, -1, 0, +1 and +2 times a scale."""

from typing import ClassVar, Literal

import numpy as np

from accelsim.checks import description
from accelsim.network.layer import FloatArray, IntArray
from accelsim.values.quant.protocol import Quantised, check_finite
from accelsim.values.quant.scales import Per, broadcast_scales, nearest, scale_rows, twos_complement

_BITS = 3
_LAST = 2


@description
class FiveLevelWeights:
    """The nearest of five multiples of the scale s that has the least squared error of all scales.

    The two thresholds on a magnitude are s/2 and 3s/2. A product with such a value is at most a shift and a
    negation. Weights that are all zero take the scale 1. Codes are the values in two's complement of 3 bits.

    Ours: ternary weights (see ``TwnWeights``) with one more level on either side.
    """

    kind: Literal["five_level"]
    per: Per = "tensor"
    word_bits: ClassVar[int] = _BITS
    extremes: ClassVar[IntArray] = np.arange(-_LAST, _LAST + 1)

    def __call__(self, tensor: FloatArray) -> Quantised:
        """The weights *tensor*, one scale for all or for each filter. Raises ConfigError as ``Quantiser``."""
        check_finite(tensor)
        scale = broadcast_scales(best_scales(np.abs(scale_rows(tensor, self.per))), self.per, tensor.ndim)
        return twos_complement(nearest(tensor, scale, -_LAST, _LAST), scale, _BITS)


def best_scales(sizes: FloatArray) -> FloatArray:
    """The scale of the least squared error for each row of magnitudes, ``(rows, n)`` to ``(rows,)``.

    As s falls, each magnitude a goes from level 0 to 1 at s = 2a and from 1 to 2 at s = 2a/3. Between these
    points the levels q stand still, s = sum(a q) / sum(q q) is the best scale for them, and it takes
    sum(a q)**2 / sum(q q) off the error; so that the largest of these gains is that of the best scale.
    """
    order = np.argsort(-np.concatenate([sizes, sizes / 3], axis=1), axis=1, kind="stable")
    count = sizes.shape[1]
    products = np.cumsum(np.take_along_axis(np.tile(sizes, 2), order, axis=1), axis=1)
    squares = np.cumsum(np.where(order < count, 1, 3), axis=1)
    best = np.argmax(products / np.sqrt(squares), axis=1)[:, None]  # gains' roots, in range of any float
    scales = np.take_along_axis(products, best, axis=1) / np.take_along_axis(squares, best, axis=1)
    return np.where(scales > 0, scales, 1.0).ravel()
