"""One run at several densities: how cycles and energy change, and where zeros begin to pay."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from accelsim.config import Resolved
from accelsim.studies.comparison import TOTAL, Refusal
from accelsim.studies.sparsity.against import Gains
from accelsim.studies.tidy import Tidy

SweptOperands = Literal["both", "ifmap", "weight"]
"""The operands whose density is swept; the run itself says that of the other one."""

SWEPT_OPERANDS: tuple[SweptOperands, ...] = ("both", "ifmap", "weight")

SweepCost = Literal["cycles", "energy"]
"""What a sweep compares with the dense counterpart."""

SWEEP_COSTS: tuple[SweepCost, ...] = ("cycles", "energy")


@dataclass(frozen=True)
class Crossover:
    """The density at which a run costs what its dense counterpart does, and on which side zeros pay."""

    density: float | None  # None: nowhere among the densities that ran
    pays: Literal["below", "above", "everywhere", "nowhere"]

    def __str__(self) -> str:
        return self.pays if self.density is None else f"{self.pays} {self.density:.3g}"


def crossover(points: Sequence[tuple[float, float]]) -> Crossover:
    """The lowest density at which a ratio to dense crosses 1, linear between neighbours; zeros pay below 1.

    Args:
        points: densities, ascending, each with its ratio; at least one.

    >>> str(crossover([(0.2, 0.5), (0.6, 0.9), (1.0, 1.3)]))
    'below 0.7'
    """
    for (low, before), (high, after) in pairwise(points):
        if (before < 1) != (after < 1):
            at = low + (1 - before) * (high - low) / (after - before)
            return Crossover(at, "below" if before < 1 else "above")
    return Crossover(None, "everywhere" if points[0][1] < 1 else "nowhere")


@dataclass(frozen=True)
class SweepPoint:
    """The run at one density, or why it cannot be mapped there.

    *ifmap_density* is that of the ifmaps as stored, over all layers of the run: padded ones cannot reach 1.
    """

    density: float  # as asked for
    ifmap_density: float | None  # None: as the run says
    weight_density: float | None
    outcome: Gains | Refusal

    def rows(self) -> Iterator[dict[str, object]]:
        """A tidy row per layer, the total last; of a refused point one, which says why."""
        refused = self.outcome.reason if isinstance(self.outcome, Refusal) else None
        gains = (None,) if isinstance(self.outcome, Refusal) else (*self.outcome.layers, self.outcome.total)
        for gain in gains:
            yield {
                "density": self.density,
                "ifmap_density": self.ifmap_density,
                "weight_density": self.weight_density,
                "layer": gain.name if gain else TOTAL,
                "cycles_ratio": gain and gain.cycles_ratio,
                "energy_ratio": gain and gain.energy_ratio,
                "ideal_cycles_ratio": gain and gain.ideal_cycles_ratio,
                "work": gain and gain.work,
                "overflowed": gain and gain.own.overflowed,
                "refused": refused,
            }


@dataclass(frozen=True)
class Sweep(Tidy):
    """A run at several densities, ascending, at least one of which ran."""

    name: str
    operands: SweptOperands
    points: tuple[SweepPoint, ...]
    config: Resolved  # the run without the densities

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers, and :data:`~accelsim.studies.comparison.TOTAL`."""
        first = next(point.outcome for point in self.points if isinstance(point.outcome, Gains))
        return (*(layer.name for layer in first.layers), TOTAL)

    def ratios(self, quantity: SweepCost, layer: str = TOTAL) -> list[tuple[float, float]]:
        """Densities that ran, each with cycles or energy of *layer* over those of its dense counterpart."""
        return self._over_dense(f"{quantity}_ratio", layer)

    def ideal(self, layer: str = TOTAL) -> list[tuple[float, float]]:
        """Densities that ran, each with ideal cycles of *layer* over dense cycles."""
        return self._over_dense("ideal_cycles_ratio", layer)

    def _over_dense(self, ratio: str, layer: str) -> list[tuple[float, float]]:
        ran = ((point.density, point.outcome) for point in self.points if isinstance(point.outcome, Gains))
        return [(density, getattr(gains[layer], ratio)) for density, gains in ran]

    def crossover(self, quantity: SweepCost, layer: str = TOTAL) -> Crossover:
        """Where cycles or energy of *layer* are those of its dense counterpart."""
        return crossover(self.ratios(quantity, layer))

    def crossovers(self, layer: str = TOTAL) -> dict[SweepCost, Crossover]:
        """Where cycles, and where energy, of *layer* are those of its dense counterpart."""
        return {quantity: self.crossover(quantity, layer) for quantity in SWEEP_COSTS}

    def rows(self) -> Iterator[dict[str, object]]:
        """A tidy row per density and layer, then the total."""
        for point in self.points:
            yield from point.rows()
