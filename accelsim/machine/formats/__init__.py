"""Compressed storage of tensors with many zeros: exact sizes, and the very bits that have them.

To add a format, write one file with one frozen dataclass that meets :class:`Format`, give it a ``kind`` of
its own, and name it in ``AnyFormat``; descriptions accept it and the tests of formats enrol it from there.
"""

from accelsim.machine.formats.bitmask import Bitmask
from accelsim.machine.formats.coordinate import Coordinate
from accelsim.machine.formats.csc import Csc
from accelsim.machine.formats.protocol import BitArray, Format, Size
from accelsim.machine.formats.run_length import RunLength

AnyFormat = RunLength | Csc | Bitmask | Coordinate

__all__ = [
    "AnyFormat",
    "BitArray",
    "Bitmask",
    "Coordinate",
    "Csc",
    "Format",
    "RunLength",
    "Size",
]
