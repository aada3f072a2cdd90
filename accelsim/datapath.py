"""What a PE does with a burst: cycles, sums and counts; pure, no waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from accelsim.arch import Arch, PooledRF, Sparsity
from accelsim.errors import SimulationError
from accelsim.workload import IntArray

BoolArray = npt.NDArray[np.bool_]
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


class WordCosts(NamedTuple):
    """What window words cost a PE, one by one or summed; arrays of any one shape."""

    mac: Any  # cycles with a MAC of two words of the layer
    overhead: Any  # cycles without
    macs: Any  # MACs of two words of the layer
    fillers: Any  # MACs with a filler: a zero that is stored since a run was too long for its field
    entries: Any  # entries of weights that are decoded


@dataclass(frozen=True)
class Multiplier:
    """Integer multiply-accumulates: so many filters a cycle take one window word.

    Without skipping every word of the window meets every weight; a zero ifmap value can gate the MAC, which
    saves no cycle. Where a PE skips, zeros of the operand cost no MAC cycle: the weights of one channel and
    tap, a column, stand close together, and go *width* at a time; the last go is as long with fewer.

    Sources: Chen et al., JSSC 2017, section V-B: 3-stage pipeline, p*q*S MACs a primitive, then p
    accumulations in which the adder takes the psum from below instead of a product. Chen et al., "Eyeriss
    v2", JETCAS 2019, section IV: a PE walks over the non-zero weights of each non-zero ifmap value.
    """

    sparsity: Sparsity
    width: int = 1  # filters a cycle

    @property
    def gates(self) -> bool:
        """Whether a zero ifmap value gates its MACs."""
        return self.sparsity.gate == "ifmap"

    def mac_cycles(self, p: int, q: int, s: int) -> int:
        """Cycles of one ofmap column if nothing is skipped: p filters, q channels, s taps."""
        return -(-p // self.width) * q * s

    def carried(self, present: BoolArray) -> BoolArray:
        """Weights that a PE is given, of columns ``(..., p)`` of which some are *present*, not zero."""
        coded = self.sparsity.formats.weight.spad
        return np.ones_like(present) if coded is None else coded.entries(present)

    def word_costs(self, present: BoolArray) -> WordCosts:
        """What each window word that is taken costs, given which weights ``(..., p)`` are *present*."""
        entries = self.carried(present).sum(axis=-1)
        coded = self.sparsity.formats.weight.spad is not None
        if not self.sparsity.skips_weight:
            p = present.shape[-1]
            mac, none = np.full_like(entries, -(-p // self.width)), np.zeros_like(entries)
            return WordCosts(mac, none, np.full_like(entries, p), none, entries * coded)
        macs = present.sum(axis=-1)
        if not coded:
            entries = macs
        mac = -(-macs // self.width)
        fillers = -(-entries // self.width) - mac
        overhead = np.where(entries == 0, self.sparsity.unmatched_cycles, fillers)
        return WordCosts(mac, overhead, macs, entries - macs, entries * coded)

    def taken(self, present: BoolArray) -> BoolArray:
        """Window words that a PE takes to its weights, of those that are *present*, not zero, and not."""
        return present if self.sparsity.skips_ifmap else np.ones_like(present)

    def idle_words(self, present: BoolArray, carried: BoolArray) -> BoolArray:
        """Window words that cost unmatched cycles for themselves: *carried*, but zero, and not taken."""
        if not self.sparsity.skips_ifmap or self.sparsity.formats.ifmap.spad is None:
            return np.zeros_like(present)
        return carried & ~present

    def primitive(self, window: IntArray, carried: BoolArray, weights: IntArray) -> Burst:
        """The 1-D primitives of one ofmap column.

        Args:
            window: ``(q, s)`` ifmap values.
            carried: ``(q, s)`` those that the PE was given; the others are zero.
            weights: ``(p, q, s)`` values.
        """
        sums = np.einsum("qs,pqs->p", window.astype(object), weights.astype(object))
        present = window != 0
        taken = self.taken(present)
        each = self.word_costs((weights != 0).transpose(1, 2, 0))
        total = WordCosts(*(int((part * taken).sum()) for part in each))
        idle = int(self.idle_words(present, carried).sum()) * self.sparsity.unmatched_cycles
        gated = int((each.macs * (taken & ~present)).sum()) if self.gates else 0
        total = total._replace(overhead=self.with_empty(total.mac, total.overhead + idle))
        return Burst([int(value) for value in sums], total, gated)

    def with_empty(self, mac: Any, overhead: Any) -> Any:
        """*overhead* cycles of windows with so many *mac* cycles; those with neither cost their own."""
        return overhead + np.where(mac + overhead == 0, self.sparsity.empty_window_cycles, 0)


class Burst(NamedTuple):
    """The primitives of one ofmap column: p sums, what they cost, and how many MACs were gated."""

    sums: list[int]
    costs: WordCosts
    gated: int
