"""What the chip is: sizes, widths, rates and rules; frozen before time starts, no behaviour in time."""

from accelsim.machine.chip import MAX_BITS as MAX_BITS
from accelsim.machine.chip import Arch as Arch
from accelsim.machine.chip import Operand as Operand
from accelsim.machine.memory import AnyLink as AnyLink
from accelsim.machine.memory import AreaBudget as AreaBudget
from accelsim.machine.memory import Banks as Banks
from accelsim.machine.memory import DramLink as DramLink
from accelsim.machine.memory import IdealLink as IdealLink
from accelsim.machine.memory import RFArea as RFArea
from accelsim.machine.noc import LocalLink as LocalLink
from accelsim.machine.noc import NoC as NoC
from accelsim.machine.noc import QueuedBus as QueuedBus
from accelsim.machine.noc import WeightBus as WeightBus
from accelsim.machine.path import Memory as Memory
from accelsim.machine.pes import PE as PE
from accelsim.machine.pes import NoRF as NoRF
from accelsim.machine.pes import PEArray as PEArray
from accelsim.machine.pes import PooledRF as PooledRF
from accelsim.machine.pes import SplitRF as SplitRF
from accelsim.machine.sparsity import Formats as Formats
from accelsim.machine.sparsity import OfmapStorage as OfmapStorage
from accelsim.machine.sparsity import Sparsity as Sparsity
from accelsim.machine.sparsity import Storage as Storage
