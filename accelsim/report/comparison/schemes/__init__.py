"""A comparison of schemes for people and for other programs: what each costs, and how right it still is."""

from accelsim.report.comparison.schemes.accuracy import accuracy_and_energy, pareto
from accelsim.report.comparison.schemes.costs import SchemeCost, has_schemes, scheme_costs
from accelsim.report.comparison.schemes.figures import (
    all_scheme_figures,
    arithmetic_by_part,
    arithmetic_figure,
    weight_bits,
)
from accelsim.report.comparison.schemes.parts import PARTS
from accelsim.report.comparison.schemes.rows import UNITS, scheme_rows, to_frame
from accelsim.report.comparison.schemes.table import scheme_section

__all__ = [
    "PARTS",
    "UNITS",
    "SchemeCost",
    "accuracy_and_energy",
    "all_scheme_figures",
    "arithmetic_by_part",
    "arithmetic_figure",
    "has_schemes",
    "pareto",
    "scheme_costs",
    "scheme_rows",
    "scheme_section",
    "to_frame",
    "weight_bits",
]
