"""The coordinates of every non-zero."""

from math import prod
from typing import Literal

import numpy as np

from accelsim.checks import description
from accelsim.machine.formats.bits import check_values, pack, signed, unpack
from accelsim.machine.formats.protocol import BitArray, Size
from accelsim.network.layer import BoolArray, IntArray, Tensor


@description
class Coordinate:
    """A count of the non-zeros, then for each one index per axis and its value.

    An index takes ceil(log2(extent)) bits, none on an axis of one; the count ceil(log2(values + 1)).
    """

    kind: Literal["coordinate"]

    def size(self, values: Tensor, value_bits: int) -> Size:
        """Bits of the count, the coordinates and the values, and the number of non-zeros."""
        count = int(np.count_nonzero(values))
        return Size(_count_bits(values.shape) + count * sum(_widths(values.shape, value_bits)), count)

    def encode(self, values: IntArray, value_bits: int) -> BitArray:
        """The count, then coordinates and value of each in C order. Raises ConfigError as ``Format``."""
        check_values(values, value_bits)
        places = np.nonzero(values)
        count = pack([np.array([places[0].size])], [_count_bits(values.shape)])
        records = pack([*places, values[places]], _widths(values.shape, value_bits))
        return np.concatenate([count.ravel(), records.ravel()])

    def decode(self, bits: BitArray, shape: tuple[int, ...], value_bits: int) -> IntArray:
        """The values, of *shape*, of as many records as the count in *bits* says."""
        head, records = np.split(bits, [_count_bits(shape)])
        widths = _widths(shape, value_bits)
        count = int(unpack(head, [head.size])[0].item())
        *places, levels = unpack(records[: count * sum(widths)], widths)
        values = np.zeros(shape, np.int64)
        values[tuple(places)] = signed(levels, value_bits)
        return values

    def entries(self, present: BoolArray) -> BoolArray:
        """The places that take an entry: those *present*, since zeros are not stored."""
        return present

    def entry_bits(self, value_bits: int) -> int | None:
        """None: how wide an index is depends on the tensor's shape."""
        return None


def _widths(shape: tuple[int, ...], value_bits: int) -> list[int]:
    """Bits of the fields of a non-zero: an index per axis, its value."""
    return [max(extent - 1, 0).bit_length() for extent in shape] + [value_bits]


def _count_bits(shape: tuple[int, ...]) -> int:
    """Bits of the count of non-zeros."""
    return prod(shape).bit_length()
