"""How the energy of one access follows from published figures: one class for each law, with its source."""

from accelsim.energy.laws.arithmetic import Adder, Cells, Gates, Multiplier, Width
from accelsim.energy.laws.figure import Figure, Fixed, PerBit, Ratio
from accelsim.energy.laws.memories import Lut, RegisterFile, Sram, SramPoint

AnyCost = Adder | Multiplier | Gates | Cells | PerBit | Fixed | Ratio | Sram | RegisterFile | Lut

AnyPart = Adder | Multiplier | Gates | Cells | Fixed | Lut
"""A law of a part of a datapath, which can have an area; the others price memories and wires."""

__all__ = [
    "Adder",
    "AnyCost",
    "AnyPart",
    "Cells",
    "Figure",
    "Fixed",
    "Gates",
    "Lut",
    "Multiplier",
    "PerBit",
    "Ratio",
    "RegisterFile",
    "Sram",
    "SramPoint",
    "Width",
]
