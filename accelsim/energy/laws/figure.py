"""One published figure for an operation, and the laws that need no more than it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from accelsim.checks import at_least, check_positive, description
from accelsim.energy.access import Access, Area, Price, Provenance, area_of
from accelsim.errors import ConfigError


@description
class Law:
    """How the energy of *operation*, and the area of what does it, follow from what was published."""

    operation: str
    source: str

    def price(self, access: Access, costs: "CostTable") -> Price:
        """The price of one access; *costs* are all laws of the table, by name."""
        raise NotImplementedError

    def area(self, access: Access, costs: "CostTable") -> Area | None:
        """Area of one part of a datapath; None without a figure, as for memories and wires."""
        return None


CostTable = Mapping[str, Law]
"""The laws of an energy table, by the name of their cost."""

_L = TypeVar("_L", bound=Law)


def law_of(costs: CostTable, name: str, kind: type[_L]) -> _L:
    """The law of the cost *name*, which the table has checked to be of *kind*."""
    law = costs[name]
    assert isinstance(law, kind), "the table checks what a law is built on"
    return law


@description
class Figure(Law):
    """The energy of *operation* on a word of *bits*, in the table's unit."""

    provenance: Provenance
    energy: float
    bits: int

    def __post_init__(self) -> None:
        if self.energy <= 0:
            raise ConfigError(f"energy must be above 0, or the action say why it is free (got {self.energy})")
        at_least(1, bits=self.bits)

    def _per_bit(self, bits: int) -> Price:
        return Price(self.energy * bits / self.bits, self._is(bits))

    def _is(self, bits: int) -> bool:
        return self.provenance == "published" and bits == self.bits


@dataclass(frozen=True)
class PerBit(Figure):
    """A DRAM: energy in proportion to the bits of the word accessed.

    Source: Han et al., NIPS 2015, and Horowitz, ISSCC 2014, price it by the word without a size.
    """

    kind: Literal["per_bit"]

    def price(self, access: Access, costs: CostTable) -> Price:
        """The price of one word."""
        return self._per_bit(access.bits)


@dataclass(frozen=True)
class Fixed(Figure):
    """One price for words of any width, as for a unit with one format; it was published for *bits*."""

    kind: Literal["fixed"]
    area_um2: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(area_um2=self.area_um2)

    def price(self, access: Access, costs: CostTable) -> Price:
        """The price of one word."""
        return Price(self.energy, self._is(access.bits))

    def area(self, access: Access, costs: CostTable) -> Area | None:
        """Area of one unit; None if none was published."""
        return area_of(self.area_um2, published=self._is(access.bits))


@description
class Ratio(Law):
    """*ratio* times the cost called *of*: a published ratio between two accesses.

    Source: Chen, Emer, Sze, ISCA 2016, Table IV gives accesses relative to each other.
    """

    kind: Literal["ratio"]
    provenance: Provenance
    of: str
    ratio: float

    def __post_init__(self) -> None:
        check_positive(ratio=self.ratio)

    def price(self, access: Access, costs: CostTable) -> Price:
        """The price of one word; always derived, since only the ratio was published."""
        return Price(self.ratio * costs[self.of].price(access, costs).energy, published=False)
