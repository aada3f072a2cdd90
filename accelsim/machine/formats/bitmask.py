"""A mask of the non-zeros, and the non-zeros."""

from math import prod
from typing import Literal

import numpy as np

from accelsim.checks import description
from accelsim.machine.formats.bits import check_values, pack, signed, unpack
from accelsim.machine.formats.protocol import BitArray, Size
from accelsim.network.layer import BoolArray, IntArray, Tensor


@description
class Bitmask:
    """One bit for each value, set where it is not zero, then the non-zeros, all in C order."""

    kind: Literal["bitmask"]

    def size(self, values: Tensor, value_bits: int) -> Size:
        """Bits of the mask and the non-zeros, and the number of non-zeros."""
        count = int(np.count_nonzero(values))
        return Size(values.size + count * value_bits, count)

    def encode(self, values: IntArray, value_bits: int) -> BitArray:
        """The mask, then the non-zeros. Raises ConfigError as ``Format``."""
        check_values(values, value_bits)
        mask = values.ravel() != 0
        return np.concatenate([mask.astype(np.uint8), pack([values.ravel()[mask]], [value_bits]).ravel()])

    def decode(self, bits: BitArray, shape: tuple[int, ...], value_bits: int) -> IntArray:
        """The values, of *shape*, that :meth:`encode` made *bits* of."""
        mask, records = np.split(bits, [prod(shape)])
        values = np.zeros(shape, np.int64)
        values.flat[np.flatnonzero(mask)] = signed(unpack(records, [value_bits])[0], value_bits)
        return values

    def entries(self, present: BoolArray) -> BoolArray:
        """The places that take an entry: those *present*, since the mask carries the zeros."""
        return present

    def entry_bits(self, value_bits: int) -> int | None:
        """None: without the mask, a value does not know its place."""
        return None
