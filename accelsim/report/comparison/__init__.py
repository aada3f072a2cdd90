"""A comparison for people and for other programs: tables, files and figures."""

from accelsim.report.comparison.figures import (
    all_figures,
    dram_words,
    edp,
    energy_by_component,
    energy_by_layer,
    energy_by_operand,
)
from accelsim.report.comparison.files import write
from accelsim.report.comparison.published import Beside, beside, beside_by_layer
from accelsim.report.comparison.rows import key, to_json
from accelsim.report.comparison.table import render, show
from accelsim.report.comparison.trade import energy_and_cycles

__all__ = [
    "Beside",
    "all_figures",
    "beside",
    "beside_by_layer",
    "dram_words",
    "edp",
    "energy_and_cycles",
    "energy_by_component",
    "energy_by_layer",
    "energy_by_operand",
    "key",
    "render",
    "show",
    "to_json",
    "write",
]
