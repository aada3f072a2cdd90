"""Results for people and for other programs: tables, files and figures.

Every kind of result has a page, and every page is shown, written and turned into JSON in one way. Importing
this imports neither matplotlib nor pandas nor rich; what needs them does, when it is called.
"""

from accelsim.report.comparison.page import comparison_page as comparison_page
from accelsim.report.figures import cycles_by_cause as cycles_by_cause
from accelsim.report.figures import energy_by_component as energy_by_component
from accelsim.report.figures import energy_by_operand as energy_by_operand
from accelsim.report.figures import energy_figure as energy_figure
from accelsim.report.folder import digest as digest
from accelsim.report.forecasts import forecasts_page as forecasts_page
from accelsim.report.page import FiledPage as FiledPage
from accelsim.report.page import Page as Page
from accelsim.report.page import render as render
from accelsim.report.page import show as show
from accelsim.report.page import to_json as to_json
from accelsim.report.page import write as write
from accelsim.report.run import run_page as run_page
from accelsim.report.sparsity.page import sparsity_page as sparsity_page
from accelsim.report.validation import validation_page as validation_page
