"""Canonical Huffman codes: lengths of words, exact sizes, and the bits themselves."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from accelsim.errors import ConfigError
from accelsim.machine.formats.protocol import BitArray
from accelsim.network.layer import IntArray


@dataclass(frozen=True)
class Huffman:
    """A prefix code: the symbols that have a word, in the order of their words, and the words' lengths.

    Words ascend by length, then by symbol, each the one before plus one, with zeros put behind where it is
    longer. A sole symbol has the empty word.

    Source: Huffman, "A method for the construction of minimum-redundancy codes", Proc. IRE, 1952.
    """

    symbols: IntArray  # (words,)
    lengths: IntArray  # (words,) in bits, ascending

    @classmethod
    def of(cls, counts: IntArray) -> Huffman:
        """The code of least size for symbols 0, 1, ... that occur *counts* times; count 0 gets no word.

        Of equal counts, single symbols merge before groups, and lower or earlier ones first.
        """
        lengths = word_lengths(counts)
        present = np.flatnonzero(counts)
        symbols = present[np.argsort(lengths[present], kind="stable")]
        return cls(symbols, lengths[symbols])

    @property
    def words(self) -> IntArray:
        """The code words as integers, ``(words,)``."""
        words = np.zeros(self.lengths.size, np.int64)
        for i in range(1, words.size):
            words[i] = (words[i - 1] + 1) << (self.lengths[i] - self.lengths[i - 1])
        return words

    def size(self, counts: IntArray) -> int:
        """Bits of a stream in which symbols 0, 1, ... occur *counts* times; all that do need a word."""
        return int(counts[self.symbols] @ self.lengths)

    def encode(self, values: IntArray) -> BitArray:
        """The words of the symbols *values*, ``(n,)``, one after another.

        Raises:
            ConfigError: if a symbol has no word.
        """
        missing = values[~np.isin(values, self.symbols)]
        if missing.size:
            raise ConfigError(f"symbols must have a code word (got {missing[0]})")
        order = np.argsort(self.symbols)
        at = order[np.searchsorted(self.symbols, values, sorter=order)]
        lengths = self.lengths[at]
        behind = np.repeat(np.cumsum(lengths), lengths) - 1 - np.arange(lengths.sum())
        bits: BitArray = (np.repeat(self.words[at], lengths) >> behind & 1).astype(np.uint8)
        return bits

    def decode(self, bits: BitArray, number: int) -> IntArray:
        """The *number* symbols, ``(number,)``, that :meth:`encode` made *bits* of."""
        words = zip(self.lengths.tolist(), self.words.tolist(), strict=True)
        meanings = dict(zip(words, self.symbols.tolist(), strict=True))
        stream, values = iter(bits.tolist()), []
        for _ in range(number):
            length = word = 0
            while (length, word) not in meanings:
                length, word = length + 1, word << 1 | next(stream)
            values.append(meanings[length, word])
        return np.array(values, np.int64)


def word_lengths(counts: IntArray) -> IntArray:
    """Bits of the code word of each symbol, ``(symbols,)``; 0 for a sole symbol and for those of count 0."""
    lengths = np.zeros(counts.size, np.int64)
    # The second entry breaks ties, so that the code does not depend on the order of the heap.
    heap = [(int(counts[symbol]), int(symbol), [int(symbol)]) for symbol in np.flatnonzero(counts)]
    heapq.heapify(heap)
    for order in range(counts.size, counts.size + len(heap) - 1):
        (few, _, group), (more, _, other) = heapq.heappop(heap), heapq.heappop(heap)
        lengths[group + other] += 1
        heapq.heappush(heap, (few + more, order, group + other))
    return lengths


def entropy(counts: IntArray) -> float:
    """The least bits per symbol of any code of single symbols, where symbols occur *counts* times.

    Source: Shannon, "A mathematical theory of communication", 1948, section 6.
    """
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum() + 0.0)  # not -0.0 for a sole symbol
