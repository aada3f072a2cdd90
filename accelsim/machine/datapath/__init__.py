"""The arithmetic of a PE: exact results, and what it takes in cycles, storage and actions.

To add a datapath, write one class that meets :class:`Datapath`, give it a ``kind`` of its own, and name it in
``AnyDatapath``; descriptions accept it and the tests of datapaths enrol it from there.
"""

from accelsim.machine.datapath.codebook import Codebook, CodebookProducts, CodebookSums
from accelsim.machine.datapath.flips import Binary, FiveLevel, Ternary
from accelsim.machine.datapath.floating import Floating
from accelsim.machine.datapath.integer import Integer
from accelsim.machine.datapath.product_lut import ProductLut
from accelsim.machine.datapath.protocol import (
    LOOKUP,
    Amounts,
    Count,
    Datapath,
    LookupTable,
    Number,
    Uses,
    Widths,
    overhead_of,
)
from accelsim.machine.datapath.repeated import Repeated, distinct_counts, distinct_rows
from accelsim.machine.datapath.xnor import Xnor

AnyDatapath = (
    Integer
    | Floating
    | ProductLut
    | Codebook
    | CodebookProducts
    | CodebookSums
    | Binary
    | Ternary
    | FiveLevel
    | Xnor
    | Repeated
)

__all__ = [
    "LOOKUP",
    "Amounts",
    "AnyDatapath",
    "Binary",
    "Codebook",
    "CodebookProducts",
    "CodebookSums",
    "Count",
    "Datapath",
    "FiveLevel",
    "Floating",
    "Integer",
    "LookupTable",
    "Number",
    "ProductLut",
    "Repeated",
    "Ternary",
    "Uses",
    "Widths",
    "Xnor",
    "distinct_counts",
    "distinct_rows",
    "overhead_of",
]
