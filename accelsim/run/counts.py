"""What adds up from layer to layer: cycles, causes, actions, words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accelsim.mapping.work import NOTHING, Work
from accelsim.stats import CAUSES, Actions


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What adds up from layer to layer."""

    macs: int  # algorithmic
    cycles: int
    causes: Mapping[str, int]  # PE cycles by cause; they sum to PEs times cycles
    actions: Actions
    work: Work[int]  # what the mapping asks for, whatever the values spare
    dense_dram: Actions  # DRAM words without coding
    dram_bits: int  # that crossed the link, in whole words
    weight_bits: int | None  # of all its weights in memory, as their quantiser codes them; None: it has none
    counted: int | None = None  # candidates that the search counted; None if the mapping was given
    simulated: int | None = None  # those of them that it simulated

    def __add__(self, other: Counts) -> Counts:
        """One after the other."""
        return Counts(
            macs=self.macs + other.macs,
            cycles=self.cycles + other.cycles,
            causes={cause: self.causes[cause] + other.causes[cause] for cause in CAUSES},
            actions=_together(self.actions, other.actions),
            work=Work(*(one + more for one, more in zip(self.work, other.work, strict=True))),
            dense_dram=_together(self.dense_dram, other.dense_dram),
            dram_bits=self.dram_bits + other.dram_bits,
            weight_bits=_known(self.weight_bits, other.weight_bits),
            counted=_known(self.counted, other.counted),
            simulated=_known(self.simulated, other.simulated),
        )


NO_COUNTS = Counts(
    macs=0,
    cycles=0,
    causes=dict.fromkeys(CAUSES, 0),
    actions=Actions(),
    work=NOTHING,
    dense_dram=Actions(),
    dram_bits=0,
    weight_bits=None,
)
"""The counts of no layer at all: zero everywhere."""


def _together(one: Actions, other: Actions) -> Actions:
    """Both, with the names that count nothing, which ``+`` would drop."""
    both = Actions(one)
    both.update(other)
    return both


def _known(one: int | None, other: int | None) -> int | None:
    """The sum of what is known."""
    known = [number for number in (one, other) if number is not None]
    return sum(known) if known else None
