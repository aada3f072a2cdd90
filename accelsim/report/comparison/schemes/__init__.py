"""A comparison of schemes for people and for other programs: what each costs, and how right it still is."""

from accelsim.report.comparison.schemes.accuracy import accuracy_and_energy as accuracy_and_energy
from accelsim.report.comparison.schemes.accuracy import pareto as pareto
from accelsim.report.comparison.schemes.costs import has_schemes as has_schemes
from accelsim.report.comparison.schemes.costs import scheme_costs as scheme_costs
from accelsim.report.comparison.schemes.figures import all_scheme_figures as all_scheme_figures
from accelsim.report.comparison.schemes.figures import arithmetic_by_part as arithmetic_by_part
from accelsim.report.comparison.schemes.figures import arithmetic_figure as arithmetic_figure
from accelsim.report.comparison.schemes.figures import weight_bits_figure as weight_bits_figure
from accelsim.report.comparison.schemes.parts import ARITHMETIC_PARTS as ARITHMETIC_PARTS
from accelsim.report.comparison.schemes.rows import SCHEME_UNITS as SCHEME_UNITS
from accelsim.report.comparison.schemes.rows import scheme_frame as scheme_frame
from accelsim.report.comparison.schemes.rows import scheme_rows as scheme_rows
