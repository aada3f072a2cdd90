"""Exact sizes of the streams that Deep Compression stores a layer in."""

from dataclasses import dataclass

import numpy as np

from accelsim.machine.formats.runs import count_entries, zeros_before
from accelsim.network.layer import IntArray
from accelsim.values.quant.huffman import Huffman

FLOAT_BITS = 32
"""Bits of a weight before compression, against which rates are taken."""

LENGTH_BITS = 8
"""Bits that store the length of one symbol's code word: lengths alone determine a canonical Huffman code."""


@dataclass(frozen=True)
class CodeStreams:
    """Sizes of a layer coded as Deep Compression does: entries, and the bits of each stream."""

    weights: int
    entries: int
    fillers: int
    codes: int  # bits, at fixed width, those of fillers among them
    index: int  # bits of the zeros before each entry, at fixed width
    codes_huffman: int  # bits
    index_huffman: int  # bits
    codebook: int  # bits of the table: the centroid of every code
    lengths: int  # bits of the lengths of the Huffman code words, of both codes

    @property
    def bits(self) -> int:
        """Bits of the layer pruned and quantised: codes, indices and table."""
        return self.codes + self.index + self.codebook

    @property
    def huffman_bits(self) -> int:
        """Bits of the layer Huffman coded: code words of codes and indices, their lengths, and the table."""
        return self.codes_huffman + self.index_huffman + self.lengths + self.codebook

    @property
    def share(self) -> float:
        """Size pruned and quantised, as a share of that of 32-bit floats."""
        return self.bits / (FLOAT_BITS * self.weights)

    @property
    def huffman_share(self) -> float:
        """Size Huffman coded, as a share of that of 32-bit floats."""
        return self.huffman_bits / (FLOAT_BITS * self.weights)


def measure(codes: IntArray, code_bits: int, index_bits: int | None, value_bits: int) -> CodeStreams:
    """The streams of *codes*, 0 to ``2**code_bits - 1``, of any shape, taken in C order as one column.

    With *index_bits*, code 0 is zero: the other codes have an entry each, with the zeros before it, and a run
    of zeros too long is closed by a filler, an entry of code 0 (``formats.runs``). Zeros at the end take
    none. Without *index_bits* every code is stored and there are no indices. The table has a value of
    *value_bits* for every code.

    Source: Han, Mao, Dally, "Deep Compression", ICLR 2016, sections 2 to 4 and Figure 2.
    """
    counts = np.bincount(codes.ravel(), minlength=1 << code_bits)
    indices = np.zeros(0, np.int64)
    entries = codes.size
    if index_bits is not None:
        places = np.flatnonzero(codes)
        entries = count_entries(places, codes.size, index_bits)
        counts[0] = entries - places.size
        last = (1 << index_bits) - 1
        indices = np.bincount(zeros_before(places, codes.size) & last, minlength=last + 1)
        indices[last] += counts[0]
    return CodeStreams(
        weights=codes.size,
        entries=entries,
        fillers=0 if index_bits is None else int(counts[0]),
        codes=entries * code_bits,
        index=entries * (index_bits or 0),
        codes_huffman=Huffman.of(counts).size(counts),
        index_huffman=Huffman.of(indices).size(indices),
        codebook=value_bits << code_bits,
        lengths=(counts.size + indices.size) * LENGTH_BITS,
    )
