"""Where a look-up table of products stops paying for a multiplier, in energy and in area."""

from accelsim.studies.luts.crossings import LUT_COSTS, Crossing, Unit, crossing, crossings, lookup, units

__all__ = [
    "LUT_COSTS",
    "Crossing",
    "Unit",
    "crossing",
    "crossings",
    "lookup",
    "units",
]
