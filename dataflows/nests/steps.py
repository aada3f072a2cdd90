"""Steps that loops are cut by, worth trying or as even as can be."""

from typing import cast

import numpy as np

from accelsim.mapping.tiling import distinct_tilings
from accelsim.network.layer import IntArray


def few_blocks(size: int) -> IntArray:
    """Steps that cut *size* as evenly as can be into 1 to 8 tiles, or these times a power of two.

    Twice the size can be cut into the same steps: a batch twice as large has all choices of the smaller one.
    """
    numbers = {n << k for n in range(1, 9) for k in range(31) if n << k <= size}
    return np.unique([-(-size // n) for n in numbers])


def tilings_up_to(size: int, limit: int) -> IntArray:
    """The smallest step of each number of tiles, up to *limit*."""
    steps = distinct_tilings(size)
    return steps[steps <= limit]


def even_blocks(size: int, most: int, step: int) -> int:
    """The block to cut *size* into as few as *most* allows: of whole tiles of *step* if that costs none more.

    >>> int(even_blocks(384, 66, 32))
    64
    """
    number = -(-size // most)
    whole = -(-size // (number * step)) * step
    # Of sizes that are arrays it is one, too, and stands for an int as they do.
    return cast(int, np.where(whole <= most, np.minimum(whole, size), most))
