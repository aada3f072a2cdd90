"""Where a look-up table of products stops paying for a multiplier, in energy and in area."""

from accelsim.report.lut.crossings import QUANTITIES, Crossing, Unit, crossing, crossings, lookup, units
from accelsim.report.lut.figure import draw, lut_figure

__all__ = [
    "QUANTITIES",
    "Crossing",
    "Unit",
    "crossing",
    "crossings",
    "draw",
    "lookup",
    "lut_figure",
    "units",
]
