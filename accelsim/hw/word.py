"""What the parts of the machine hand each other, one at a time."""

from typing import Any

from accelsim.boxes import Address
from accelsim.datapath import AnyDatapath, Floating, Values

Word = Any
"""An int, or a numpy float of the datapath's format."""


def word_type(datapath: AnyDatapath) -> type[Any]:
    """The type of ifmap words and weights in a scratch pad."""
    return datapath.word if isinstance(datapath, Floating) else int


def word_at(tensor: Values, address: Address) -> Word:
    """The word of *tensor* at *address*."""
    return tensor[address] if tensor.dtype.kind == "f" else int(tensor[address])
