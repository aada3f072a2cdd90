"""A table of all products in place of the multiplier."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np

from accelsim.errors import ConfigError
from accelsim.machine.datapath.protocol import IntegerIfmap, LookupTable, Widths, Word, check_signed
from accelsim.network.layer import Tensor

_WIDEST = 20
"""The most bits of an address: a table of a million products."""


@dataclass(frozen=True, kw_only=True)
class ProductLut(IntegerIfmap):
    """One read of a table of 2**(ifmap bits + weight bits) products replaces the multiplication."""

    kind: Literal["product_lut"]
    weight_bits: int
    verb: ClassVar[str] = "lookup_add"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ifmap_bits is None:
            raise ConfigError("ifmap_bits must be given for a table of products (got null)")
        if self.weight_bits < 1 or not 2 <= self.ifmap_bits + self.weight_bits <= _WIDEST:
            raise ConfigError(
                f"ifmap_bits + weight_bits must be in 2..{_WIDEST}, both at least 1"
                f" (got {self.ifmap_bits} + {self.weight_bits})"
            )

    def widths(self, word_bits: int) -> Widths:
        """Bits of words in memory: those of the two codes that make an address."""
        return Widths(self.ifmap_width(word_bits), self.weight_bits)

    def table(self, word_bits: int) -> LookupTable:
        """The table of products: one for every pair of codes, as wide as both together."""
        bits = self.ifmap_width(word_bits) + self.weight_bits
        return LookupTable(1 << bits, bits)

    def mac(self, psum: Word, ifmap: Word, weight: Word) -> Word:
        """*psum* plus the product that is read at the address that both codes make."""
        width = self.ifmap_width(0)
        at = (int(weight) & (1 << self.weight_bits) - 1) << width | int(ifmap) & (1 << width) - 1
        return psum + int(products(width, self.weight_bits, self.unsigned)[at])

    def check_weights(self, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError unless weights are signed integers that fit their width."""
        check_signed("weights", weight, self.weight_bits)


@lru_cache(maxsize=8)
def products(ifmap_bits: int, weight_bits: int, unsigned: bool) -> Tensor:
    """The contents of the table, ``(2**(ifmap_bits + weight_bits),)``: products by address.

    An address is the weight's code, then the ifmap's, in two's complement (but for an *unsigned* ifmap).
    """
    ifmap, weight = np.arange(1 << ifmap_bits), np.arange(1 << weight_bits)
    if not unsigned:
        ifmap = np.where(ifmap >> (ifmap_bits - 1), ifmap - (1 << ifmap_bits), ifmap)
    weight = np.where(weight >> (weight_bits - 1), weight - (1 << weight_bits), weight)
    return (weight[:, None] * ifmap).ravel()
