"""One way to quantise a layer, and the hardware that computes with the codes."""

from __future__ import annotations

from accelsim.checks import description
from accelsim.errors import ConfigError, blaming
from accelsim.machine.datapath import AnyDatapath
from accelsim.values.quant import AnyActivation, AnyQuantiser

NARROW, WIDE = 8, 16
"""Word widths, in bits, of two machines: a datapath that differs between them has no widths of its own."""


@description
class Scheme:
    """A datapath, and the quantisers that give it its words.

    The parts must fit: the datapath takes every value that the quantisers can give, and its words are as wide
    as their codes. The datapath fixes its widths, so that a scheme is the same on every machine.
    *first_last* is the scheme of the first and the last layer, if the source treats them differently.
    """

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
            self._check_code("ifmap", self.ifmap.word_bits)
        with blaming("weights"):
            self._check_code("weight", self.weights.word_bits)
        with blaming("datapath"):
            self.datapath.check(self.ifmap.extremes, self.weights.extremes, WIDE)
        if self.first_last is not None and self.first_last.first_last is not None:
            raise ConfigError("first_last must be a scheme without first_last (got one with)")

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
