"""Weights and ifmaps as floats of fewer bits."""

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from accelsim.checks import description
from accelsim.errors import ConfigError
from accelsim.network.layer import FloatArray
from accelsim.values.quant.protocol import Quantised, check_finite

NarrowFloats = npt.NDArray[np.float16] | npt.NDArray[np.float32]
FloatFormat = Literal["float16", "float32"]


@description
class _Floats:
    """IEEE 754 floats, rounded to nearest, halves to even, subnormals kept. Codes are their bit patterns."""

    kind: Literal["float"]
    format: FloatFormat

    @property
    def word_bits(self) -> int:
        """Bits of a float."""
        return 8 * np.dtype(self.format).itemsize

    @property
    def extremes(self) -> NarrowFloats:
        """A single one: every float of the format is a value."""
        return np.ones(1, self.format)

    def __call__(self, tensor: FloatArray, scale: float | None = None) -> Quantised:
        """The *tensor*, with the scale 1; *scale* is not used.

        Raises:
            ConfigError: if a value is not finite, or exceeds the largest float.
        """
        check_finite(tensor)
        with np.errstate(over="ignore", under="ignore"):
            values: NarrowFloats = np.asarray(tensor, self.format)
        over = tensor[np.isinf(values)]
        if over.size:
            raise ConfigError(
                f"values of {self.format} must be within +-{np.finfo(self.format).max} (got {over[0]})"
            )
        codes = values.view(f"uint{self.word_bits}").astype(np.int64)
        return Quantised(codes, values, np.asarray(1.0), self.word_bits)


@description
class FloatWeights(_Floats):
    """Weights as IEEE 754 floats, rounded to nearest, halves to even; codes are their bit patterns."""


@description
class FloatActivation(_Floats):
    """Ifmaps as IEEE 754 floats, as ``FloatWeights`` has them for weights."""

    last: ClassVar[None] = None  # floats do not count steps from zero
