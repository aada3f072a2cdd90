"""Weights that are codes into a table of values: decoded, multiplied beforehand, or summed by code."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from accelsim.checks import at_least, check_within
from accelsim.errors import ConfigError
from accelsim.machine.datapath.protocol import (
    Amounts,
    Count,
    IntegerIfmap,
    LookupTable,
    N,
    Uses,
    Widths,
    Word,
    check_signed,
)
from accelsim.network.layer import Tensor

_WIDEST = 16
"""The most bits that a code can have."""


@dataclass(frozen=True, kw_only=True)
class _Coded(IntegerIfmap):
    """Weights are codes of *codebook_bits* for values of *value_bits*, by default the machine's word."""

    codebook_bits: int
    value_bits: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_within(1, _WIDEST, codebook_bits=self.codebook_bits)
        at_least(2, value_bits=self.value_bits)

    @property
    def levels(self) -> int:
        """Distinct values that a weight can have: one per code."""
        return 1 << self.codebook_bits

    def value_width(self, word_bits: int) -> int:
        """Bits of the value behind a code, on a machine with words of *word_bits*."""
        return self.value_bits or word_bits

    def widths(self, word_bits: int) -> Widths:
        """Bits of words in memory, where weights lie as codes."""
        return Widths(self.ifmap_width(word_bits), self.codebook_bits)

    def multiplier(self, word_bits: int, psum_bits: int) -> tuple[int, int]:
        """Bits of the operands: an ifmap word and the value behind a code."""
        return self.ifmap_width(word_bits), self.value_width(word_bits)

    def table_bits(self, word_bits: int) -> int:
        """Bits that come from DRAM to fill the table, once a layer: a value for every code."""
        return self.levels * self.value_width(word_bits)

    def check_weights(self, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError if there are more distinct values than codes, or one is too wide."""
        check_signed("weights", weight, self.value_width(word_bits))
        distinct = len(np.unique(weight))
        if distinct > self.levels:
            raise ConfigError(f"weights must have at most {self.levels} values (got {distinct})")


@dataclass(frozen=True, kw_only=True)
class Codebook(_Coded):
    """A weight's code is looked up in a table of values, then the value is multiplied.

    Source: Han et al., EIE, ISCA 2016: 4 bits of a weight, 16 values of 16 bits.
    """

    kind: Literal["codebook"]
    decodes: ClassVar[bool] = True

    def table(self, word_bits: int) -> LookupTable:
        """The codebook: a value for every code."""
        return LookupTable(self.levels, self.value_width(word_bits))


@dataclass(frozen=True, kw_only=True)
class CodebookProducts(_Coded):
    """The products of an ifmap word with all values are tabulated; each filter reads the one of its code.

    The table is filled anew for every window word, a product a cycle for each filter that is taken at once.
    """

    kind: Literal["codebook_products"]
    verb: ClassVar[str] = "lookup_add"
    extra_ops: ClassVar[str] = "tabulate"
    one_by_one: ClassVar[bool] = False

    def table(self, word_bits: int) -> LookupTable:
        """The table of products: one for every code, filled anew for each window word."""
        return LookupTable(self.levels, sum(self.multiplier(word_bits, 0)))

    def cycles(self, p: Count, q: Count, s: Count, width: int) -> tuple[Count, Count]:
        """Cycles with MACs, and those that fill the table: *width* products a cycle, anew for each word."""
        return -(-p // width) * q * s, -(-self.levels // width) * q * s

    def uses(self, amounts: Amounts[N]) -> Uses[N]:
        """Register file words and tabulated products; an ifmap word is read once for all filters."""
        return Uses(amounts.words, amounts.macs, amounts.macs, self.levels * amounts.words)

    def dot(self, window: Tensor, weights: Tensor) -> list[Word]:
        """The psums of a window: tables of products first, then a read for each filter."""
        values, codes = np.unique(weights, return_inverse=True)
        products = window.astype(object)[..., None] * values.astype(object)  # (q, s, codes)
        read = np.take_along_axis(products[None], codes.reshape(weights.shape)[..., None], axis=-1)
        return [int(sum(own.ravel().tolist())) for own in read]


@dataclass(frozen=True, kw_only=True)
class CodebookSums(_Coded):
    """Ifmap words are added up by the code of their weight; each sum is multiplied once per psum.

    A psum takes a word of the scratch pad for every value, until its primitive is done.
    """

    kind: Literal["codebook_sums"]
    verb: ClassVar[str] = "level_add"
    extra_ops: ClassVar[str] = "scale_add"
    one_by_one: ClassVar[bool] = False

    @property
    def sums_per_psum(self) -> int:  # type: ignore[override]
        """Words of the psum scratch pad that one psum takes: a sum for each value."""
        return self.levels

    def multiplier(self, word_bits: int, psum_bits: int) -> tuple[int, int]:
        """Bits of the operands: a sum, as wide as a psum, and the value behind a code."""
        return psum_bits, self.value_width(word_bits)

    def cycles(self, p: Count, q: Count, s: Count, width: int) -> tuple[Count, Count]:
        """Cycles with MACs, then a multiplication for each value of every psum."""
        return -(-p // width) * q * s, -(-p // width) * self.levels

    def uses(self, amounts: Amounts[N]) -> Uses[N]:
        """Register file words and multiplications; a sum is read, and cleared, when it is multiplied."""
        scaled = self.levels * amounts.sums
        return Uses(amounts.macs, amounts.macs, amounts.macs + scaled, scaled)

    def dot(self, window: Tensor, weights: Tensor) -> list[Word]:
        """The psums of a window: sums by value first, then a multiplication for each value."""
        words = window.astype(object)
        return [int(sum(int(v) * words[own == v].sum() for v in np.unique(own))) for own in weights]
