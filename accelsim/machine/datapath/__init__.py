"""The arithmetic of a PE: exact results, and what it takes in cycles, storage and actions.

To add a datapath, write one class that meets ``protocol.Datapath``, give it a ``kind`` of its own, and name
it in ``AnyDatapath``; descriptions accept it and the tests of datapaths enrol it from there.
"""

from accelsim.machine.datapath.codebook import Codebook as Codebook
from accelsim.machine.datapath.codebook import CodebookProducts as CodebookProducts
from accelsim.machine.datapath.codebook import CodebookSums as CodebookSums
from accelsim.machine.datapath.flips import Binary as Binary
from accelsim.machine.datapath.flips import FiveLevel as FiveLevel
from accelsim.machine.datapath.flips import Ternary as Ternary
from accelsim.machine.datapath.floating import Floating as Floating
from accelsim.machine.datapath.integer import Integer as Integer
from accelsim.machine.datapath.product_lut import ProductLut as ProductLut
from accelsim.machine.datapath.protocol import LOOKUP as LOOKUP
from accelsim.machine.datapath.protocol import Amounts as Amounts
from accelsim.machine.datapath.protocol import Count as Count
from accelsim.machine.datapath.protocol import LookupTable as LookupTable
from accelsim.machine.datapath.protocol import Word as Word
from accelsim.machine.datapath.repeated import Repeated as Repeated
from accelsim.machine.datapath.repeated import distinct_counts as distinct_counts
from accelsim.machine.datapath.xnor import Xnor as Xnor

_Coded = Codebook | CodebookProducts | CodebookSums
_Flips = Binary | Ternary | FiveLevel
AnyDatapath = Integer | Floating | ProductLut | _Coded | _Flips | Xnor | Repeated
