"""Results for people and for other programs: tables, files and figures.

Every kind of result has a page, and every page is shown, written and turned into JSON in one way. Importing
this imports neither matplotlib nor pandas nor rich; what needs them does, when it is called.
"""

from accelsim.report.comparison.page import comparison_page
from accelsim.report.figures import cycles_by_cause, energy_by_component, energy_by_operand, energy_figure
from accelsim.report.folder import digest
from accelsim.report.forecasts import forecasts_page
from accelsim.report.page import FiledPage, Page, render, show, to_json, write
from accelsim.report.run import run_page
from accelsim.report.sparsity.page import sparsity_page
from accelsim.report.validation import validation_page

__all__ = [
    "FiledPage",
    "Page",
    "comparison_page",
    "cycles_by_cause",
    "digest",
    "energy_by_component",
    "energy_by_operand",
    "energy_figure",
    "forecasts_page",
    "render",
    "run_page",
    "show",
    "sparsity_page",
    "to_json",
    "validation_page",
    "write",
]
