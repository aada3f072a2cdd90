"""Integers as fields of bits, most significant bit first."""

from collections.abc import Sequence

import numpy as np

from accelsim.checks import check_within
from accelsim.errors import ConfigError
from accelsim.machine.formats.protocol import BitArray
from accelsim.network.layer import IntArray

_WIDEST = 32  # bits of a field; counts and shifts by one then stay far inside 64 bits


def check_widths(**bits: int | None) -> None:
    """Raise ConfigError for the first width that is given, not None, and not in 1..32 bits."""
    check_within(1, _WIDEST, **bits)


def check_values(values: IntArray, value_bits: int) -> None:
    """Raise ConfigError unless all *values* fit into two's complement of *value_bits*."""
    check_widths(value_bits=value_bits)
    top = 1 << (value_bits - 1)
    outside = values[(values < -top) | (values >= top)]
    if outside.size:
        raise ConfigError(f"values of {value_bits} bits must be in {-top}..{top - 1} (got {outside[0]})")


def pack(fields: Sequence[IntArray], widths: Sequence[int]) -> BitArray:
    """Records of the low *widths* bits of each of *fields*, ``(n,)``, in turn: ``(n, sum of widths)``."""
    shifts = [np.arange(width - 1, -1, -1) for width in widths]
    return np.hstack(
        [(field[:, None] >> shift & 1).astype(np.uint8) for field, shift in zip(fields, shifts, strict=True)]
    )


def unpack(bits: BitArray, widths: Sequence[int]) -> list[IntArray]:
    """The unsigned fields, each ``(n,)``, of n records of *widths* that lie one after another in *bits*."""
    records = bits.reshape(-1, sum(widths)).astype(np.int64)
    parts = np.split(records, np.cumsum(widths)[:-1], axis=1)
    return [part @ (1 << np.arange(width - 1, -1, -1)) for part, width in zip(parts, widths, strict=True)]


def signed(fields: IntArray, width: int) -> IntArray:
    """Unsigned *fields* of *width* bits, read as two's complement."""
    sign = 1 << (width - 1)
    return (fields ^ sign) - sign
