"""One way to quantise a layer, and the hardware that computes with the codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from accelsim.checks import STRICT
from accelsim.datapath import AnyDatapath, Values
from accelsim.errors import ConfigError, blaming
from accelsim.quant import (
    AnyActivation,
    AnyQuantiser,
    Binary,
    Codebook,
    Dorefa,
    DorefaActivation,
    FiveLevel,
    Float,
    FloatActivation,
    Kernels,
    Linear,
    LinearActivation,
    SignActivation,
    Twn,
    Xnor,
)

NARROW, WIDE = 8, 16
"""Words of two machines, to see whether a datapath has widths of its own."""


@dataclass(frozen=True)
class Scheme:
    """A datapath, and the quantisers that give it its words.

    The parts must fit: the datapath takes every value that the quantisers can give, and its words are as wide
    as their codes. It has widths of its own, so that a scheme is the same on every machine. *first_last* is
    what the source gives the first and the last layer of a network, if that is something else.
    """

    __pydantic_config__: ClassVar = STRICT
    name: str
    source: str
    datapath: AnyDatapath
    weights: AnyQuantiser
    ifmap: AnyActivation
    first_last: Scheme | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ConfigError("name must not be empty")
        self._check_widths()
        with blaming("ifmap"):
            self._check_code("ifmap", self.ifmap_bits)
        if not isinstance(self.weights, Kernels):  # whose codes are of kernels
            with blaming("weights"):
                self._check_code("weight", self.weight_bits)
        with blaming("datapath"):
            self.datapath.check(_ifmap_values(self.ifmap), _weight_values(self.weights), WIDE)
        if self.first_last is not None and self.first_last.first_last is not None:
            raise ConfigError("first_last must be a scheme without first_last (got one with)")

    @property
    def ifmap_bits(self) -> int:
        """Bits of an ifmap code."""
        return _float_bits(self.ifmap) if isinstance(self.ifmap, FloatActivation) else _bits(self.ifmap)

    @property
    def weight_bits(self) -> int:
        """Bits of the code of a weight; of a quantiser of kernels, those of a value."""
        return _float_bits(self.weights) if isinstance(self.weights, Float) else _bits(self.weights)

    def _check_widths(self) -> None:
        datapath = self.datapath
        own = [(datapath.widths(word), datapath.multiplier(word, WIDE)) for word in (NARROW, WIDE)]
        if own[0] != own[1]:
            raise ConfigError(
                f"datapath must say how wide its words are (got {datapath.kind} as wide as the machine's)"
            )

    def _check_code(self, operand: str, bits: int) -> None:
        width: int = getattr(self.datapath.widths(WIDE), operand)
        if bits != width:
            raise ConfigError(f"codes must be as wide as the datapath's words, {width} bits (got {bits})")


def _float_bits(quantiser: Float | FloatActivation) -> int:
    return 8 * np.dtype(quantiser.format).itemsize


def _bits(quantiser: Any) -> int:
    match quantiser:
        case Linear() | LinearActivation() | Dorefa() | DorefaActivation():
            return quantiser.bits
        case Codebook():
            return quantiser.codebook_bits
        case Kernels():
            return quantiser.value_bits
        case Twn():
            return 2
        case FiveLevel():
            return 3
    return 1


def _weight_values(quantiser: AnyQuantiser) -> Values:
    """Weights of which some are as large, and as many differ, as *quantiser* can give."""
    match quantiser:
        case Float():
            return np.ones(1, quantiser.format)
        case Linear():
            return _symmetric(quantiser.bits)
        case Kernels():
            return _symmetric(quantiser.value_bits)
        case Codebook():
            last = (1 << quantiser.value_bits - 1) - 1
            return np.arange(last + 1 - (1 << quantiser.codebook_bits), last + 1).clip(min=-last)
        case Twn():
            return _symmetric(2)
        case FiveLevel():
            return np.arange(-2, 3)
        case Dorefa():
            last = (1 << quantiser.bits) - 1
            return np.array([-last, last])
        case Binary() | Xnor():
            return np.array([-1, 1])


def _ifmap_values(quantiser: AnyActivation) -> Values:
    """Ifmap words of which some are as large as *quantiser* can give."""
    match quantiser:
        case FloatActivation():
            return np.ones(1, quantiser.format)
        case LinearActivation(signed=True):
            return _symmetric(quantiser.bits)
        case LinearActivation() | DorefaActivation():
            return np.array([0, (1 << quantiser.bits) - 1])
        case SignActivation():
            return np.array([-1, 1])


def _symmetric(bits: int) -> Values:
    last = (1 << bits - 1) - 1
    return np.array([-last, 0, last])
