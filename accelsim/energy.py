"""What actions cost: counts times prices, each price a published number under a stated law."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

from accelsim.arch import STRICT, Arch
from accelsim.errors import ConfigError

COMPONENTS = ("mac", "rf", "noc", "glb", "dram")
"""What an action's name begins with, from the inside of the chip to the outside."""

CATEGORIES = ("ifmap", "weight", "psum", "mac")
"""The operands, and the arithmetic, which belongs to none."""

ACTIONS = (
    "mac.multiply_add:psum",
    "mac.gated:psum",  # a zero ifmap value gated the MAC
    "mac.add:psum",  # the adder alone takes a psum from below
    "rf.read:ifmap",
    "rf.write:ifmap",
    "rf.read:weight",
    "rf.gated_read:weight",
    "rf.write:weight",
    "rf.read:psum",
    "rf.write:psum",
    "noc.deliver:ifmap",  # a word into one destination PE; a multicast counts each
    "noc.deliver:weight",
    "noc.deliver:psum",
    "noc.collect:psum",  # top PE to GLB
    "noc.hop:psum",  # a PE to the PE above
    "glb.read:ifmap",
    "glb.write:ifmap",
    "glb.read:psum",
    "glb.write:psum",
    "glb.read:weight",  # the filter GLB
    "glb.write:weight",
    "dram.read:ifmap",
    "dram.read:weight",
    "dram.write:psum",
)
"""What the machine counts, in words; an energy table may price more."""

Provenance = Literal["published", "derived"]
_ACTION = re.compile(r"([a-z_]+)\.[a-z_]+:([a-z_]+)")


class Access(NamedTuple):
    """One action on one word of an architecture."""

    name: str
    arch: Arch

    @property
    def bits(self) -> int:
        """Width of the word: a psum's or, for ifmap and weight, the arithmetic's."""
        return self.arch.psum_word_bits if self.name.endswith(":psum") else self.arch.word_bits

    @property
    def capacity_bytes(self) -> int:
        """Size of the GLB that holds the word: the filter GLB for weights.

        Raises:
            ConfigError: if the architecture has no filter GLB.
        """
        if not self.name.endswith(":weight"):
            return self.arch.glb.bytes
        if self.arch.filter_glb is None:
            raise ConfigError(f"filter_glb must be given for {self.name!r} to have a price (got null)")
        return self.arch.filter_glb.bytes


class Price(NamedTuple):
    """Energy of one action, in the table's unit, and whether that very number was published."""

    energy: float
    published: bool


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
    """An integer adder as wide as a psum word: energy ~ bits, a ripple of full adders."""

    kind: Literal["adder"]

    def price(self, access: Access, costs: "Mapping[str, Cost]") -> Price:
        """The price of one addition."""
        return self._scaled(access.arch.psum_word_bits, 1)


@dataclass(frozen=True)
class Multiplier(Figure):
    """An integer array multiplier of two ifmap or weight words: energy ~ bits^2, one cell per pair of bits."""

    kind: Literal["multiplier"]

    def price(self, access: Access, costs: "Mapping[str, Cost]") -> Price:
        """The price of one multiplication."""
        return self._scaled(access.arch.word_bits, 2)


@dataclass(frozen=True)
class PerBit(Figure):
    """A register file or a DRAM: energy ~ bits of the word accessed, whatever the size of the memory."""

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
    """*ratio* times the cost called *of*: a published ratio between two accesses."""

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
        return low.energy * (high.energy / low.energy) ** share

    def price(self, access: Access, costs: "Mapping[str, Cost]") -> Price:
        """The price of one word of the GLB that holds it."""
        capacity = access.capacity_bytes
        exact = access.bits == self.bits and capacity in [point.capacity_bytes for point in self.points]
        energy = self.energy_at(capacity) * access.bits / self.bits
        return Price(energy, exact and self.provenance == "published")


Cost = Adder | Multiplier | PerBit | Fixed | Ratio | Sram


@dataclass(frozen=True)
class Free:
    """An action without a price, and why."""

    __pydantic_config__: ClassVar = STRICT
    why: str


@dataclass(frozen=True)
class EnergyTable:
    """Prices of one technology: *costs* are the figures, *actions* the costs that each action adds up.

    *unit* is that of every energy: picojoules, or the energy of one MAC. The tables published price no
    clock and no leakage; *leakage_pw* gives a component's leakage in picowatts where it is known.
    """

    __pydantic_config__: ClassVar = STRICT
    name: str
    node_nm: int
    unit: Literal["pJ", "mac"]
    source: str
    costs: dict[str, Cost]
    actions: dict[str, tuple[str, ...] | Free]
    leakage_pw: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.node_nm < 1:
            raise ConfigError(f"node_nm must be at least 1 (got {self.node_nm})")
        self._check_costs()
        self._check_leakage()

    def _check_costs(self) -> None:
        for name, terms in self.actions.items():
            if not _ACTION.fullmatch(name):
                raise ConfigError(f"actions must be named component.action:operand (got {name!r})")
            if terms == ():
                raise ConfigError(f"actions.{name} must name its costs, or say why it is free (got [])")
        for name, cost in self._named_costs():
            if cost not in self.costs:
                known = ", ".join(self.costs)
                raise ConfigError(f"{name} must name a cost of the table: {known} (got {cost!r})")
        unused = sorted(set(self.costs) - {cost for _, cost in self._named_costs()})
        if unused:
            raise ConfigError(f"costs.{unused[0]} must be part of an action's price (it is part of none)")
        for name, law in self.costs.items():
            if isinstance(law, Ratio) and isinstance(self.costs[law.of], Ratio):
                raise ConfigError(f"costs.{name}.of must name a cost that is no ratio (got {law.of!r})")

    def _named_costs(self) -> list[tuple[str, str]]:
        """Every place that names a cost, and the name."""
        ratios = [(f"costs.{name}.of", c.of) for name, c in self.costs.items() if isinstance(c, Ratio)]
        priced = [(name, terms) for name, terms in self.actions.items() if not isinstance(terms, Free)]
        return ratios + [(f"actions.{name}", term) for name, terms in priced for term in terms]

    def _check_leakage(self) -> None:
        for component, power in self.leakage_pw.items():
            if component not in COMPONENTS:
                known = ", ".join(COMPONENTS)
                raise ConfigError(f"leakage_pw must name components, of {known} (got {component!r})")
            if power < 0:
                raise ConfigError(f"leakage_pw.{component} must be at least 0 (got {power})")
        if self.leakage_pw and self.unit != "pJ":
            raise ConfigError(f"leakage_pw must be left out unless the unit is pJ (got unit {self.unit!r})")

    def price(self, access: Access) -> Price:
        """The price of one action.

        Raises:
            ConfigError: if the table has none for it.
        """
        if access.name not in self.actions:
            raise ConfigError(f"energy table {self.name!r} must price {access.name!r} (it has no such action)")
        terms = self.actions[access.name]
        if isinstance(terms, Free):
            return Price(0.0, published=False)
        parts = [self.costs[term].price(access, self.costs) for term in terms]
        return Price(math.fsum(p.energy for p in parts), all(p.published for p in parts))


def prices(table: EnergyTable, arch: Arch, names: Iterable[str]) -> dict[str, float]:
    """Energy of one of each action of *names* on *arch*, in the table's unit.

    Raises:
        ConfigError: if an action has no price.
    """
    return {name: table.price(Access(name, arch)).energy for name in names}


def provenance(table: EnergyTable, arch: Arch, names: Iterable[str]) -> dict[str, Provenance]:
    """Whether each price on *arch* was published as it stands, or derived under a law or a convention."""
    published = {name: table.price(Access(name, arch)).published for name in names}
    return {name: "published" if yes else "derived" for name, yes in published.items()}


def price(actions: Mapping[str, int], table: EnergyTable, arch: Arch) -> dict[str, float]:
    """Energy by action name, in the table's unit: counts times prices and nothing else.

    Raises:
        ConfigError: if an action has no price.
    """
    return {name: actions[name] * unit for name, unit in prices(table, arch, actions).items()}


def by_component(energy: Mapping[str, float]) -> dict[str, float]:
    """*energy* by action name, summed by component; mac, rf, noc, glb and dram come first."""
    return _summed(energy, COMPONENTS, lambda component, operand: component)


def by_operand(energy: Mapping[str, float]) -> dict[str, float]:
    """*energy* by action name, summed by operand; what ``mac`` spends is its own category."""
    return _summed(energy, CATEGORIES, lambda component, operand: "mac" if component == "mac" else operand)
