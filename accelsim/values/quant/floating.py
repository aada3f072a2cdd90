"""Weights as floats of fewer bits."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from accelsim.checks import description
from accelsim.errors import ConfigError
from accelsim.network.layer import FloatArray
from accelsim.values.quant.limits import check_finite
from accelsim.values.quant.protocol import Quantised

NarrowFloats = npt.NDArray[np.float16] | npt.NDArray[np.float32]
FloatFormat = Literal["float16", "float32"]


@description
class FloatWeights:
    """IEEE 754 floats, rounded to nearest, halves to even, subnormals kept. Codes are their bit patterns."""

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

    def __call__(self, tensor: FloatArray) -> Quantised:
        """The weights *tensor*; none may exceed the largest float. Raises ConfigError as ``Quantiser``."""
        return rounded(tensor, self.format)


def float_bits(form: FloatFormat) -> int:
    """Bits of a float of *form*."""
    return 8 * np.dtype(form).itemsize


def rounded(tensor: FloatArray, form: FloatFormat) -> Quantised:
    """*tensor* in floats of *form*, with the scale 1. Raises ConfigError if one would become infinite."""
    check_finite(tensor)
    with np.errstate(over="ignore", under="ignore"):
        values: NarrowFloats = tensor.astype(np.float16) if form == "float16" else tensor.astype(np.float32)
    over = tensor[np.isinf(values)]
    if over.size:
        raise ConfigError(f"values of {form} must be within +-{np.finfo(form).max} (got {over[0]})")
    bits = float_bits(form)
    codes = values.view(f"uint{bits}").astype(np.int64)
    return Quantised(codes, values, np.asarray(1.0), bits)
