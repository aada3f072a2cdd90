"""Floating-point arithmetic: half, single, or half products that are added in single precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from accelsim.errors import ConfigError
from accelsim.machine.datapath.protocol import Datapath, Widths
from accelsim.network.layer import Tensor

FloatingFormat = Literal["float16", "float32", "mixed"]


@dataclass(frozen=True, kw_only=True)
class Floating(Datapath):
    """A multiplier and an adder for floats, each rounded to nearest even; additions in the PE's order.

    *mixed* multiplies words of 16 bits, which is exact in 32, and adds in 32.
    Source: IEEE 754-2008; Micikevicius et al., "Mixed precision training", ICLR 2018, for *mixed*.
    """

    kind: Literal["float"]
    format: FloatingFormat

    @property
    def floating(self) -> bool:
        """The order of additions matters."""
        return True

    @property
    def word(self) -> type[np.floating[Any]]:
        """The type of ifmap words and weights."""
        return np.float32 if self.format == "float32" else np.float16

    @property
    def psum(self) -> type[np.floating[Any]]:
        """The type of psums."""
        return np.float16 if self.format == "float16" else np.float32

    @property
    def zero(self) -> Any:
        """Plus zero."""
        return self.psum(0)

    @property
    def verb(self) -> str:  # type: ignore[override]
        """What a MAC is called."""
        return {"float16": "multiply_add_fp16", "float32": "multiply_add_fp32"}.get(
            self.format, "multiply_add_mixed"
        )

    @property
    def adds(self) -> str:  # type: ignore[override]
        """What an addition is called."""
        return "add_fp16" if self.format == "float16" else "add_fp32"

    def widths(self, word_bits: int) -> Widths:
        """Those of the formats, whatever the machine's words are."""
        bits = {np.float16: 16, np.float32: 32}
        return Widths(bits[self.word], bits[self.word], bits[self.psum])

    def mac(self, psum: Any, ifmap: Any, weight: Any) -> Any:
        """One rounding of the product, one of the sum."""
        with np.errstate(over="ignore", invalid="ignore"):
            return psum + self.psum(ifmap) * self.psum(weight)

    def plus(self, psum: Any, other: Any) -> Any:
        """One rounding."""
        with np.errstate(over="ignore", invalid="ignore"):
            return psum + other

    def check(self, ifmap: Tensor, weight: Tensor, word_bits: int) -> None:
        """Both must be floats of its words, and finite."""
        for what, values in (("ifmap words", ifmap), ("weights", weight)):
            if values.dtype != self.word:
                raise ConfigError(
                    f"{what} of this datapath must be {np.dtype(self.word)} (got {values.dtype})"
                )
            if not np.isfinite(values).all():
                raise ConfigError(f"{what} must be finite (got an infinity or no number)")
