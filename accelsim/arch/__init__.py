"""What the chip is: sizes, widths, rates and rules; frozen before time starts, no behaviour in time."""

from accelsim.arch.checks import STRICT, at_least
from accelsim.arch.chip import MAX_BITS, RLC_LEVEL_BITS, Arch, Operand
from accelsim.arch.memory import AreaBudget, Banks, DramLink, RFArea
from accelsim.arch.noc import Bus, LocalLink, NoC, QueuedBus, WeightBus
from accelsim.arch.pes import PE, NoRF, PEArray, PooledRF, SplitRF

__all__ = [
    "MAX_BITS",
    "PE",
    "RLC_LEVEL_BITS",
    "STRICT",
    "Arch",
    "AreaBudget",
    "Banks",
    "Bus",
    "DramLink",
    "LocalLink",
    "NoC",
    "NoRF",
    "Operand",
    "PEArray",
    "PooledRF",
    "QueuedBus",
    "RFArea",
    "SplitRF",
    "WeightBus",
    "at_least",
]
