"""Integer arithmetic: adders and multipliers by width, and what is made of the cells of an adder."""

from dataclasses import dataclass
from typing import Literal

from accelsim.checks import check_positive, description
from accelsim.energy.access import Access, Area, Price, Provenance
from accelsim.energy.curves import power, straight
from accelsim.energy.laws.figure import CostTable
from accelsim.errors import ConfigError


@description
class Width:
    """An operation on words of *bits*: its energy, in the table's unit, and the area of what does it."""

    bits: int
    energy: float
    provenance: Provenance
    area_um2: float | None = None

    def __post_init__(self) -> None:
        check_positive(bits=self.bits, energy=self.energy, area_um2=self.area_um2)


@description
class _Widths:
    """An operation at the *points* where its energy, and maybe its area, is known."""

    operation: str
    source: str
    points: tuple[Width, ...]

    def __post_init__(self) -> None:
        bits = [point.bits for point in self.points]
        if not bits or bits != sorted(set(bits)):
            raise ConfigError(f"points must be given in ascending bits (got {bits})")

    def _published(self, bits: int) -> bool:
        return any(point.bits == bits and point.provenance == "published" for point in self.points)

    def _provenance(self, bits: int) -> Provenance:
        return "published" if self._published(bits) else "derived"

    @property
    def _energies(self) -> list[tuple[float, float]]:
        return [(point.bits, point.energy) for point in self.points]

    @property
    def _areas(self) -> list[tuple[float, float]]:
        return [(point.bits, point.area_um2) for point in self.points if point.area_um2 is not None]


@dataclass(frozen=True)
class Adder(_Widths):
    """An integer adder as wide as a psum: linear in bits between the points, proportional outside.

    Source: Horowitz, ISSCC 2014: 0.03, 0.05 and 0.1 pJ, 36, 67 and 137 um2 at 8, 16 and 32 bits; the law
    between them is ours.
    """

    kind: Literal["adder"]

    def energy_at(self, bits: int) -> float:
        """Energy of an addition of words of *bits*, in the table's unit."""
        return straight(bits, self._energies)

    def area_at(self, bits: int) -> float | None:
        """Area of an adder of *bits*, in um2; None if the table has no area."""
        return straight(bits, self._areas) if self._areas else None

    @property
    def cell(self) -> tuple[float, float | None]:
        """Energy, in the table's unit, and area, in um2 or None, of one bit of the narrowest adder known."""
        narrowest = self.points[0]
        area = self.area_at(narrowest.bits)
        return narrowest.energy / narrowest.bits, None if area is None else area / narrowest.bits

    def price(self, access: Access, costs: CostTable) -> Price:
        """The price of one addition."""
        bits = access.arch.bits("psum")
        return Price(self.energy_at(bits), self._published(bits))

    def area(self, access: Access, costs: CostTable) -> Area | None:
        """Area of one adder as wide as a psum; None if the table has no area."""
        bits = access.arch.bits("psum")
        um2 = self.area_at(bits)
        return None if um2 is None else Area(um2, self._provenance(bits))


@dataclass(frozen=True)
class Multiplier(_Widths):
    """An integer multiplier with a cell for each pair of bits of its two operands.

    A power law of the cells between the points, proportional to them outside; a point of n bits has n^2.
    Source: Horowitz, ISSCC 2014: 0.2 and 3.1 pJ, 282 and 3495 um2 at 8 and 32 bits: 15.5 and 12.4 times for
    16 times the cells; the law is ours.
    """

    kind: Literal["multiplier"]

    def energy_at(self, a: int, b: int) -> float:
        """Energy of a product of *a* by *b* bits, in the table's unit."""
        return power(a * b, [(bits**2, energy) for bits, energy in self._energies])

    def area_at(self, a: int, b: int) -> float | None:
        """Area of a multiplier of *a* by *b* bits, in um2; None if the table has no area."""
        known = [(bits**2, area) for bits, area in self._areas]
        return power(a * b, known) if known else None

    def price(self, access: Access, costs: CostTable) -> Price:
        """The price of one multiplication."""
        a, b = access.multiplier
        return Price(self.energy_at(a, b), a == b and self._published(a))

    def area(self, access: Access, costs: CostTable) -> Area | None:
        """Area of one multiplier; published only if both operands have the width of a published point."""
        a, b = access.multiplier
        um2 = self.area_at(a, b)
        if um2 is None:
            return None
        return Area(um2, self._provenance(a) if a == b else "derived")


@description
class Gates:
    """A gate for each bit of a word, priced and sized as the adder *of* of as many bits.

    An upper bound, and ours: a full adder has an exclusive-or or a multiplexer, and more. *word* is an ifmap
    word, the same shifted by a place, or a psum.
    """

    kind: Literal["gates"]
    operation: str
    source: str
    of: str  # the cost of an adder
    word: Literal["ifmap", "shifted", "psum"]

    def bits(self, access: Access) -> int:
        """Gates for one word: its width in bits."""
        if self.word == "psum":
            return access.arch.bits("psum")
        ifmap = access.arch.datapath.widths(access.arch.word_bits).ifmap
        return ifmap + (self.word == "shifted")

    def price(self, access: Access, costs: CostTable) -> Price:
        """The price of one word."""
        return Price(_adder(costs, self.of).energy_at(self.bits(access)), published=False)

    def area(self, access: Access, costs: CostTable) -> Area | None:
        """Area of the gates for one word; None if the adder has no area."""
        um2 = _adder(costs, self.of).area_at(self.bits(access))
        return None if um2 is None else Area(um2, "derived")


@description
class Cells:
    """Cells of the adder *of*, a bit of the narrowest one each: for a product of signs, or their count.

    A product takes one, and there are as many as lanes. A count of n lanes takes n - 1, each of which takes
    three bits to two. Ours; for a product, less than a full adder does, an upper bound.
    """

    kind: Literal["cells"]
    operation: str
    source: str
    of: str  # the cost of an adder
    work: Literal["product", "count"]

    def price(self, access: Access, costs: CostTable) -> Price:
        """The price of one product, or of one count of all lanes."""
        switched = 1 if self.work == "product" else access.arch.datapath.lanes - 1
        return Price(switched * _adder(costs, self.of).cell[0], published=False)

    def area(self, access: Access, costs: CostTable) -> Area | None:
        """Area of the cells for all lanes; None if the adder has no area."""
        um2 = _adder(costs, self.of).cell[1]
        cells = access.arch.datapath.lanes - (self.work == "count")
        return None if um2 is None else Area(cells * um2, "derived")


def _adder(costs: CostTable, name: str) -> Adder:
    law = costs[name]
    assert isinstance(law, Adder), "the table checks what it is a part of"
    return law
