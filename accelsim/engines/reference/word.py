"""What the parts of the machine hand each other, one at a time."""

from typing import Any

from accelsim.network.layer import Tensor

Word = Any
"""An int, or a numpy float of the datapath's format."""


def word_at(tensor: Tensor, address: tuple[int, ...]) -> Word:
    """The word of *tensor* at *address*."""
    return tensor[address] if tensor.dtype.kind == "f" else int(tensor[address])
