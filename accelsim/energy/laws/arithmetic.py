"""Integer arithmetic: adders and multipliers by width, and what is made of the cells of an adder."""

import math
from dataclasses import dataclass
from typing import Literal

from accelsim.checks import check_positive, description
from accelsim.energy.access import Access, Area, Price, Provenance, area_of
from accelsim.energy.curves import Points, power, straight
from accelsim.energy.laws.figure import CostTable, Law, law_of
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
class _Widths(Law):
    """An operation at the *points* where its energy, and maybe its area, is known.

    Its size is the product of the widths of its operands; a point of n bits has all of them n bits wide.
    """

    points: tuple[Width, ...]

    def __post_init__(self) -> None:
        bits = [point.bits for point in self.points]
        if not bits or bits != sorted(set(bits)):
            raise ConfigError(f"points must be given in ascending bits (got {bits})")

    def _operands(self, access: Access) -> tuple[int, ...]:
        """Widths of the operands on a machine, in bits."""
        raise NotImplementedError

    def _between(self, size: int, points: Points) -> float:
        """What the law makes of a *size* between or beyond *points*."""
        raise NotImplementedError

    def energy_at(self, *operands: int) -> float:
        """Energy of an operation on words of the widths *operands*, in the table's unit."""
        known = [(point.bits ** len(operands), point.energy) for point in self.points]
        return self._between(math.prod(operands), known)

    def area_at(self, *operands: int) -> float | None:
        """Area of what operates on words of the widths *operands*, in um2; None if the table has no area."""
        sizes = [(point.bits ** len(operands), point.area_um2) for point in self.points]
        known = [(size, area) for size, area in sizes if area is not None]
        return self._between(math.prod(operands), known) if known else None

    def price(self, access: Access, costs: CostTable) -> Price:
        """The price of one operation."""
        operands = self._operands(access)
        return Price(self.energy_at(*operands), self._published(operands))

    def area(self, access: Access, costs: CostTable) -> Area | None:
        """Area of one unit; published only if all operands have the width of a published point."""
        operands = self._operands(access)
        return area_of(self.area_at(*operands), published=self._published(operands))

    def _published(self, operands: tuple[int, ...]) -> bool:
        return any({p.bits} == set(operands) and p.provenance == "published" for p in self.points)


@dataclass(frozen=True)
class Adder(_Widths):
    """An integer adder as wide as a psum: linear in bits between the points, proportional outside.

    Source: Horowitz, ISSCC 2014: 0.03, 0.05 and 0.1 pJ, 36, 67 and 137 um2 at 8, 16 and 32 bits; the law
    between them is ours.
    """

    kind: Literal["adder"]

    @property
    def cell(self) -> tuple[float, float | None]:
        """Energy, in the table's unit, and area, in um2 or None, of one bit of the narrowest adder known."""
        narrowest = self.points[0]
        area = self.area_at(narrowest.bits)
        return narrowest.energy / narrowest.bits, None if area is None else area / narrowest.bits

    def _operands(self, access: Access) -> tuple[int, ...]:
        return (access.arch.bits("psum"),)

    def _between(self, size: int, points: Points) -> float:
        return straight(size, points)


@dataclass(frozen=True)
class Multiplier(_Widths):
    """An integer multiplier with a cell for each pair of bits of its two operands.

    A power law of the cells between the points, proportional to them outside; a point of n bits has n^2.
    Source: Horowitz, ISSCC 2014: 0.2 and 3.1 pJ, 282 and 3495 um2 at 8 and 32 bits: 15.5 and 12.4 times for
    16 times the cells; the law is ours.
    """

    kind: Literal["multiplier"]

    def _operands(self, access: Access) -> tuple[int, ...]:
        return access.multiplier

    def _between(self, size: int, points: Points) -> float:
        return power(size, points)


@description
class Gates(Law):
    """A gate for each bit of a word, priced and sized as the adder *of* of as many bits.

    An upper bound, and ours: a full adder has an exclusive-or or a multiplexer, and more. *word* is an ifmap
    word, the same shifted by a place, or a psum.
    """

    kind: Literal["gates"]
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
        return Price(law_of(costs, self.of, Adder).energy_at(self.bits(access)), published=False)

    def area(self, access: Access, costs: CostTable) -> Area | None:
        """Area of the gates for one word; None if the adder has no area."""
        return area_of(law_of(costs, self.of, Adder).area_at(self.bits(access)))


@description
class Cells(Law):
    """Cells of the adder *of*, a bit of the narrowest one each: for a product of signs, or their count.

    A product takes one, and there are as many as lanes. A count of n lanes takes n - 1, each of which takes
    three bits to two. Ours; for a product, less than a full adder does, an upper bound.
    """

    kind: Literal["cells"]
    of: str  # the cost of an adder
    work: Literal["product", "count"]

    def price(self, access: Access, costs: CostTable) -> Price:
        """The price of one product, or of one count of all lanes."""
        switched = 1 if self.work == "product" else access.arch.datapath.lanes - 1
        return Price(switched * law_of(costs, self.of, Adder).cell[0], published=False)

    def area(self, access: Access, costs: CostTable) -> Area | None:
        """Area of the cells for all lanes; None if the adder has no area."""
        um2 = law_of(costs, self.of, Adder).cell[1]
        cells = access.arch.datapath.lanes - (self.work == "count")
        return area_of(None if um2 is None else cells * um2)
