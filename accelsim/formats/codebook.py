"""A table of the few values that a tensor has, so that entries store the short code of theirs.

Source: Han et al., "Deep Compression", ICLR 2016, section 3: weights that share one of 2**bits values.
"""

import numpy as np

from accelsim.errors import ConfigError
from accelsim.formats.protocol import IntArray


def distinct(values: IntArray, codebook_bits: int) -> IntArray:
    """The distinct non-zeros of *values*, ascending. Raises ConfigError if they outnumber the codes."""
    found = np.unique(values[values != 0])
    if found.size >= 1 << codebook_bits:
        raise ConfigError(
            f"codebook_bits must be at least {found.size.bit_length()} "
            f"for {found.size} distinct non-zero values (got {codebook_bits})"
        )
    return found


def table(values: IntArray, codebook_bits: int) -> IntArray:
    """The value of every code, ``(2**codebook_bits,)``: zero, then :func:`distinct`, then zeros unused."""
    found = distinct(values, codebook_bits)
    entries = np.zeros(1 << codebook_bits, np.int64)
    entries[1 : found.size + 1] = found
    return entries


def codes(levels: IntArray, codebook_bits: int) -> IntArray:
    """The place of each of *levels* in their :func:`table`, ``(entries,)``."""
    found = distinct(levels, codebook_bits)
    return np.where(levels == 0, 0, np.searchsorted(found, levels) + 1)
