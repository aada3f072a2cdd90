"""What a PE does with a burst: cycles, sums and counts; pure, no waiting."""

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from accelsim.arch import Arch, PooledRF
from accelsim.errors import SimulationError
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


def psum_uses(macs: Any, sums: Any, arch: Arch) -> Any:
    """Psums read from, and as many written to, the register file for *macs* MACs in *sums* primitives.

    A split RF reads and writes a psum for every MAC; in a pooled one the last product of a primitive
    goes straight to the accumulation (ISCA 2016: an output accumulated d times in a PE costs 2(d-1)).
    """
    return macs - sums if isinstance(arch.rf, PooledRF) else macs


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
