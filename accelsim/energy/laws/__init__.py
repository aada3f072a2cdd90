"""How the energy of one access follows from published figures: one class for each law, with its source."""

from accelsim.energy.laws.arithmetic import Adder as Adder
from accelsim.energy.laws.arithmetic import Cells as Cells
from accelsim.energy.laws.arithmetic import Gates as Gates
from accelsim.energy.laws.arithmetic import Multiplier as Multiplier
from accelsim.energy.laws.figure import Fixed as Fixed
from accelsim.energy.laws.figure import PerBit
from accelsim.energy.laws.figure import Ratio as Ratio
from accelsim.energy.laws.memories import Lut as Lut
from accelsim.energy.laws.memories import RegisterFile as RegisterFile
from accelsim.energy.laws.memories import Sram as Sram

AnyCost = Adder | Multiplier | Gates | Cells | PerBit | Fixed | Ratio | Sram | RegisterFile | Lut
