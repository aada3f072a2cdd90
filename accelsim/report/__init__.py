"""Results for people and for other programs: tables, files and figures.

Importing this imports neither matplotlib nor pandas nor rich; what needs them does, when it is called.
"""

from accelsim.report.figures import cycles_by_cause, energy_by_component, energy_by_operand, energy_figure
from accelsim.report.files import write
from accelsim.report.rows import key, to_json
from accelsim.report.table import render, show

__all__ = [
    "cycles_by_cause",
    "energy_by_component",
    "energy_by_operand",
    "energy_figure",
    "key",
    "render",
    "show",
    "to_json",
    "write",
]
