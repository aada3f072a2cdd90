"""Energy of a run: counts times prices and nothing else, by action, component and operand."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from accelsim.energy.access import Access, Provenance
from accelsim.energy.names import COMPONENTS
from accelsim.energy.table import EnergyTable
from accelsim.machine import Arch

CATEGORIES = ("ifmap", "weight", "psum", "mac")
"""The operands, and the arithmetic, which belongs to none."""


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
    """*energy* by action name, summed by component; components come in the order of :data:`COMPONENTS`."""
    return _summed(energy, COMPONENTS, lambda component, operand: component)


def by_operand(energy: Mapping[str, float]) -> dict[str, float]:
    """*energy* by action name, summed by operand; the arithmetic, ``mac``, is a category of its own."""
    return _summed(energy, CATEGORIES, lambda component, operand: "mac" if component == "mac" else operand)


def _summed(
    energy: Mapping[str, float], groups: Iterable[str], group: Callable[[str, str], str]
) -> dict[str, float]:
    """Sums by what *group* says of a component and an operand; exact, so in any order the same."""
    parts: dict[str, list[float]] = defaultdict(list, {name: [] for name in groups})
    for name, amount in energy.items():
        component, operand = name.split(":")[0].split(".")[0], name.rsplit(":", 1)[-1]
        parts[group(component, operand)].append(amount)
    # fsum rounds once, so that the order of actions does not show in the last digit.
    return {name: math.fsum(amounts) for name, amounts in parts.items()}
