"""Where zeros pay, for people and for other programs: tables, files and figures."""

from accelsim.report.sparsity.figures import slots, speedup, sweep_figure
from accelsim.report.sparsity.files import write
from accelsim.report.sparsity.maps import busy_map
from accelsim.report.sparsity.rows import key, to_json
from accelsim.report.sparsity.table import render, show

__all__ = ["busy_map", "key", "render", "show", "slots", "speedup", "sweep_figure", "to_json", "write"]
