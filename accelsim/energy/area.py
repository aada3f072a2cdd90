"""Area of the datapath of a PE, part by part; no memory and no wire."""

import math

from accelsim.energy.access import Access, Area
from accelsim.energy.table import EnergyTable
from accelsim.machine import Arch


def areas(table: EnergyTable, arch: Arch) -> dict[str, Area] | None:
    """Area of the parts of one PE's datapath on *arch*, by the name of their cost in *table*.

    The parts are what the price of its actions adds up; each is there once, and again for every further MAC
    of a cycle. A psum from below is added by the adder of the MACs. None, if the table has no area of one.

    Raises:
        ConfigError: if an action has no price.
    """
    found: dict[str, Area] = {}
    for name in arch.datapath.actions:
        for term in table.terms(name):
            area = found.get(term) or _area(table, term, Access(name, arch))
            if area is None:
                return None
            found[term] = area
    return found


def datapath_um2(table: EnergyTable, arch: Arch) -> float | None:
    """Area of one PE's datapath, the sum of :func:`areas`, in um2; None if the table lacks one of them."""
    parts = areas(table, arch)
    return None if parts is None else math.fsum(part.um2 for part in parts.values())


def _area(table: EnergyTable, term: str, access: Access) -> Area | None:
    """Area of all units in a PE that do what the cost *term* prices; None if the table does not say."""
    one = table.costs[term].area(access, table.costs)
    units = access.arch.pe.macs_per_cycle
    return one if one is None or units == 1 else Area(units * one.um2, "derived")
