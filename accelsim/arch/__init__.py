"""What the chip is: sizes, widths, rates and rules; frozen before time starts, no behaviour in time."""

from accelsim.arch.chip import MAX_BITS, Arch, Operand
from accelsim.arch.memory import AreaBudget, Banks, DramLink, RFArea
from accelsim.arch.noc import Bus, LocalLink, NoC, QueuedBus, WeightBus
from accelsim.arch.pes import PE, NoRF, PEArray, PooledRF, SplitRF
from accelsim.arch.sparsity import Formats, OfmapStorage, Skip, Sparsity, Storage

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
