"""Weights of so few values that signs and shifts replace the multiplier: two, three or five."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from accelsim.machine.datapath.protocol import IntegerIfmap, Number, Widths, check_levels
from accelsim.network.layer import Tensor


@dataclass(frozen=True, kw_only=True)
class Binary(IntegerIfmap):
    """A weight of one bit passes an ifmap word, or flips its sign.

    Source: Courbariaux et al., "BinaryConnect", NIPS 2015.
    """

    kind: Literal["binary"]
    verb: ClassVar[str] = "flip_add"

    def widths(self, word_bits: int) -> Widths:
        """Bits of words in memory; one bit distinguishes weights of +1 and -1."""
        return Widths(self.ifmap_width(word_bits), 1)

    def mac(self, psum: Number, ifmap: Number, weight: Number) -> Number:
        """*psum* plus the ifmap word or its negative."""
        return psum + ifmap if weight > 0 else psum - ifmap

    def check_weights(self, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError unless every weight is -1 or +1."""
        check_levels("weights", weight, (-1, 1))


@dataclass(frozen=True, kw_only=True)
class Ternary(IntegerIfmap):
    """A weight passes an ifmap word, flips its sign, or does nothing.

    Source: Li, Zhang, Liu, "Ternary weight networks", 2016.
    """

    kind: Literal["ternary"]
    verb: ClassVar[str] = "flip_add"
    idle_zeros: ClassVar[bool] = True

    def widths(self, word_bits: int) -> Widths:
        """Bits of words in memory; a weight takes two, one for its sign and one for zero."""
        return Widths(self.ifmap_width(word_bits), 2)

    def mac(self, psum: Number, ifmap: Number, weight: Number) -> Number:
        """*psum* plus the ifmap word, its negative, or nothing."""
        if not weight:
            return psum
        return psum + ifmap if weight > 0 else psum - ifmap

    def check_weights(self, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError unless every weight is -1, 0 or +1."""
        check_levels("weights", weight, (-1, 0, 1))


@dataclass(frozen=True, kw_only=True)
class FiveLevel(IntegerIfmap):
    """A weight passes an ifmap word or shifts it by one place, flips its sign or not, or does nothing."""

    kind: Literal["five_level"]
    verb: ClassVar[str] = "shift_add"
    idle_zeros: ClassVar[bool] = True

    def widths(self, word_bits: int) -> Widths:
        """Bits of words in memory; a weight takes three: sign, shift and zero."""
        return Widths(self.ifmap_width(word_bits), 3)

    def mac(self, psum: Number, ifmap: Number, weight: Number) -> Number:
        """*psum* plus the ifmap word, shifted or not, with either sign, or plus nothing."""
        if not weight:
            return psum
        shifted = ifmap + ifmap if abs(weight) == 2 else ifmap  # one place to the left
        return psum + shifted if weight > 0 else psum - shifted

    def check_weights(self, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError unless every weight is in -2..2."""
        check_levels("weights", weight, (-2, -1, 0, 1, 2))
