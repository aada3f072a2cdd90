"""What the parts of the machine hand each other, one at a time."""

from accelsim.machine.datapath import Word
from accelsim.network.layer import Tensor


def word_at(tensor: Tensor, address: tuple[int, ...]) -> Word:
    """The word of *tensor* at *address*."""
    return tensor[address] if tensor.dtype.kind == "f" else int(tensor[address])
