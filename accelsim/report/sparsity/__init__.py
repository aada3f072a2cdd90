"""Where zeros pay, for people and for other programs: tables, files and figures."""

from accelsim.report.sparsity.curves import sweep_figure as sweep_figure
from accelsim.report.sparsity.figures import pe_cycles as pe_cycles
from accelsim.report.sparsity.figures import speedup as speedup
from accelsim.report.sparsity.maps import busy_map as busy_map
