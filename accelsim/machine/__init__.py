"""What the chip is: sizes, widths, rates and rules; frozen before time starts, no behaviour in time."""

from accelsim.machine.chip import MAX_BITS, Arch, Operand
from accelsim.machine.memory import AreaBudget, Banks, DramLink, RFArea
from accelsim.machine.noc import Bus, LocalLink, NoC, QueuedBus, WeightBus
from accelsim.machine.pes import PE, NoRF, PEArray, PooledRF, SplitRF
from accelsim.machine.sparsity import Formats, OfmapStorage, Skip, Sparsity, Storage

__all__ = [
    "MAX_BITS",
    "PE",
    "Arch",
    "AreaBudget",
    "Banks",
    "Bus",
    "DramLink",
    "Formats",
    "LocalLink",
    "NoC",
    "NoRF",
    "OfmapStorage",
    "Operand",
    "PEArray",
    "PooledRF",
    "QueuedBus",
    "RFArea",
    "Skip",
    "Sparsity",
    "SplitRF",
    "Storage",
    "WeightBus",
]
