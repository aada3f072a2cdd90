"""Where zeros pay: a run beside the same run on a machine that takes zeros like any other value."""

from accelsim.gains.against import DENSE, Gains, against_dense
from accelsim.gains.coding import Coding
from accelsim.gains.layer import IDLE_LANES, MACS, SLOTS, Gain
from accelsim.gains.sweep import OPERANDS, Crossover, Operands, Point, Quantity, Sweep
from accelsim.gains.sweeping import density_sweep

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
