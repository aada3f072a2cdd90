"""DoReFa weights, in equal steps over the range of their tanh, and DoReFa ifmaps, in those from 0 to 1."""

from typing import Literal

import numpy as np

from accelsim.checks import check_within, description
from accelsim.network.layer import FloatArray, IntArray
from accelsim.values.quant.binary import signs
from accelsim.values.quant.protocol import SCALE_BITS, WIDEST_CODE, Quantised, check_finite


@description
class _Dorefa:
    """Codes of k = *bits*, in ``2**k - 1`` equal steps."""

    kind: Literal["dorefa"]
    bits: int

    def __post_init__(self) -> None:
        check_within(1, WIDEST_CODE, bits=self.bits)

    @property
    def word_bits(self) -> int:
        """Bits of a code."""
        return self.bits

    @property
    def last(self) -> int:
        """The largest code, which is the number of steps from the first to it."""
        return (1 << self.bits) - 1


@description
class DorefaWeights(_Dorefa):
    """``2 quantize_k(tanh(w) / (2 max |tanh(w)|) + 1/2) - 1`` in codes of k = *bits*.

    Code c stands for the odd integer ``2c - (2**k - 1)`` times ``1 / (2**k - 1)``: memory holds k bits, a
    multiplier sees k + 1 with the sign, and no value is zero. One bit is the sign times the mean magnitude of
    all weights.

    Source: Zhou et al., "DoReFa-Net", 2016, section 2.3.
    """

    @property
    def extremes(self) -> IntArray:
        """The least value and the largest."""
        return np.array([-self.last, self.last])

    def __call__(self, tensor: FloatArray) -> Quantised:
        """The weights *tensor*. Raises ConfigError as ``Quantiser``."""
        check_finite(tensor)
        if self.bits == 1:
            return signs(tensor >= 0, np.abs(tensor).mean(), SCALE_BITS)
        bent = np.tanh(tensor)
        codes = quantize(bent / (2 * np.abs(bent).max() or 1.0) + 0.5, self.bits)
        return Quantised(codes, 2 * codes - self.last, np.asarray(1 / self.last), self.bits)


@description
class DorefaActivation(_Dorefa):
    """``quantize_k(clip(x, 0, 1))``: code and value c of k = *bits* stand for ``c / (2**k - 1)``.

    Source: Zhou et al., "DoReFa-Net", 2016, section 2.4.
    """

    @property
    def extremes(self) -> IntArray:
        """The least value, zero, and the largest."""
        return np.array([0, self.last])

    def __call__(self, ifmap: FloatArray, scale: float | None = None) -> Quantised:
        """The *ifmap*, quantised; *scale* is not used. Raises ConfigError as ``ActivationQuantiser``."""
        check_finite(ifmap)
        codes = quantize(np.clip(ifmap, 0, 1), self.bits)
        return Quantised(codes, codes, np.asarray(1 / self.last), self.bits)


def quantize(share: FloatArray, bits: int) -> IntArray:
    """The code of *share*, in 0 to 1, among 2**bits equal steps from 0 to 1; halves to even.

    Source: Zhou et al., "DoReFa-Net", 2016, section 2.2: quantize_k, which is this over ``2**bits - 1``.
    """
    return np.rint(share * ((1 << bits) - 1)).astype(np.int64)
