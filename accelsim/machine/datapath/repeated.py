"""Kernels that several filters share are computed once."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from accelsim.checks import at_least
from accelsim.machine.datapath.protocol import (
    Count,
    IntegerIfmap,
    Uses,
    Widths,
    Word,
    check_levels,
    check_signed,
)
from accelsim.network.layer import IntArray, Tensor


@dataclass(frozen=True, kw_only=True)
class Repeated(IntegerIfmap):
    """A kernel that several filters of a PE have for a channel is computed once, and added to each psum.

    A PE has a row of each kernel: of *weight_bits* = 1 there are at most 2**(S - 1) but for their sign, which
    is flipped where the sum is added. Distinct rows are never more than distinct kernels.
    Source: Courbariaux et al., "Binarized neural networks", 2016, section on repeated convolutions: of 2-D
    kernels of 3 x 3 bits there are 512.
    """

    kind: Literal["repeated_kernels"]
    weight_bits: int = 1
    extra_ops: ClassVar[str] = "merge"
    one_by_one: ClassVar[bool] = False
    by_values: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, weight_bits=self.weight_bits)

    @property
    def verb(self) -> str:  # type: ignore[override]
        """Verb of the action that counts a MAC: one-bit weights flip signs, wider ones multiply."""
        return "flip_add" if self.weight_bits == 1 else "multiply_add"

    def widths(self, word_bits: int) -> Widths:
        """Bits of words in memory, where kernels lie weight by weight."""
        return Widths(self.ifmap_width(word_bits), self.weight_bits)

    def multiplier(self, word_bits: int, psum_bits: int) -> tuple[int, int] | None:
        """Bits of both operands; None for one-bit weights, which only flip signs."""
        return None if self.weight_bits == 1 else (self.ifmap_width(word_bits), self.weight_bits)

    def cycles(self, p: Count, q: Count, s: Count, width: int) -> tuple[Count, Count]:
        """The least cycles with MACs, of one kernel a channel, and those that merge; weights say more."""
        return q * s, -(-p // width) * q

    def merged_cycles(self, kernels: IntArray, p: int, s: int, width: int) -> tuple[IntArray, IntArray]:
        """Cycles of the primitives of one ofmap column: those with MACs, and those that merge.

        Args:
            kernels: ``(q, ...)`` numbers of distinct kernels of each channel.
            p: filters.
            s: taps of a filter row.
            width: filters that take a window word in the same cycle.
        """
        macs: IntArray = (-(-kernels // width)).sum(axis=0) * s
        return macs, np.full_like(macs, -(-p // width) * len(kernels))

    def merged_uses(self, kernels: int, p: int, q: int, s: int) -> Uses[int]:
        """Register file words and merges of *kernels* distinct kernels: *s* taps, *q* channels, *p* psums."""
        return Uses(kernels * s, kernels * s, p * q, p * q)

    def at_once(self, s: int) -> int:
        """The most MACs of one psum in a cycle: those of a kernel that was computed before and is merged."""
        return s

    def dot(self, window: Tensor, weights: Tensor) -> list[Word]:
        """The psums of a window: each distinct kernel once, then its sum to every filter that has it."""
        sums: list[Word] = [0] * len(weights)
        for words, rows in zip(window.astype(object), weights.transpose(1, 0, 2), strict=True):
            kernels, signs, which = distinct_rows(rows)
            found = [int(sum(words * kernel.astype(object))) for kernel in kernels]
            for j, (sign, one) in enumerate(zip(signs.tolist(), which.tolist(), strict=True)):
                sums[j] += sign * found[one]
        return sums

    def check_weights(self, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError unless weights are -1 and +1 or, if wider than a bit, integers that fit."""
        if self.weight_bits == 1:
            check_levels("weights", weight, (-1, 1))
        else:
            check_signed("weights", weight, self.weight_bits)


def distinct_rows(rows: Tensor) -> tuple[Tensor, IntArray, IntArray]:
    """The kernels among *rows* ``(p, s)`` but for their sign, the sign of each row, and its kernel."""
    first = np.take_along_axis(rows, (rows != 0).argmax(axis=1)[:, None], axis=1)[:, 0]
    signs = np.where(first < 0, -1, 1)
    kernels, which = np.unique(rows * signs[:, None], axis=0, return_inverse=True)
    return kernels, signs, which.ravel()


def distinct_counts(weights: Tensor) -> IntArray:
    """How many kernels there are among the filters ``(..., p, s)`` but for their sign: ``(...,)``."""
    _, _, which = distinct_rows(weights.reshape(-1, weights.shape[-1]))
    own = np.sort(which.reshape(weights.shape[:-1]), axis=-1)
    counts: IntArray = 1 + np.count_nonzero(np.diff(own, axis=-1), axis=-1)
    return counts
