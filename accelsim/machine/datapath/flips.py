"""Weights of so few values that signs and shifts replace the multiplier: two, three or five."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from accelsim.machine.datapath.protocol import IntegerIfmap, Widths, Word, check_levels
from accelsim.network.layer import Tensor


@dataclass(frozen=True, kw_only=True)
class _Flips(IntegerIfmap):
    """A weight is one of a few *weights*: it passes an ifmap word, shifts it, flips its sign, or drops it."""

    weights: ClassVar[tuple[int, ...]]
    verb: ClassVar[str] = "flip_add"

    def widths(self, word_bits: int) -> Widths:
        """Bits of words in memory; a weight takes as many as tell its values apart."""
        return Widths(self.ifmap_width(word_bits), (len(self.weights) - 1).bit_length())

    def mac(self, psum: Word, ifmap: Word, weight: Word) -> Word:
        """*psum* plus the ifmap word, shifted or not, with either sign, or plus nothing."""
        if not weight:
            return psum
        shifted = ifmap + ifmap if abs(weight) == 2 else ifmap  # one place to the left
        return psum + shifted if weight > 0 else psum - shifted

    def check_weights(self, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError unless every weight has one of the values."""
        check_levels("weights", weight, self.weights)


@dataclass(frozen=True, kw_only=True)
class Binary(_Flips):
    """A weight of one bit passes an ifmap word, or flips its sign.

    Source: Courbariaux et al., "BinaryConnect", NIPS 2015.
    """

    kind: Literal["binary"]
    weights: ClassVar[tuple[int, ...]] = (-1, 1)


@dataclass(frozen=True, kw_only=True)
class Ternary(_Flips):
    """A weight passes an ifmap word, flips its sign, or does nothing; a bit is for its sign, one for zero.

    Source: Li, Zhang, Liu, "Ternary weight networks", 2016.
    """

    kind: Literal["ternary"]
    weights: ClassVar[tuple[int, ...]] = (-1, 0, 1)
    idle_zeros: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class FiveLevel(_Flips):
    """A weight passes an ifmap word or shifts it by one place, flips its sign or not, or does nothing.

    It takes three bits: sign, shift and zero.
    """

    kind: Literal["five_level"]
    weights: ClassVar[tuple[int, ...]] = (-2, -1, 0, 1, 2)
    verb: ClassVar[str] = "shift_add"
    idle_zeros: ClassVar[bool] = True
