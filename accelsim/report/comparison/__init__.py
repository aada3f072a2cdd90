"""A comparison for people and for other programs: tables, files and figures."""

from accelsim.report.comparison.figures import comparison_figures as comparison_figures
from accelsim.report.comparison.figures import dram_words as dram_words
from accelsim.report.comparison.figures import edp as edp
from accelsim.report.comparison.figures import energy_and_cycles as energy_and_cycles
from accelsim.report.comparison.figures import energy_by_layer as energy_by_layer
from accelsim.report.comparison.figures import op_energy_by_component as op_energy_by_component
from accelsim.report.comparison.figures import op_energy_by_operand as op_energy_by_operand
from accelsim.report.comparison.published import Beside as Beside
from accelsim.report.comparison.published import beside as beside
from accelsim.report.comparison.published import beside_by_layer as beside_by_layer
