"""A read of a table of products against the multiplication, by the laws of an energy table.

Both are followed by the same addition, which is left out. A table of all products of two codes is addressed
by both, k bits each. A table of wide products is addressed by the code of a pair of operands, however wide
these are; that it has to be filled first, and again wherever one of them is no code, is not counted.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log2
from typing import Literal, NamedTuple, TypeVar

from accelsim.energy import EnergyTable
from accelsim.energy.laws import Fixed, Lut, Multiplier, Sram
from accelsim.errors import ConfigError
from accelsim.machine.datapath import LookupTable

LutCost = Literal["energy", "area"]
"""What a table is compared by: the energy of a read, or its area."""

LUT_COSTS: tuple[LutCost, ...] = ("energy", "area")

ADDRESSES = range(2, 17)
"""Bits of an address."""

PAIRS = ADDRESSES[::2]
"""Bits of an address that two codes of as many bits make."""

TWO_CODES = "two codes"
"""The name of the multiplier of two codes, among those of wide ones."""

_INTEGER_BITS = 16
"""Bits of the operands of the wide integer multiplication."""

FLOATS = {"fp16": 16, "fp32": 32}
"""Bits of the products of floats, as of their operands."""

_L = TypeVar("_L")


class Unit(NamedTuple):
    """A multiplier, and the width of its products."""

    name: str
    product_bits: int
    energy: float  # of a multiplication, in the unit of the table
    area: float  # um2


class Crossing(NamedTuple):
    """Up to which width of address a table costs less than the multiplier whose products it holds."""

    unit: str
    quantity: LutCost
    product_bits: int | None  # None: of all products of two codes, as wide as the address
    address_bits: float | None  # where both cost the same; None: nowhere among ADDRESSES
    pays: Literal["below", "everywhere", "nowhere"]

    def __str__(self) -> str:
        return self.pays if self.address_bits is None else f"below {self.address_bits:.1f} bits"


def units(table: EnergyTable) -> list[Unit]:
    """Multipliers of wide operands: of 16-bit integers, and of floats.

    Raises:
        ConfigError: if *table* has none of a kind, or no area of it.
    """
    integer = _law(table, "mac.multiply_add:psum", Multiplier)
    area = integer.area_at(_INTEGER_BITS, _INTEGER_BITS)
    energy = integer.energy_at(_INTEGER_BITS, _INTEGER_BITS)
    found = [(f"int{_INTEGER_BITS}", 2 * _INTEGER_BITS, energy, area)]
    for name, bits in FLOATS.items():
        law = _law(table, f"mac.multiply_add_{name}:psum", Fixed)
        found.append((name, bits, law.energy, law.area_um2))
    for name, _, _, area in found:
        if area is None:
            raise ConfigError(f"energy table {table.name!r} must give an area of {name} (it gives none)")
    return [Unit(name, bits, energy, area) for name, bits, energy, area in found if area is not None]


def lookup(table: EnergyTable, address_bits: int, product_bits: int) -> dict[LutCost, float]:
    """Energy of a read of a table, in the unit of *table*, and its area in um2."""
    law = _law(table, "mac.lookup_add:psum", Lut)
    sram = table.costs[law.beyond]
    assert isinstance(sram, Sram), "the table checks what lies beyond"
    words = LookupTable(1 << address_bits, product_bits)
    return {
        "energy": law.energy_at(words, sram),
        "area": law.area_um2_per_bit * words.entries * words.bits,
    }


def narrow(table: EnergyTable, bits: int) -> dict[LutCost, float]:
    """Energy, in the unit of *table*, and area, um2, of a multiplier of *bits* by *bits*."""
    law = _law(table, "mac.multiply_add:psum", Multiplier)
    area = law.area_at(bits, bits)
    if area is None:
        raise ConfigError(f"energy table {table.name!r} must give an area of a multiplier (it gives none)")
    return {"energy": law.energy_at(bits, bits), "area": area}


def crossings(table: EnergyTable) -> list[Crossing]:
    """Where tables of products of two codes, and of those of :func:`units`, stop paying."""
    found = []
    for quantity in LUT_COSTS:
        ratios = [lookup(table, at, at)[quantity] / narrow(table, at // 2)[quantity] for at in PAIRS]
        found.append(crossing(TWO_CODES, quantity, None, PAIRS, ratios))
        for unit in units(table):
            own = getattr(unit, quantity)
            ratios = [lookup(table, at, unit.product_bits)[quantity] / own for at in ADDRESSES]
            found.append(crossing(unit.name, quantity, unit.product_bits, ADDRESSES, ratios))
    return found


def crossing(
    unit: str,
    quantity: LutCost,
    product_bits: int | None,
    addresses: Sequence[int],
    ratios: Sequence[float],
) -> Crossing:
    """Where *ratios*, the table's cost over the multiplier's at each of *addresses*, first go beyond 1.

    Between two addresses the logarithm of the ratio is linear.
    """
    points = [(at, log2(ratio)) for at, ratio in zip(addresses, ratios, strict=True)]
    for (low, before), (high, after) in pairwise(points):
        if before < 0 <= after:
            at = low - before * (high - low) / (after - before)
            return Crossing(unit, quantity, product_bits, at, "below")
    return Crossing(unit, quantity, product_bits, None, "everywhere" if points[0][1] < 0 else "nowhere")


def _law(table: EnergyTable, action: str, kind: type[_L]) -> _L:
    """The cost of *kind* among those that *action* adds up."""
    found = [table.costs[term] for term in table.terms(action)]
    for law in found:
        if isinstance(law, kind):
            return law
    raise ConfigError(f"energy table {table.name!r} must price {action!r} by a {kind.__name__} (it does not)")
