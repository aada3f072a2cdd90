"""What the parts of the machine hand each other, one at a time."""

from typing import Any

from accelsim.machine.datapath import Values
from accelsim.mapping.footprint import Address

Word = Any
"""An int, or a numpy float of the datapath's format."""


def word_at(tensor: Values, address: Address) -> Word:
    """The word of *tensor* at *address*."""
    return tensor[address] if tensor.dtype.kind == "f" else int(tensor[address])
