"""What the chip is: sizes, widths, rates and rules; frozen before time starts, no behaviour in time."""

from accelsim.machine.chip import MAX_BITS, Arch, Operand
from accelsim.machine.memory import AnyLink, AreaBudget, Banks, DramLink, IdealLink, RFArea
from accelsim.machine.noc import Bus, LocalLink, NoC, QueuedBus, WeightBus
from accelsim.machine.path import Memory, OperandPath, Paths
from accelsim.machine.pes import PE, NoRF, PEArray, PooledRF, SplitRF
from accelsim.machine.sparsity import Formats, OfmapStorage, Skip, Sparsity, Storage

__all__ = [
    "MAX_BITS",
    "PE",
    "AnyLink",
    "Arch",
    "AreaBudget",
    "Banks",
    "Bus",
    "DramLink",
    "Formats",
    "IdealLink",
    "LocalLink",
    "Memory",
    "NoC",
    "NoRF",
    "OfmapStorage",
    "Operand",
    "OperandPath",
    "PEArray",
    "Paths",
    "PooledRF",
    "QueuedBus",
    "RFArea",
    "Skip",
    "Sparsity",
    "SplitRF",
    "Storage",
    "WeightBus",
]
