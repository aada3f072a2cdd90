"""Quantisers of ifmaps: linear, DoReFa, signs and floats."""

from typing import Literal

import numpy as np

from accelsim.checks import description
from accelsim.network.layer import FloatArray, IntArray
from accelsim.values.quant.binary import signs
from accelsim.values.quant.dorefa import quantize
from accelsim.values.quant.floating import FloatFormat, NarrowFloats, float_bits, rounded
from accelsim.values.quant.limits import WIDEST_CODE, check_finite, check_scale, check_within
from accelsim.values.quant.protocol import SCALE_BITS, Quantised
from accelsim.values.quant.scales import field, nearest, scale_to


@description
class LinearActivation:
    """Integers of *bits* times one scale, rounded half to even; values beyond the last saturate.

    Unsigned, they are 0 to ``2**bits - 1``, and negative values become zero. Signed, they are symmetric as
    those of ``LinearWeights``, from 2 bits on, and codes are two's complement. All zeros take the scale 1.
    """

    kind: Literal["linear"]
    bits: int
    signed: bool = False

    def __post_init__(self) -> None:
        check_within(2 if self.signed else 1, WIDEST_CODE, bits=self.bits)

    @property
    def word_bits(self) -> int:
        """Bits of a code."""
        return self.bits

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
        last = self.last
        if scale is None:
            largest = (np.abs(ifmap) if self.signed else ifmap).max(initial=0.0)
            steps = scale_to(largest, last)
        else:
            check_scale(scale)
            steps = np.asarray(scale, np.float64)
        values = nearest(ifmap, steps, -last if self.signed else 0, last)
        return Quantised(field(values, self.bits), values, steps, self.bits, SCALE_BITS)


@description
class DorefaActivation:
    """``quantize_k(clip(x, 0, 1))``: code and value c of k = *bits* stand for ``c / (2**k - 1)``.

    Source: Zhou et al., "DoReFa-Net", 2016, section 2.4.
    """

    kind: Literal["dorefa"]
    bits: int

    def __post_init__(self) -> None:
        check_within(1, WIDEST_CODE, bits=self.bits)

    @property
    def word_bits(self) -> int:
        """Bits of a code."""
        return self.bits

    @property
    def extremes(self) -> IntArray:
        """The least value, zero, and the largest."""
        return np.array([0, self.last])

    @property
    def last(self) -> int:
        """The largest value, which is the number of steps from zero to it."""
        return (1 << self.bits) - 1

    def __call__(self, ifmap: FloatArray, scale: float | None = None) -> Quantised:
        """The *ifmap*, quantised; *scale* is not used. Raises ConfigError as ``ActivationQuantiser``."""
        check_finite(ifmap)
        codes = quantize(np.clip(ifmap, 0, 1), self.bits)
        return Quantised(codes, codes, np.asarray(1 / self.last), self.bits)


@description
class SignActivation:
    """+1 for values of zero and more, -1 for the rest, without a scale. Code 1 is +1, code 0 is -1.

    Source: Courbariaux et al., "Binarized neural networks", NIPS 2016.
    """

    kind: Literal["sign"]

    @property
    def word_bits(self) -> int:
        """Bits of a code."""
        return 1

    @property
    def extremes(self) -> IntArray:
        """Both values, -1 and +1."""
        return np.array([-1, 1])

    @property
    def last(self) -> None:
        """None: signs do not count steps from zero."""
        return None

    def __call__(self, ifmap: FloatArray, scale: float | None = None) -> Quantised:
        """The signs of the *ifmap*; *scale* is not used. Raises ConfigError as ``ActivationQuantiser``."""
        check_finite(ifmap)
        return signs(ifmap >= 0, np.float64(1))


@description
class FloatActivation:
    """IEEE 754 floats, as ``FloatWeights`` has them for weights."""

    kind: Literal["float"]
    format: FloatFormat

    @property
    def word_bits(self) -> int:
        """Bits of a float."""
        return float_bits(self.format)

    @property
    def extremes(self) -> NarrowFloats:
        """A single one: every float of the format is a value."""
        return np.ones(1, self.format)

    @property
    def last(self) -> None:
        """None: floats do not count steps from zero."""
        return None

    def __call__(self, ifmap: FloatArray, scale: float | None = None) -> Quantised:
        """The *ifmap*, quantised; *scale* is not used. Raises ConfigError as ``ActivationQuantiser``."""
        return rounded(ifmap, self.format)


AnyActivation = LinearActivation | DorefaActivation | SignActivation | FloatActivation
