"""Where zeros pay: a run against the same run on a machine that treats zeros like any other value."""

from accelsim.studies.sparsity.against import DENSE_RUN, Gains, against_dense
from accelsim.studies.sparsity.coding import Coding
from accelsim.studies.sparsity.layer import IDLE_LANES, MACS, SLOTS, Gain
from accelsim.studies.sparsity.sweep import (
    SWEPT_OPERANDS,
    Crossover,
    Sweep,
    SweepCost,
    SweepPoint,
    SweptOperands,
)
from accelsim.studies.sparsity.sweeping import density_sweep

__all__ = [
    "DENSE_RUN",
    "IDLE_LANES",
    "MACS",
    "SLOTS",
    "SWEPT_OPERANDS",
    "Coding",
    "Crossover",
    "Gain",
    "Gains",
    "Sweep",
    "SweepCost",
    "SweepPoint",
    "SweptOperands",
    "against_dense",
    "density_sweep",
]
