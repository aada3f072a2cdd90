"""Compressed storage of tensors with many zeros: exact sizes, and the very bits that have them.

To add a format, write one file with one frozen dataclass that meets ``protocol.Format``, give it a ``kind``
of its own, and name it in ``AnyFormat``; descriptions accept it and the tests of formats enrol it from there.
"""

from accelsim.machine.formats.bitmask import Bitmask as Bitmask
from accelsim.machine.formats.coordinate import Coordinate as Coordinate
from accelsim.machine.formats.csc import Csc as Csc
from accelsim.machine.formats.run_length import RunLength as RunLength

AnyFormat = RunLength | Csc | Bitmask | Coordinate
