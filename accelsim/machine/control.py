"""The control of a PE: which words its datapath is given, and what they cost; pure, no waiting."""

from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

import numpy as np

from accelsim.errors import SimulationError
from accelsim.machine.chip import Arch
from accelsim.machine.datapath import Amounts, AnyDatapath, Count, Repeated, distinct_counts
from accelsim.machine.datapath.protocol import N, N_co, Uses, Word
from accelsim.machine.pes import PooledRF
from accelsim.machine.sparsity import Sparsity
from accelsim.network.layer import BoolArray, IntArray, Tensor

Psums = TypeVar("Psums", Word, Tensor)
Cycles = TypeVar("Cycles", int, IntArray)


def accumulated(psums: Psums, bits: int, overflow: Literal["error", "wrap"]) -> Psums:
    """Integer *psums* as an accumulator of signed *bits* holds them: as they are, or wrapped.

    Raises:
        SimulationError: if one does not fit, and overflow is an error.

    >>> accumulated(130, 8, "wrap")
    -126
    """
    top = 1 << (bits - 1)
    outside = np.ravel((psums < -top) | (psums >= top))
    if overflow == "error" and outside.any():
        worst = int(np.ravel(psums)[outside][0])
        raise SimulationError(f"accumulator overflow: psums must fit {bits} bits (got {worst})")
    return (psums + top) % (2 * top) - top


def held(psums: Psums, arch: Arch) -> Psums:
    """*psums* as *arch* holds them: integers as its accumulators do, floats as they are.

    Raises:
        SimulationError: if one does not fit, or is no finite float, and overflow is an error.
    """
    if not arch.datapath.floating:
        return accumulated(psums, arch.accumulator_bits, arch.overflow)
    if arch.overflow == "error" and not np.isfinite(psums).all():
        raise SimulationError("accumulator overflow: psums must be finite (got an infinity)")
    return psums


def psum_uses(uses: N, sums: N, arch: Arch) -> N:
    """Psums read from the register file, and as many written to it, of *uses* in *sums* primitives.

    A split RF reads and writes a psum for every use; in a pooled one the last of a primitive
    goes straight to the accumulation (ISCA 2016: an output accumulated d times in a PE costs 2(d-1)).
    """
    return uses - sums if isinstance(arch.rf, PooledRF) else uses


class WordCosts(NamedTuple, Generic[N_co]):
    """What window words cost a PE: a number each, or arrays of one shape with a number per word."""

    mac: N_co  # cycles with a MAC of two words of the layer
    overhead: N_co  # cycles without
    macs: N_co  # MACs of two words of the layer
    fillers: N_co  # MACs with a filler: a zero that is stored because a run is too long for its field
    entries: N_co  # entries of weights that are decoded
    idle: N_co  # MACs whose weight is a zero that does nothing


class Gated(NamedTuple):
    """Gated MACs: they keep their cycle, but a zero saves their energy."""

    macs: int
    weights: int  # gated MACs whose weight is not even read


class Burst(NamedTuple):
    """The primitives of one ofmap column: p sums, what they cost, and how many MACs zeros gated."""

    sums: list[Word]
    costs: WordCosts[int]
    uses: Uses[int]
    gated: Gated
    reused: int  # MACs not made because another filter has the same kernel


@dataclass(frozen=True)
class Control:
    """The control of a PE, in which *width* filters take a window word in one cycle.

    Without skipping every word of the window meets every weight; a zero ifmap value can gate the MAC, which
    saves no cycle. Where a PE skips, zeros of the operand cost no MAC cycle: the weights of one channel and
    tap, a column, lie side by side and are issued *width* at a time; a partial issue takes a whole cycle.

    Sources: Chen et al., JSSC 2017, section V-B: 3-stage pipeline, p*q*S MACs a primitive, then p
    accumulations in which the adder takes the psum from below instead of a product. Chen et al., "Eyeriss
    v2", JETCAS 2019, section IV: a PE walks over the non-zero weights of each non-zero ifmap value.
    """

    datapath: AnyDatapath
    sparsity: Sparsity
    width: int = 1  # issue slots: filters a cycle
    sees: bool = True  # False: values are not simulated, so that nothing is known to be zero

    @property
    def idles(self) -> bool:
        """Whether a MAC with a zero weight keeps its cycle but does nothing in it."""
        return self.sees and self.datapath.idle_zeros

    @property
    def gates(self) -> bool:
        """Whether a zero ifmap value gates its MACs."""
        return self.sparsity.gate == "ifmap" and self.datapath.gates

    def mac_cycles(self, p: Count, q: Count, s: Count) -> tuple[Count, Count]:
        """Cycles of one ofmap column with MACs, and those without, if nothing is skipped or reused.

        Args:
            p: filters.
            q: channels.
            s: taps of a filter row.
        """
        return self.datapath.cycles(p, q, s, self.width)

    def carried(self, present: BoolArray) -> BoolArray:
        """Which weights ``(..., p)`` a PE is given: all, or if coded those *present* and fillers."""
        coded = self.sparsity.formats.weight.spad
        return np.ones_like(present) if coded is None else coded.entries(present)

    def word_costs(self, present: BoolArray) -> WordCosts[IntArray]:
        """What each window word that is taken costs, given which of its weights ``(..., p)`` are not zero."""
        entries, macs = self.carried(present).sum(axis=-1), present.sum(axis=-1)
        coded, none = self.sparsity.formats.weight.spad is not None, np.zeros_like(macs)
        if not self.sparsity.skips_weight:
            p = present.shape[-1]
            mac, idle = np.full_like(entries, -(-p // self.width)), (p - macs) * self.idles
            return WordCosts(mac, none, np.full_like(entries, p), none, entries * coded, idle)
        if not coded:
            entries = macs  # a bound: knowing where zeros are costs nothing
        mac = -(-macs // self.width)
        fillers = -(-entries // self.width) - mac
        overhead = np.where(entries == 0, self.sparsity.unmatched_cycles, fillers)
        return WordCosts(mac, overhead, macs, entries - macs, entries * coded, none)

    def taken(self, present: BoolArray) -> BoolArray:
        """Which window words a PE takes to its weights; *present* marks those that are not zero."""
        return present if self.sparsity.skips_ifmap else np.ones_like(present)

    def idle_words(self, present: BoolArray, carried: BoolArray) -> BoolArray:
        """Which window words cost unmatched cycles by themselves: *carried* zeros, which are not taken."""
        if not self.sparsity.skips_ifmap or self.sparsity.formats.ifmap.spad is None:
            return np.zeros_like(present)
        return carried & ~present

    def primitive(self, window: Tensor, carried: BoolArray, weights: Tensor) -> Burst:
        """The 1-D primitives of one ofmap column.

        Args:
            window: ``(q, s)`` ifmap values.
            carried: ``(q, s)`` which of them the PE was given; the others are zero.
            weights: ``(p, q, s)`` values.
        """
        sums = self.datapath.dot(window, weights)
        if self.datapath.one_by_one:
            return self._one_by_one(sums, window != 0, carried, weights)
        return self._together(sums, window != 0, weights)

    def _one_by_one(self, sums: list[Word], present: BoolArray, carried: BoolArray, weights: Tensor) -> Burst:
        taken = self.taken(present)
        each = self.word_costs((weights != 0).transpose(1, 2, 0))
        total = WordCosts(*(int((part * taken).sum()) for part in each))
        idle = int(self.idle_words(present, carried).sum()) * self.sparsity.unmatched_cycles
        spared = int((each.macs * (taken & ~present)).sum()) if self.gates else 0
        nothing = int((each.idle * (taken & (present if self.gates else True))).sum())
        total = total._replace(overhead=self.with_empty(total.mac, total.overhead + idle))
        done = total.macs + total.fillers  # a filler passes the multiplier like any weight
        uses = self.datapath.uses(Amounts(done, 0, len(sums), done))
        return Burst(sums, total, uses, Gated(spared + nothing, spared), 0)

    def _together(self, sums: list[Word], present: BoolArray, weights: Tensor) -> Burst:
        p, q, s = weights.shape
        mac: Count
        overhead: Count
        if isinstance(self.datapath, Repeated):
            kernels = distinct_counts(weights.transpose(1, 0, 2))  # (q,)
            made = int(kernels.sum())
            mac, overhead = self.datapath.merged_cycles(kernels, p, s, self.width)
            macs, uses = made * s, self.datapath.merged_uses(made, p, q, s)
            per_word = kernels[:, None]
        else:
            mac, overhead = self.mac_cycles(p, q, s)
            macs, per_word = p * q * s, np.full((q, 1), p)
            uses = self.datapath.uses(Amounts(macs, q * s, p, p * -(-q * s // self.datapath.lanes)))
        gated = int((per_word * ~present).sum()) if self.gates else 0
        costs = WordCosts(int(mac), int(overhead), macs, 0, 0, 0)
        return Burst(sums, costs, uses, Gated(gated, gated), p * q * s - macs)

    def with_empty(self, mac: Cycles, overhead: Cycles) -> Cycles:
        """*overhead* cycles of windows, with empty-window cycles for those that take none otherwise."""
        empty: Cycles = (mac + overhead == 0) * self.sparsity.empty_window_cycles
        return overhead + empty


def control_of(arch: Arch, *, values: bool) -> Control:
    """The control of the PEs of *arch*; without *values* they see no zeros, and nothing is coded."""
    sparsity = arch.sparsity if values else Sparsity()
    return Control(arch.datapath, sparsity, arch.pe.macs_per_cycle, sees=values)
