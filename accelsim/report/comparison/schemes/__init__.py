"""A comparison of schemes for people and for other programs: what each costs, and how right it still is."""

from accelsim.report.comparison.schemes.accuracy import accuracy_and_energy, pareto
from accelsim.report.comparison.schemes.costs import SchemeCost, has_schemes, scheme_costs
from accelsim.report.comparison.schemes.figures import (
    all_scheme_figures,
    arithmetic_by_part,
    arithmetic_figure,
    weight_bits_figure,
)
from accelsim.report.comparison.schemes.parts import ARITHMETIC_PARTS
from accelsim.report.comparison.schemes.rows import SCHEME_UNITS, scheme_frame, scheme_rows
from accelsim.report.comparison.schemes.table import scheme_section

__all__ = [
    "ARITHMETIC_PARTS",
    "SCHEME_UNITS",
    "SchemeCost",
    "accuracy_and_energy",
    "all_scheme_figures",
    "arithmetic_by_part",
    "arithmetic_figure",
    "has_schemes",
    "pareto",
    "scheme_costs",
    "scheme_frame",
    "scheme_rows",
    "scheme_section",
    "weight_bits_figure",
]
