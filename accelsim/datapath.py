"""What a PE does with a burst: cycles, sums and counts; pure, no waiting."""

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from accelsim.arch import PooledRF, SplitRF
from accelsim.errors import SimulationError
from accelsim.stats import Actions
from accelsim.workload import IntArray

Psums = TypeVar("Psums", int, npt.NDArray[Any])


def accumulated(psums: Psums, bits: int, overflow: Literal["error", "wrap"]) -> Psums:
    """*psums* as an accumulator of signed *bits* holds them: as they are, or wrapped.

    Raises:
        SimulationError: if one does not fit and overflow is an error.

    >>> accumulated(130, 8, "wrap")
    -126
    """
    top = 1 << (bits - 1)
    outside = np.ravel((psums < -top) | (psums >= top))
    if overflow == "error" and outside.any():
        worst = int(np.ravel(psums)[outside][0])
        raise SimulationError(f"accumulator overflow: psums must fit {bits} bits (got {worst})")
    return (psums + top) % (2 * top) - top


@dataclass(frozen=True)
class Multiplier:
    """One integer multiply-accumulate a cycle; a zero ifmap value can gate it, which saves no cycle.

    Source: Chen et al., JSSC 2017, section V-B: 3-stage pipeline, p*q*S MACs a primitive,
    then p accumulations in which the adder takes the psum from below instead of a product.
    """

    zero_gating: bool

    def mac_cycles(self, p: int, q: int, s: int) -> int:
        """Cycles from the first to the last MAC of one ofmap column: p filters, q channels, s taps."""
        return p * q * s

    def primitive(self, window: IntArray, weights: IntArray) -> tuple[list[int], int]:
        """The 1-D primitives of one ofmap column.

        Args:
            window: ``(q, s)`` ifmap values.
            weights: ``(p, q, s)`` values.

        Returns:
            p sums, and the number of MACs that a zero ifmap value gated.
        """
        sums = np.einsum("qs,pqs->p", window.astype(object), weights.astype(object))
        zeros = int((window == 0).sum()) * len(weights) if self.zero_gating else 0
        return [int(value) for value in sums], zeros

    def actions(self, macs: int, gated: int, sums: int, rf: SplitRF | PooledRF) -> Actions:
        """What *macs* MACs and *sums* accumulations do; *gated* of the MACs met a zero.

        A split RF writes and reads a psum for every MAC; in a pooled one the last product of
        a primitive goes straight to the accumulation, one write and one read less (ISCA 2016:
        an output accumulated d times in a PE costs 2(d-1) accesses).
        """
        psums = macs - sums if isinstance(rf, PooledRF) else macs
        return Actions(
            {
                "mac.multiply_add:psum": macs - gated,
                "mac.gated:psum": gated,
                "mac.add:psum": sums,
                "rf.read:ifmap": macs,
                "rf.read:weight": macs - gated,
                "rf.gated_read:weight": gated,
                "rf.read:psum": psums,
                "rf.write:psum": psums,
            }
        )
