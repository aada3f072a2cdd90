"""Run-length code in words of a few pairs, as the DRAM link of the Eyeriss chip has it."""

from math import prod
from typing import Literal

import numpy as np

from accelsim.checks import at_least, description
from accelsim.machine.formats.bits import check_values, check_widths, pack, signed, unpack
from accelsim.machine.formats.protocol import BitArray, Size
from accelsim.machine.formats.runs import Runs, code, count_entries, spread, with_fillers
from accelsim.network.layer import BoolArray, IntArray, Tensor


@description
class RunLength:
    """Pairs of (zeros before, level) in words that end with one bit, set in the last; whole words are stored.

    A tensor is one stream in C order. A run too long for its field, and the zeros at the end, are closed by
    a level that is itself zero. Pairs that fill up the last word are zero.

    Source: Chen et al., JSSC 2017, section V-A: with levels of 16 bits, three pairs make a word of 64 bits.
    """

    kind: Literal["run_length"]
    run_bits: int = 5
    pairs: int = 3  # in a word

    def __post_init__(self) -> None:
        check_widths(run_bits=self.run_bits)
        at_least(1, pairs=self.pairs)

    def word_bits(self, value_bits: int) -> int:
        """Bits of a word of the stream: its pairs, and the bit that marks the last word."""
        return self.pairs * self.entry_bits(value_bits) + 1

    def runs(self, values: IntArray) -> Runs:
        """The pairs of *values*, as one column.

        >>> runs = RunLength("run_length").runs(np.array([0, 0, 12, 0, 0, 0, 0, 53, 0, 0, 22]))
        >>> list(zip(runs.zeros.tolist(), runs.levels.tolist()))
        [(2, 12), (4, 53), (2, 22)]
        """
        return code(values.reshape(1, -1), _ended(values)[None], self.run_bits)

    def size(self, values: Tensor, value_bits: int) -> Size:
        """Bits in whole words, and the number of pairs without those that only fill up the last word."""
        pairs = count_entries(np.flatnonzero(_ended(values)), values.size, self.run_bits)
        return Size(-(-pairs // self.pairs) * self.word_bits(value_bits), pairs)

    def encode(self, values: IntArray, value_bits: int) -> BitArray:
        """Words of *pairs* (run, level) and the bit that marks the last. Raises ConfigError as ``Format``."""
        check_values(values, value_bits)
        zeros, levels, _ = self.runs(values)
        words = -(-zeros.size // self.pairs)
        stream = np.zeros((words, self.word_bits(value_bits)), np.uint8)
        records = np.zeros((words * self.pairs, self.entry_bits(value_bits)), np.uint8)
        records[: zeros.size] = pack([zeros, levels], [self.run_bits, value_bits])
        stream[:, :-1] = records.reshape(words, -1)
        stream[-1:, -1] = 1
        return stream.ravel()

    def decode(self, bits: BitArray, shape: tuple[int, ...], value_bits: int) -> IntArray:
        """The values up to the word marked as the last, where the pairs that overrun *shape* are left out."""
        words = bits.reshape(-1, self.word_bits(value_bits))
        last = words[:, -1].astype(np.int64)
        words = words[np.cumsum(last) - last == 0]
        zeros, levels = unpack(words[:, :-1], [self.run_bits, value_bits])
        count = int((np.cumsum(zeros + 1) <= prod(shape)).sum())
        runs = Runs(zeros[:count], signed(levels[:count], value_bits), np.array([0, count]))
        return spread(runs, prod(shape)).reshape(shape)

    def entries(self, present: BoolArray) -> BoolArray:
        """The places that take a pair: those *present*, and fillers that close a full run before one."""
        return with_fillers(present, self.run_bits)

    def entry_bits(self, value_bits: int) -> int:
        """Bits of one pair: a run and a level of *value_bits*."""
        return self.run_bits + value_bits


def _ended(values: Tensor) -> BoolArray:
    """The places that always take a pair, ``(size,)``: non-zeros, and the last of all."""
    present: BoolArray = values.ravel() != 0
    present[-1:] = True
    return present
