"""Memories on the chip, priced by the bits of a word and the capacity."""

import math
from dataclasses import dataclass
from typing import Literal

from accelsim.checks import at_least, check_positive, description
from accelsim.energy.access import Access, Area, Price, Provenance
from accelsim.energy.curves import through
from accelsim.energy.laws.figure import CostTable, Figure, Law, law_of
from accelsim.errors import ConfigError
from accelsim.machine.datapath import LookupTable


@description
class SramPoint:
    """A memory of *capacity_bytes* and the energy of one access, in the table's unit."""

    capacity_bytes: int
    energy: float

    def __post_init__(self) -> None:
        check_positive(capacity_bytes=self.capacity_bytes, energy=self.energy)


@description
class Sram(Law):
    """A memory on the chip: energy ~ bits of the word, and by capacity a power law between the *points*.

    Below the first point the price stays (a small memory is mostly its periphery); above the last the
    law of the last two goes on. A single point is the price at every size.

    Source: Horowitz, ISSCC 2014: 10, 20 and 100 pJ for 64 bits of 8 KiB, 32 KiB and 1 MiB; the law
    between them is ours.
    """

    kind: Literal["sram"]
    provenance: Provenance
    bits: int
    points: tuple[SramPoint, ...]

    def __post_init__(self) -> None:
        sizes = [point.capacity_bytes for point in self.points]
        if not sizes or sizes != sorted(set(sizes)):
            raise ConfigError(f"points must be given in ascending capacity_bytes (got {sizes})")
        at_least(1, bits=self.bits)

    def energy_at(self, capacity_bytes: float) -> float:
        """Energy of one access of *bits* to a memory of *capacity_bytes*, in the table's unit.

        log E is linear in log capacity between neighbouring points.
        """
        first, *more = self.points
        if capacity_bytes <= first.capacity_bytes or not more:
            return first.energy
        at = next((i for i, p in enumerate(more) if capacity_bytes <= p.capacity_bytes), len(more) - 1)
        low, high = ((point.capacity_bytes, point.energy) for point in (self.points[at], more[at]))
        return through(capacity_bytes, low, high)

    def price(self, access: Access, costs: CostTable) -> Price:
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

    def price(self, access: Access, costs: CostTable) -> Price:
        """The price of one word; where the machine has no such register file, that of a small one."""
        capacity = access.register_file_bytes
        if capacity <= self.up_to_bytes:
            return self._per_bit(access.bits)
        sram = law_of(costs, self.beyond, Sram)
        return Price(sram.energy_at(capacity) * access.bits / sram.bits, published=False)


@description
class Lut(Law):
    """A look-up table in a PE: energy ~ bits of an entry and, up to the smallest SRAM, sqrt(capacity).

    E = E0 * bits / bits0 * sqrt(bytes / bytes0), with the first point of the SRAM *beyond*, whose law prices
    a larger table; a write costs what a read does. Area ~ bits of the whole table.

    Source: Horowitz, ISSCC 2014: from 8 to 32 KiB, four times the capacity costs twice the energy. That this
    goes on below, and that a small table is as dense as a large one, a lower bound of its area, is ours.
    At 328 bytes it gives the register file of Han et al., NIPS 2015: 1 pJ for 32 bits.
    """

    kind: Literal["lut"]
    beyond: str  # the cost of an SRAM
    area_um2_per_bit: float

    def __post_init__(self) -> None:
        check_positive(area_um2_per_bit=self.area_um2_per_bit)

    def energy_at(self, table: LookupTable, sram: Sram) -> float:
        """Energy of a read of *table*, in the unit of *sram*, the law that prices larger tables."""
        smallest = sram.points[0]
        word = sram.energy_at(table.bytes) * table.bits / sram.bits
        return word * math.sqrt(min(1.0, table.bytes / smallest.capacity_bytes))

    def price(self, access: Access, costs: CostTable) -> Price:
        """The price of a read or a write of the datapath's table."""
        return Price(self.energy_at(access.table, law_of(costs, self.beyond, Sram)), published=False)

    def area(self, access: Access, costs: CostTable) -> Area:
        """Area of the datapath's look-up table."""
        table = access.table
        return Area(self.area_um2_per_bit * table.entries * table.bits, "derived")
