"""Area of the datapath of a PE, part by part; no memory and no wire."""

from accelsim.arch import Arch
from accelsim.energy.access import Access, Area
from accelsim.energy.laws import Part
from accelsim.energy.table import EnergyTable
from accelsim.errors import ConfigError


def areas(table: EnergyTable, arch: Arch) -> dict[str, Area]:
    """Area of the parts of one PE's datapath on *arch*, by the name of their cost in *table*.

    The parts are what the price of its actions adds up; each is there once, and again for every further MAC
    of a cycle. A psum from below is added by the adder of the MACs.

    Raises:
        ConfigError: if an action has no price, or a part of it no area.
    """
    found: dict[str, Area] = {}
    for name in arch.datapath.actions:
        for term in table.terms(name):
            if term not in found:
                found[term] = _area(table, term, Access(name, arch))
    return found


def _area(table: EnergyTable, term: str, access: Access) -> Area:
    """Of all units of the cost *term* in a PE."""
    law = table.costs[term]
    one = law.area(access, table.costs) if isinstance(law, Part) else None
    if one is None:
        raise ConfigError(f"energy table {table.name!r} must give an area of {term!r} (it gives none)")
    units = access.arch.pe.macs_per_cycle
    return one if units == 1 else Area(units * one.um2, "derived")
