"""Floating-point arithmetic: half, single, or half products that are added in single precision."""

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

import numpy as np

from accelsim.errors import ConfigError
from accelsim.machine.datapath.protocol import Datapath, Widths, Word
from accelsim.network.layer import Tensor

_Words = TypeVar("_Words", Word, Tensor)
"""A word or a psum, or several of them side by side."""

FloatingFormat = Literal["float16", "float32", "mixed"]


@dataclass(frozen=True, kw_only=True)
class Floating(Datapath):
    """A multiplier and an adder for floats, each rounded to nearest even; additions in the PE's order.

    *mixed* multiplies words of 16 bits, which is exact in 32, and adds in 32.
    Source: IEEE 754-2008; Micikevicius et al., "Mixed precision training", ICLR 2018, for *mixed*.
    """

    kind: Literal["float"]
    format: FloatingFormat
    floating: ClassVar[bool] = True

    @property
    def word(self) -> type[np.float16] | type[np.float32]:  # type: ignore[override]
        """The numpy type of ifmap words and weights."""
        return np.float32 if self.format == "float32" else np.float16

    @property
    def psum(self) -> type[np.float16] | type[np.float32]:
        """The numpy type of psums and of products."""
        return np.float16 if self.format == "float16" else np.float32

    @property
    def zero(self) -> Word:  # type: ignore[override]
        """The psum to which nothing has been added yet: +0.0."""
        return self.psum(0)

    @property
    def verb(self) -> str:  # type: ignore[override]
        """Verb of the action that counts a MAC; it names the format, which has a price of its own."""
        return f"multiply_add_{self.format.replace('float', 'fp')}"

    @property
    def adds(self) -> str:  # type: ignore[override]
        """Verb of the action that counts the addition of two psums."""
        return "add_fp16" if self.format == "float16" else "add_fp32"

    def widths(self, word_bits: int) -> Widths:
        """Bits of words in memory: those of the format; *word_bits* has no say."""
        bits = {np.float16: 16, np.float32: 32}
        return Widths(bits[self.word], bits[self.word], bits[self.psum])

    def mac(self, psum: _Words, ifmap: _Words, weight: _Words) -> _Words:
        """*psum* plus the product, each rounded once; an overflow becomes an infinity without a warning."""
        with np.errstate(over="ignore", invalid="ignore"):
            return psum + self.psum(ifmap) * self.psum(weight)

    def plus(self, psum: _Words, other: _Words) -> _Words:
        """The sum of two psums, rounded once; an overflow becomes an infinity without a warning."""
        with np.errstate(over="ignore", invalid="ignore"):
            return psum + other

    def check(self, ifmap: Tensor, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError unless both are finite floats of the datapath's own word type."""
        for what, values in (("ifmap words", ifmap), ("weights", weight)):
            if values.dtype != self.word:
                raise ConfigError(
                    f"{what} of this datapath must be {np.dtype(self.word)} (got {values.dtype})"
                )
            if not np.isfinite(values).all():
                raise ConfigError(f"{what} must be finite (got an infinity or NaN)")
