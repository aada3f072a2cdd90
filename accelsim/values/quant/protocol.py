"""What every quantiser takes and gives: codes for memory, values for the hardware, and a scale."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from accelsim.errors import ConfigError
from accelsim.network.layer import FloatArray, IntArray

CodeValues = IntArray | npt.NDArray[np.float16] | npt.NDArray[np.float32]

WIDEST_CODE = 16
"""The most bits of a code or a value."""

SCALE_BITS = 32
"""Bits that a scale takes in memory: a single-precision float."""


@dataclass(frozen=True)
class Quantised:
    """A tensor as codes, and what they mean: it stands for the reals ``scale * values``."""

    codes: IntArray  # what memory holds, 0 to 2**bits - 1; the tensor's shape, or one code per kernel
    values: CodeValues  # the tensor's shape: what the hardware computes with
    scale: FloatArray  # broadcasts against the tensor: () or one per filter, (M, 1, 1, 1)
    bits: int  # of a code
    extra_bits: int = 0  # of tables and scales, in addition to the codes

    @property
    def reals(self) -> FloatArray:
        """The reals that the values stand for, in the tensor's shape."""
        return self.scale * self.values.astype(np.float64)

    @property
    def total_bits(self) -> int:
        """Bits in memory: all codes, each at its full width, plus tables and scales."""
        return self.codes.size * self.bits + self.extra_bits


class Coder(Protocol):
    """A way to quantise tensors of one kind: what the words are that it gives."""

    @property
    def kind(self) -> str:
        """The name of the quantiser in descriptions."""

    @property
    def word_bits(self) -> int:
        """Bits of the word that memory holds for a value; where codes are of kernels, those of one value."""

    @property
    def extremes(self) -> CodeValues:
        """Values ``(n,)`` that are as large, and as many different ones, as the quantiser can give."""


class Quantiser(Coder, Protocol):
    """A way to quantise weights, ``(M, C/G, R, S)``."""

    def __call__(self, tensor: FloatArray) -> Quantised:
        """The weights *tensor*, quantised. Raises ConfigError unless all are finite and in range."""


def stored_weight_bits(quantiser: Quantiser, shape: tuple[int, ...]) -> int:
    """Bits that weights of *shape* ``(M, C/G, R, S)`` take in memory, which their values do not change.

    Tables depend on the kernel's shape and scales on the number of filters, so one channel is quantised to
    find both; every further channel adds as many codes.
    """
    filters, channels, *kernel = shape
    single = quantiser(np.ones((filters, 1, *kernel)))  # ones: any finite values would do
    return single.codes.size * channels * single.bits + single.extra_bits


class ActivationQuantiser(Coder, Protocol):
    """A way to quantise an ifmap, ``(N, C, H, W)``."""

    @property
    def last(self) -> int | None:
        """The largest value; None where values do not count steps from zero."""

    def __call__(self, ifmap: FloatArray, scale: float | None = None) -> Quantised:
        """The *ifmap*, quantised.

        *scale* is the step between two codes, from a calibration; without it the largest magnitude of the
        ifmap takes the last code. Kinds whose codes mean the same in every layer do not use it.

        Raises:
            ConfigError: unless *scale* is positive, and all values are finite and in range.
        """


def check_finite(tensor: FloatArray) -> None:
    """Raise ConfigError if a value of *tensor* is infinite or NaN."""
    wrong = tensor[~np.isfinite(tensor)]
    if wrong.size:
        raise ConfigError(f"values to quantise must be finite (got {wrong[0]})")


def check_scale(scale: float) -> None:
    """Raise ConfigError unless *scale* is a positive number."""
    if not 0 < scale < np.inf:
        raise ConfigError(f"scale must be positive and finite (got {scale})")
