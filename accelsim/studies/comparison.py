"""Results of one run under several dataflows or machines, side by side: what an operation costs in each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from accelsim.config import Resolved, near
from accelsim.energy import by_component, by_operand
from accelsim.errors import ConfigError, LegalityError
from accelsim.run.result import LayerResult, Result
from accelsim.studies.tidy import Tidy

TOTAL = "total"
"""The name that stands for all layers together."""

MOVED_OPERANDS = ("ifmap", "weight", "psum")
"""What crosses the DRAM link; an ofmap word is a psum there."""


_TIMES = ("cycles", "latency_ms", "cycles_per_op", "utilisation", "active_pes", "active_cycles_per_op")
_WHOLE = (*_TIMES, "dram_words", "energy")
"""Numbers of a cost that are part of no other."""


@dataclass(frozen=True)
class Refusal:
    """Why a label could not be mapped, in one line."""

    reason: str

    def __str__(self) -> str:
        return f"refused: {self.reason}"


@dataclass(frozen=True)
class Cost:
    """One layer, or all of them together; per op, which is an algorithmic MAC.

    Energy is in the unit of the table, words are those that cross the DRAM link.
    """

    macs: int
    cycles: float
    latency_ms: float
    cycles_per_op: float
    utilisation: float  # MAC cycles over PE cycles
    active_pes: float  # of all layers: the most
    active_cycles_per_op: float  # the reciprocal of the active PEs; of all layers: its mean over the MACs
    dram_words: float  # reads and writes
    dram_reads: Mapping[str, float]  # by operand
    dram_writes: float
    energy: float
    by_component: Mapping[str, float]  # energy; the parts sum to the whole
    by_operand: Mapping[str, float]  # energy; the parts sum to the whole

    @property
    def edp(self) -> float:
        """Energy per op times simulated cycles per op."""
        return self.energy * self.cycles_per_op

    @property
    def edp_isca16(self) -> float:
        """Energy per op times the cycles of an op on active PEs that never wait.

        Source: Chen, Emer, Sze, ISCA 2016: delay is the reciprocal of the number of active PEs.
        """
        return self.energy * self.active_cycles_per_op

    def over(self, base: Cost) -> Cost:
        """Every number over that of *base*; parts over the whole of *base*, to sum to the whole."""
        words, energy = base.dram_words, base.energy
        ratios = {name: getattr(self, name) / getattr(base, name) for name in _WHOLE}
        return replace(
            self,
            **ratios,
            dram_reads={k: v / words for k, v in self.dram_reads.items()},
            dram_writes=self.dram_writes / words,
            by_component={k: v / energy for k, v in self.by_component.items()},
            by_operand={k: v / energy for k, v in self.by_operand.items()},
        )

    def row(self, unit: str = "") -> dict[str, float]:
        """The numbers as columns; those of energy end in *unit*, such as ``_pj``."""
        return {
            "cycles": self.cycles,
            "latency_ms": self.latency_ms,
            "cycles_per_op": self.cycles_per_op,
            "utilisation": self.utilisation,
            "active_pes": self.active_pes,
            "dram_words_per_op": self.dram_words,
            "dram_reads_per_op": math.fsum(self.dram_reads.values()),
            **{f"dram_reads_per_op.{k}": v for k, v in self.dram_reads.items()},
            "dram_writes_per_op": self.dram_writes,
            f"energy_per_op{unit}": self.energy,
            **{f"energy_per_op.{k}{unit}": v for k, v in self.by_component.items()},
            **{f"energy_per_op_by_operand.{k}{unit}": v for k, v in self.by_operand.items()},
            f"edp{unit}_cycles" if unit else "edp": self.edp,
            f"edp_isca16{unit}_cycles" if unit else "edp_isca16": self.edp_isca16,
        }


@dataclass(frozen=True)
class Comparison(Tidy):
    """What each label of a comparison came to, in order; at least one ran.

    Raises:
        LegalityError: if every label was refused; a line for each.
        ConfigError: if *baseline* is no label that ran.
    """

    name: str
    outcomes: Mapping[str, Result | Refusal]
    config: Resolved  # a run file whose compare block has the labels; comparing it gives the same
    baseline: str | None = None  # the label whose numbers are 1 in what is normalised; None: nothing is

    def __post_init__(self) -> None:
        if not self.results:
            raise LegalityError("\n".join(f"{label}: {why}" for label, why in self.refusals.items()))
        if self.baseline is not None and self.baseline not in self.results:
            raise ConfigError(
                f"a baseline must be a label that ran (got {self.baseline!r})"
                f"{near(self.baseline, self.results)}"
            )

    @cached_property
    def results(self) -> dict[str, Result]:
        """Results by label, of the labels that ran."""
        return {label: found for label, found in self.outcomes.items() if isinstance(found, Result)}

    @cached_property
    def refusals(self) -> dict[str, Refusal]:
        """Refusals by label, of the labels that could not be mapped."""
        return {label: found for label, found in self.outcomes.items() if isinstance(found, Refusal)}

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers that any label ran, and :data:`TOTAL`."""
        names = [layer.name for result in self.results.values() for layer in result.layers]
        return (*dict.fromkeys(names), TOTAL)

    @property
    def energy_unit(self) -> str:
        """Unit of every energy: pJ, or mac for tables relative to one MAC."""
        return next(iter(self.results.values())).energy_unit

    def over(self, baseline: str | None) -> Comparison:
        """This comparison normalised to *baseline*, a label that ran, or not at all (None)."""
        return replace(self, baseline=baseline)

    def __getitem__(self, label: str) -> Result:
        """The result of *label*. Raises KeyError, which lists the labels that ran."""
        if label not in self.results:
            raise KeyError(f"labels that ran are {', '.join(self.results)} (got {label!r})")
        return self.results[label]

    def cost(self, label: str, layer: str = TOTAL) -> Cost:
        """What *layer* costs under *label*, not normalised. Raises KeyError if there is no such result."""
        result = self[label]
        whole = result.total if layer == TOTAL else result[layer]
        return _cost(whole, result.layers if layer == TOTAL else (whole,))

    def costs(self, layer: str = TOTAL) -> dict[str, Cost]:
        """*layer* under every label that ran it; normalised, if there is a baseline, to the same layer of it.

        Empty if the baseline did not run the layer. Raises KeyError if no label did.
        """
        if layer not in self.layers:
            raise KeyError(f"layers are {', '.join(self.layers)} (got {layer!r})")
        ran = {
            label: self.cost(label, layer)
            for label, result in self.results.items()
            if layer == TOTAL or layer in (one.name for one in result.layers)
        }
        if self.baseline is None:
            return ran
        return {label: cost.over(ran[self.baseline]) for label, cost in ran.items() if self.baseline in ran}

    def rows(self) -> Iterator[dict[str, object]]:
        """A tidy row per label and layer, then its total, all with the same columns.

        With a baseline, columns ``normalised.*`` follow. A refused label has one row, which says why. Where
        there is no number there is None.
        """
        unit = f"_{self.energy_unit.lower()}"
        found = {layer: self.over(None).costs(layer) for layer in self.layers}
        ratios = {layer: self.costs(layer) if self.baseline else {} for layer in self.layers}
        for label, outcome in self.outcomes.items():
            for layer in (name for name, ran in found.items() if label in ran or name == TOTAL):
                cost = found[layer].get(label)
                yield {
                    "label": label,
                    "layer": layer,
                    "macs": cost.macs if cost else None,
                    **self._columns(cost, unit),
                    **(self._columns(ratios[layer].get(label), "", "normalised.") if self.baseline else {}),
                    "refused": outcome.reason if isinstance(outcome, Refusal) else None,
                }

    def _columns(self, cost: Cost | None, unit: str, prefix: str = "") -> dict[str, float | None]:
        """*cost* in the columns of all labels; 0 where it has no such part, None where there is no cost."""
        columns = [column for label in self.results for column in self.cost(label).row(unit)]
        row = dict.fromkeys(columns, 0.0) | cost.row(unit) if cost else dict.fromkeys(columns)
        return {f"{prefix}{column}": value for column, value in row.items()}


def _cost(whole: LayerResult, parts: Sequence[LayerResult]) -> Cost:
    """The cost of *whole*, which is the sum of *parts*."""
    macs = whole.macs
    reads = {operand: whole.actions[f"dram.read:{operand}"] for operand in MOVED_OPERANDS}
    writes = sum(whole.actions[f"dram.write:{operand}"] for operand in MOVED_OPERANDS)
    return Cost(
        macs=macs,
        cycles=whole.cycles,
        latency_ms=whole.ms,
        cycles_per_op=whole.cycles / macs,
        utilisation=whole.utilisation,
        active_pes=whole.active_pes,
        active_cycles_per_op=math.fsum(part.macs / part.active_pes for part in parts) / macs,
        dram_words=(sum(reads.values()) + writes) / macs,
        dram_reads={operand: n / macs for operand, n in reads.items()},
        dram_writes=writes / macs,
        energy=whole.pj_per_mac,
        by_component={name: e / macs for name, e in by_component(whole.energy_pj).items()},
        by_operand={name: e / macs for name, e in by_operand(whole.energy_pj).items()},
    )
