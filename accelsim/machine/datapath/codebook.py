"""Weights that are codes into a table of values: decoded, multiplied beforehand, or summed by code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from accelsim.checks import at_least
from accelsim.errors import ConfigError
from accelsim.machine.datapath.protocol import (
    Amounts,
    Count,
    IntegerIfmap,
    LookupTable,
    Uses,
    Widths,
    check_codebook,
)
from accelsim.network.layer import Tensor

_WIDEST = 16
"""Bits of a code."""


@dataclass(frozen=True, kw_only=True)
class _Coded(IntegerIfmap):
    """Weights are codes of *codebook_bits* for values of *value_bits*, by default the machine's word."""

    codebook_bits: int
    value_bits: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.codebook_bits <= _WIDEST:
            raise ConfigError(f"codebook_bits must be in 1..{_WIDEST} (got {self.codebook_bits})")
        if self.value_bits is not None:
            at_least(2, value_bits=self.value_bits)

    @property
    def levels(self) -> int:
        """Values that a weight can have."""
        return 1 << self.codebook_bits

    def value_width(self, word_bits: int) -> int:
        """Bits of a value."""
        return self.value_bits or word_bits

    def widths(self, word_bits: int) -> Widths:
        """Weights lie in memory as codes."""
        return Widths(self.ifmap_width(word_bits), self.codebook_bits)

    def multiplier(self, word_bits: int, psum_bits: int) -> tuple[int, int]:
        """An ifmap word and a value."""
        return self.ifmap_width(word_bits), self.value_width(word_bits)

    def table_bits(self, word_bits: int) -> int:
        """A value for every code."""
        return self.levels * self.value_width(word_bits)

    def check_weights(self, weight: Tensor, word_bits: int) -> None:
        """No more values than codes, none too wide."""
        check_codebook(weight, self.codebook_bits, self.value_width(word_bits))


@dataclass(frozen=True, kw_only=True)
class Codebook(_Coded):
    """A weight is looked up in its table, then multiplied.

    Source: Han et al., EIE, ISCA 2016: 4 bits of a weight, 16 values of 16 bits.
    """

    kind: Literal["codebook"]
    decodes: ClassVar[bool] = True

    def table(self, word_bits: int) -> LookupTable:
        """A value for every code."""
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
        """A product for every code."""
        return LookupTable(self.levels, sum(self.multiplier(word_bits, 0)))

    def cycles(self, p: Count, q: Count, s: Count, width: int) -> tuple[Count, Count]:
        """Each window word takes as many cycles to tabulate as there are values, *width* at a time."""
        return -(-p // width) * q * s, -(-self.levels // width) * q * s + 0 * p

    def uses(self, amounts: Amounts) -> Uses:
        """An ifmap word is read once for all filters."""
        return Uses(amounts.words, amounts.macs, amounts.macs, self.levels * amounts.words)

    def dot(self, window: Tensor, weights: Tensor) -> list[Any]:
        """Tables of products first, then a read for each filter."""
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
    def sums_per_psum(self) -> int:
        """One for each value."""
        return self.levels

    def multiplier(self, word_bits: int, psum_bits: int) -> tuple[int, int]:
        """A sum, as wide as a psum, and a value."""
        return psum_bits, self.value_width(word_bits)

    def cycles(self, p: Count, q: Count, s: Count, width: int) -> tuple[Count, Count]:
        """After the additions, every psum takes a multiplication for each value."""
        return -(-p // width) * q * s, -(-p // width) * self.levels + 0 * q

    def uses(self, amounts: Amounts) -> Uses:
        """A sum is read and cleared when it is multiplied."""
        scaled = self.levels * amounts.sums
        return Uses(amounts.macs, amounts.macs, amounts.macs + scaled, scaled)

    def dot(self, window: Tensor, weights: Tensor) -> list[Any]:
        """Sums by value first, then a multiplication for each value."""
        words = window.astype(object)
        return [int(sum(int(v) * words[own == v].sum() for v in np.unique(own))) for own in weights]
