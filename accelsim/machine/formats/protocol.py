"""What every storage format owes."""

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from accelsim.network.layer import BoolArray, IntArray, Tensor

BitArray = npt.NDArray[np.uint8]  # zeros and ones, most significant bit of a field first


class Size(NamedTuple):
    """What a coded tensor takes: bits of its stream, and entries in it, fillers included."""

    bits: int
    entries: int


class Format(Protocol):
    """A way to store a tensor of a value or more, on an axis or more, in two's complement of *value_bits*.

    Where memory holds values as codes into a table, *value_bits* is the width of a code.
    """

    @property
    def kind(self) -> str:
        """The name of the format in descriptions."""

    def size(self, values: Tensor, value_bits: int) -> Size:
        """The size of *values* once coded, without coding them or looking at their width.

        Raises:
            ConfigError: if a field of the format is too narrow for *values*.
        """

    def encode(self, values: IntArray, value_bits: int) -> BitArray:
        """The stream that stores *values*, ``(size().bits,)``.

        Raises:
            ConfigError: if *value_bits* or a field of the format is too narrow for *values*.
        """

    def decode(self, bits: BitArray, shape: tuple[int, ...], value_bits: int) -> IntArray:
        """The values, of *shape*, that :meth:`encode` made *bits* of."""

    def entries(self, present: BoolArray) -> BoolArray:
        """The places that take an entry when every column is coded on its own, ``(..., length)``.

        *present* marks the non-zeros, ``(..., length)``; the last axis is a column. An entry that carries
        zeros sits at the last of them; zeros that no non-zero follows in their column take none.
        """

    def entry_bits(self, value_bits: int) -> int | None:
        """Bits of an entry on its own, on a bus or in a scratch pad; None where it means nothing alone."""
