"""What a search minimises, over which space, and the candidates that it finds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from accelsim.mapping.space import Batch, Space
from accelsim.mapping.work import Work
from accelsim.network.layer import FloatArray, IntArray
from accelsim.search.cost import cost
from accelsim.search.sizes import CELLS

Objective = Literal["energy", "latency", "edp"]

TIE = 1e-12
"""Relative tolerance within which two energies are equal: sums are rounded in different orders."""


@dataclass(frozen=True)
class Candidate:
    """One choice with what its counts say, and its cycles if it was simulated."""

    choice: dict[str, int]
    work: Work[int]  # of ints
    energy: float  # in the unit of the prices; of ungated, uncoded counts
    floor_cycles: int  # no simulation takes fewer, if the link codes nothing
    active: int  # PEs in use
    cycles: int | None = None

    def value(self, objective: Objective) -> float:
        """The number that *objective* minimises; where it needs cycles and has none, a lower bound of it."""
        cycles = self.floor_cycles if self.cycles is None else self.cycles
        return {"energy": self.energy, "latency": float(cycles), "edp": cycles * self.energy}[objective]


@dataclass(frozen=True)
class Found:
    """The best choice, what came second, and what finding them took."""

    objective: Objective
    best: Candidate
    runner_up: Candidate | None  # the best of all with other counts than the best; None if not asked for
    counted: int  # legal candidates whose counts or bound were evaluated
    simulated: int

    @property
    def choice(self) -> dict[str, int]:
        """Tile sizes of the best candidate, by name."""
        return self.best.choice

    @property
    def value(self) -> float:
        """Energy, cycles or their product of the best candidate, whichever is the objective."""
        return self.best.value(self.objective)


@dataclass(frozen=True)
class Goal:
    """An objective over a space, at a price per field of Work."""

    space: Space
    weights: Mapping[str, float]
    objective: Objective

    def parts(self, *, equal_counts_once: bool) -> Iterator[tuple[IntArray, float]]:
        """Starting points, best bound first, a batch at a time; each with the least bound in it."""
        work, floor = self.space.starts()
        bound = self._value(cost(work, self.weights), lambda: floor)
        if bound.ndim > 1:
            bound = bound.min(axis=tuple(range(1, bound.ndim)))
        order = np.argsort(bound, kind="stable")
        # As many starts at a time as expand to one batch of candidates.
        step = max(1, CELLS // self.space.fan(equal_counts_once=equal_counts_once))
        for i in range(0, len(order), step):
            yield order[i : i + step], float(bound[order[i]])

    def values(self, batch: Batch) -> FloatArray:
        """Energy of each candidate, or a lower bound of the objective; infinite where it is illegal."""
        energy = 0.0 if self.objective == "latency" else cost(batch.work, self.weights)
        return np.where(batch.legal, self._value(energy, lambda: batch.floor_cycles), np.inf)

    def pick(self, batch: Batch, at: IntArray) -> list[Candidate]:
        """The candidates of *batch* at flat indices *at*."""
        choice, work = values_at(batch.choice, batch, at), values_at(batch.work._asdict(), batch, at)
        rest = values_at({"floor": batch.floor_cycles, "active": batch.active}, batch, at)
        rows = [Work(**{name: int(of[i]) for name, of in work.items()}) for i in range(len(at))]
        return [
            Candidate(
                {name: int(of[i]) for name, of in choice.items()},
                rows[i],
                float(cost(rows[i], self.weights)),
                int(rest["floor"][i]),
                int(rest["active"][i]),
            )
            for i in range(len(at))
        ]

    def _value(self, energy: FloatArray | float, cycles: Callable[[], IntArray]) -> FloatArray:
        """The objective; *cycles* are asked for if it needs them."""
        if self.objective == "edp":
            return np.asarray(cycles() * energy, float)
        return np.asarray(energy if self.objective == "energy" else cycles(), float)


def values_at(fields: Mapping[str, npt.ArrayLike], batch: Batch, at: IntArray) -> dict[str, IntArray]:
    """The values of each of *fields*, arrays that broadcast over *batch*, at flat indices *at* of it."""
    index = np.unravel_index(at, batch.legal.shape)
    return {name: np.broadcast_to(of, batch.legal.shape)[index] for name, of in fields.items()}
