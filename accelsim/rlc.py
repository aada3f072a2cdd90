"""Run-length coding of zeros as the chip's DRAM link does it: exact bits, exact round trip.

Source: Chen et al., JSSC 2017, section V-A: three (5-bit run of zeros, 16-bit level) pairs and one
bit that marks the last word make a 64-bit word.
"""

import numpy as np

from accelsim.workload import IntArray

RUN_MAX = 31  # zeros that one pair can stand for (5 bits)
PAIRS = 3  # in a word
WORD_BITS = 64


def encode(values: IntArray) -> list[tuple[int, int]]:
    """The (zeros before, level) pairs of *values*, flattened in C order.

    A run longer than 31, and zeros at the end, are closed by a level that is itself zero.

    >>> encode(np.array([0, 0, 12, 0, 0, 0, 0, 53, 0, 0, 22]))
    [(2, 12), (4, 53), (2, 22)]
    """
    pairs, zeros = [], 0
    for value in values.ravel().tolist():
        if value == 0 and zeros < RUN_MAX:
            zeros += 1
            continue
        pairs.append((zeros, value))
        zeros = 0
    if zeros:
        pairs.append((zeros - 1, 0))
    return pairs


def decode(pairs: list[tuple[int, int]]) -> IntArray:
    """The values that *pairs* stand for, ``(words,)``."""
    return np.array([v for zeros, level in pairs for v in (0,) * zeros + (level,)], np.int64)


def coded_bits(values: IntArray) -> int:
    """Bits of *values* once coded, in whole 64-bit words; equals three pairs of :func:`encode` a word."""
    flat = values.ravel()
    at = np.flatnonzero(flat)
    gaps = np.diff(at, prepend=-1) - 1  # zeros before each non-zero
    trailing = flat.size - 1 - int(at[-1]) if at.size else flat.size
    full = RUN_MAX + 1  # a zero level closes 31 zeros and is one itself
    pairs = at.size + int((gaps // full).sum()) + -(-trailing // full)
    return -(-pairs // PAIRS) * WORD_BITS
