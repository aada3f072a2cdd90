"""How the energy of one access follows from a published figure: one class for each law, with its source."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from accelsim.checks import STRICT, at_least
from accelsim.energy.access import Access, Price, Provenance
from accelsim.errors import ConfigError


@dataclass(frozen=True)
class Figure:
    """The energy of *operation* on a word of *bits*, in the table's unit."""

    __pydantic_config__: ClassVar = STRICT
    operation: str
    provenance: Provenance
    source: str
    energy: float
    bits: int

    def __post_init__(self) -> None:
        if self.energy <= 0:
            raise ConfigError(f"energy must be above 0, or the action say why it is free (got {self.energy})")
        if self.bits < 1:
            raise ConfigError(f"bits must be at least 1 (got {self.bits})")

    def _scaled(self, bits: int, exponent: int) -> Price:
        energy = self.energy * (bits / self.bits) ** exponent
        return Price(energy, self.provenance == "published" and bits == self.bits)


@dataclass(frozen=True)
class Adder(Figure):
    """An integer adder as wide as a psum word: energy ~ bits.

    Source: Horowitz, ISSCC 2014: 0.03, 0.05 and 0.1 pJ at 8, 16 and 32 bits.
    """

    kind: Literal["adder"]

    def price(self, access: Access, costs: "Mapping[str, Cost]") -> Price:
        """The price of one addition."""
        return self._scaled(access.arch.psum_word_bits, 1)


@dataclass(frozen=True)
class Multiplier(Figure):
    """An integer multiplier of an ifmap word and a weight: energy ~ bits^2, a cell for each pair of bits.

    Source: Horowitz, ISSCC 2014: 0.2 and 3.1 pJ at 8 and 32 bits, 15.5 times for 16 times the cells.
    """

    kind: Literal["multiplier"]

    def price(self, access: Access, costs: "Mapping[str, Cost]") -> Price:
        """The price of one multiplication."""
        return self._scaled(access.arch.word_bits, 2)


@dataclass(frozen=True)
class PerBit(Figure):
    """A DRAM, or a register file of any size: energy ~ bits of the word accessed.

    Source: Han et al., NIPS 2015, price both by the 32-bit word without a size.
    """

    kind: Literal["per_bit"]

    def price(self, access: Access, costs: "Mapping[str, Cost]") -> Price:
        """The price of one word."""
        return self._scaled(access.bits, 1)


@dataclass(frozen=True)
class Fixed(Figure):
    """The same for a word of any width; *bits* says which width was published."""

    kind: Literal["fixed"]

    def price(self, access: Access, costs: "Mapping[str, Cost]") -> Price:
        """The price of one word."""
        return Price(self.energy, self.provenance == "published" and access.bits == self.bits)


@dataclass(frozen=True)
class Ratio:
    """*ratio* times the cost called *of*: a published ratio between two accesses.

    Source: Chen, Emer, Sze, ISCA 2016, Table IV gives accesses relative to each other.
    """

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["ratio"]
    operation: str
    provenance: Provenance
    source: str
    of: str
    ratio: float

    def __post_init__(self) -> None:
        if self.ratio <= 0:
            raise ConfigError(f"ratio must be above 0 (got {self.ratio})")

    def price(self, access: Access, costs: "Mapping[str, Cost]") -> Price:
        """The price of one word; always derived, since only the ratio was published."""
        return Price(self.ratio * costs[self.of].price(access, costs).energy, published=False)


@dataclass(frozen=True)
class Point:
    """A memory of *capacity_bytes* and the energy of one access, in the table's unit."""

    __pydantic_config__: ClassVar = STRICT
    capacity_bytes: int
    energy: float

    def __post_init__(self) -> None:
        for name in ("capacity_bytes", "energy"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} must be above 0 (got {getattr(self, name)})")


@dataclass(frozen=True)
class Sram:
    """A memory on the chip: energy ~ bits of the word, and by capacity a power law between the *points*.

    Below the first point the price stays (a small memory is mostly its periphery); above the last the
    law of the last two goes on. A single point is the price at every size.

    Source: Horowitz, ISSCC 2014: 10, 20 and 100 pJ for 64 bits of 8 KiB, 32 KiB and 1 MiB; the law
    between them is ours.
    """

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["sram"]
    operation: str
    provenance: Provenance
    source: str
    bits: int
    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        sizes = [point.capacity_bytes for point in self.points]
        if not sizes or sizes != sorted(set(sizes)):
            raise ConfigError(f"points must be given in ascending capacity_bytes (got {sizes})")
        if self.bits < 1:
            raise ConfigError(f"bits must be at least 1 (got {self.bits})")

    def energy_at(self, capacity_bytes: int) -> float:
        """Energy of one access of *bits* to a memory of *capacity_bytes*, in the table's unit.

        log E is linear in log capacity between neighbouring points.
        """
        first, *more = self.points
        if capacity_bytes <= first.capacity_bytes or not more:
            return first.energy
        at = next((i for i, p in enumerate(more) if capacity_bytes <= p.capacity_bytes), len(more) - 1)
        low, high = self.points[at], more[at]
        span = math.log(high.capacity_bytes / low.capacity_bytes)
        share = math.log(capacity_bytes / low.capacity_bytes) / span
        growth: float = (high.energy / low.energy) ** share
        return low.energy * growth

    def price(self, access: Access, costs: "Mapping[str, Cost]") -> Price:
        """The price of one word of the GLB that holds it."""
        capacity = access.capacity_bytes
        exact = access.bits == self.bits and capacity in [point.capacity_bytes for point in self.points]
        energy = self.energy_at(capacity) * access.bits / self.bits
        return Price(energy, exact and self.provenance == "published")


@dataclass(frozen=True)
class RegisterFile(Figure):
    """A memory in a PE: up to *up_to_bytes* energy ~ bits of the word; a larger one costs what *beyond* does.

    Source: Han et al., NIPS 2015, price a register file by the 32-bit word without a size; up to which size
    a memory is one is ours.
    """

    kind: Literal["register_file"]
    up_to_bytes: int
    beyond: str  # the cost of an SRAM

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, up_to_bytes=self.up_to_bytes)

    def price(self, access: Access, costs: "Mapping[str, Cost]") -> Price:
        """The price of one word; where the action is on no register file of the machine, of a small one."""
        capacity = access.register_file_bytes
        if capacity <= self.up_to_bytes:
            return self._scaled(access.bits, 1)
        sram = costs[self.beyond]
        assert isinstance(sram, Sram), "the table checks what lies beyond"
        return Price(sram.energy_at(capacity) * access.bits / sram.bits, published=False)


Cost = Adder | Multiplier | PerBit | Fixed | Ratio | Sram | RegisterFile
