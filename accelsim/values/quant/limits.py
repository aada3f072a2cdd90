"""Checks that all quantisers make."""

import numpy as np

from accelsim.errors import ConfigError
from accelsim.network.layer import FloatArray

WIDEST_CODE = 16
"""The most bits of a code or a value."""


def check_finite(tensor: FloatArray) -> None:
    """Raise ConfigError if a value of *tensor* is infinite or NaN."""
    wrong = tensor[~np.isfinite(tensor)]
    if wrong.size:
        raise ConfigError(f"values to quantise must be finite (got {wrong[0]})")


def check_scale(scale: float) -> None:
    """Raise ConfigError unless *scale* is a positive number."""
    if not 0 < scale < np.inf:
        raise ConfigError(f"scale must be positive and finite (got {scale})")
