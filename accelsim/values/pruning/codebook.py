"""Weight sharing: non-zero weights become the nearest of a few values, so that a code can stand for each."""

import numpy as np

from accelsim.network.layer import IntArray, Tensor


def shared(weights: Tensor, bits: int) -> Tensor:
    """*weights*, non-zero ones as the nearest value of their :func:`codebook`; of two, the lower.

    No weight vanishes: zero has a code of its own, and no other code stands for it.
    """
    out = weights.copy()
    places = weights != 0
    values = weights[places]
    if not values.size:
        return out
    book = codebook(int(values.min()), int(values.max()), bits)
    above = np.searchsorted(book, values)
    lower, upper = book[(above - 1).clip(min=0)], book[above.clip(max=book.size - 1)]
    out[places] = np.where(values - lower <= upper - values, lower, upper)
    return out


def codebook(low: int, high: int, bits: int) -> IntArray:
    """The values of the codes 1 to ``2**bits - 1``, ascending, each once: *low* to *high* in equal steps.

    Rounded to integers, halves up; one that rounds to zero becomes 1 if it lies at or above zero, else -1.
    Values that coincide then share a code, as in a range of few integers.

    Source:
        Han, Mao, Dally, "Deep Compression", ICLR 2016, section 3.2: linear initialization.

    >>> codebook(-9, 9, 2)
    array([-9,  1,  9])
    """
    steps = (1 << bits) - 2
    scaled = (low * steps + (high - low) * i for i in range(steps + 1))
    values = {(2 * value + steps) // (2 * steps) or (1 if value >= 0 else -1) for value in scaled}
    return np.array(sorted(values), np.int64)
