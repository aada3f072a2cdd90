"""Where zeros pay, for people and for other programs: tables, files and figures."""

from accelsim.report.sparsity.figures import pe_cycles, sparsity_figures, speedup, sweep_figure
from accelsim.report.sparsity.maps import busy_map
from accelsim.report.sparsity.page import sparsity_page

__all__ = ["busy_map", "pe_cycles", "sparsity_figures", "sparsity_page", "speedup", "sweep_figure"]
