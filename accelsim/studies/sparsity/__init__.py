"""Where zeros pay: a run beside the same run on a machine that takes zeros like any other value."""

from accelsim.studies.sparsity.against import DENSE, Gains, against_dense
from accelsim.studies.sparsity.coding import Coding
from accelsim.studies.sparsity.layer import IDLE_LANES, MACS, SLOTS, Gain
from accelsim.studies.sparsity.sweep import OPERANDS, Crossover, Operands, Point, Quantity, Sweep
from accelsim.studies.sparsity.sweeping import density_sweep

__all__ = [
    "DENSE",
    "IDLE_LANES",
    "MACS",
    "OPERANDS",
    "SLOTS",
    "Coding",
    "Crossover",
    "Gain",
    "Gains",
    "Operands",
    "Point",
    "Quantity",
    "Sweep",
    "against_dense",
    "density_sweep",
]
