"""Compressed sparse columns with relative indices, as in EIE."""

from math import prod
from typing import Literal

import numpy as np

from accelsim.checks import description
from accelsim.errors import ConfigError
from accelsim.machine.formats.bits import check_values, check_widths, pack, signed, unpack
from accelsim.machine.formats.protocol import BitArray, Size
from accelsim.machine.formats.runs import Runs, code, count_entries, spread, with_fillers
from accelsim.network.layer import BoolArray, IntArray, Tensor


@description
class Csc:
    """Entries of (zeros before in the column, value) and a pointer to the first entry of each column.

    The last axis of a tensor is a column. A run too long for its field is closed by an entry of value zero;
    zeros at the end of a column are not stored. Without *pointer_bits* there is, for each column, the number
    of its entries in as many bits as any such number takes.

    Source: Han et al., EIE, ISCA 2016, section III-B. Eyeriss v2, JETCAS 2019, keeps ifmaps and weights so.
    """

    kind: Literal["csc"]
    index_bits: int = 4
    pointer_bits: int | None = 16

    def __post_init__(self) -> None:
        check_widths(index_bits=self.index_bits, pointer_bits=self.pointer_bits)

    def runs(self, values: IntArray) -> Runs:
        """The relative indices, values and column pointers of *values*, fillers included.

        >>> runs = Csc("csc").runs(np.array([0, 0, 1, 2] + 18 * [0] + [3]))
        >>> runs.levels.tolist(), runs.zeros.tolist(), runs.pointers.tolist()
        ([1, 2, 0, 3], [2, 0, 15, 2], [0, 4])
        """
        columns = values.reshape(prod(values.shape[:-1]), values.shape[-1])
        return code(columns, columns != 0, self.index_bits)

    def size(self, values: Tensor, value_bits: int) -> Size:
        """Bits of pointers and entries, and the number of entries. Raises ConfigError as ``Format``."""
        entries = count_entries(np.flatnonzero(values), values.shape[-1], self.index_bits)
        self._check_pointers(entries)
        return Size(self._head_bits(values.shape) + entries * self.entry_bits(value_bits), entries)

    def encode(self, values: IntArray, value_bits: int) -> BitArray:
        """Pointers, then the (index, value) of each entry. Raises ConfigError as ``Format``."""
        check_values(values, value_bits)
        zeros, levels, pointers = self.runs(values)
        self._check_pointers(levels.size)
        heads = np.diff(pointers) if self.pointer_bits is None else pointers
        head = pack([heads], [self._column_bits(values.shape[-1])])
        records = pack([zeros, levels], [self.index_bits, value_bits])
        return np.concatenate([head.ravel(), records.ravel()])

    def decode(self, bits: BitArray, shape: tuple[int, ...], value_bits: int) -> IntArray:
        """The values, of *shape*, that :meth:`encode` made *bits* of."""
        heads, records = np.split(bits, [self._head_bits(shape)])
        (pointers,) = unpack(heads, [self._column_bits(shape[-1])])
        if self.pointer_bits is None:
            pointers = np.concatenate(([0], np.cumsum(pointers)))
        zeros, levels = unpack(records, [self.index_bits, value_bits])
        return spread(Runs(zeros, signed(levels, value_bits), pointers), shape[-1]).reshape(shape)

    def entries(self, present: BoolArray) -> BoolArray:
        """The places that take an entry: those *present*, and fillers that close a full run before one."""
        return with_fillers(present, self.index_bits)

    def entry_bits(self, value_bits: int) -> int:
        """Bits of one entry: an index and a value of *value_bits*."""
        return self.index_bits + value_bits

    def _head_bits(self, shape: tuple[int, ...]) -> int:
        """Bits of the pointers, or of the numbers of entries, of all columns."""
        heads = prod(shape[:-1]) + (self.pointer_bits is not None)
        return heads * self._column_bits(shape[-1])

    def _column_bits(self, length: int) -> int:
        """Bits of the pointer, or of the number of entries, of a column of *length*."""
        return length.bit_length() if self.pointer_bits is None else self.pointer_bits

    def _check_pointers(self, entries: int) -> None:
        if self.pointer_bits is not None and entries >> self.pointer_bits:
            needed = entries.bit_length()
            raise ConfigError(
                f"pointer_bits must be at least {needed} to count {entries} entries (got {self.pointer_bits})"
            )
