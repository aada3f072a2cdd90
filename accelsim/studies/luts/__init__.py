"""Where a look-up table of products stops paying for a multiplier, in energy and in area."""

from accelsim.studies.luts.crossings import QUANTITIES, Crossing, Unit, crossing, crossings, lookup, units

__all__ = [
    "QUANTITIES",
    "Crossing",
    "Unit",
    "crossing",
    "crossings",
    "lookup",
    "units",
]
