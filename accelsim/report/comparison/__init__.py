"""A comparison for people and for other programs: tables, files and figures."""

from accelsim.report.comparison.figures import (
    comparison_figures,
    dram_words,
    edp,
    energy_by_layer,
    op_energy_by_component,
    op_energy_by_operand,
)
from accelsim.report.comparison.page import comparison_page
from accelsim.report.comparison.published import Beside, beside, beside_by_layer
from accelsim.report.comparison.trade import energy_and_cycles

__all__ = [
    "Beside",
    "beside",
    "beside_by_layer",
    "comparison_figures",
    "comparison_page",
    "dram_words",
    "edp",
    "energy_and_cycles",
    "energy_by_layer",
    "op_energy_by_component",
    "op_energy_by_operand",
]
