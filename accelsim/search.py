"""The best mapping of a layer: exact counts for energy; for latency, a proven bound and then simulation."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from accelsim.arch import Arch
from accelsim.counts import Work, actions, dense_dram
from accelsim.errors import LegalityError
from accelsim.workload import IntArray, Layer

Objective = Literal["energy", "latency", "edp"]
Floats = npt.NDArray[np.float64]
CHUNK = 512  # starting points expanded at a time


class Batch(NamedTuple):
    """Candidates side by side: arrays that broadcast against each other."""

    choice: dict[str, IntArray]  # tile sizes by name
    legal: npt.NDArray[np.bool_]
    work: Work  # of arrays, exact
    floor_cycles: IntArray  # no simulation of the candidate takes fewer cycles
    active: IntArray  # PEs in use; ties go to more


class Space(Protocol):
    """The choices of a dataflow for one layer, grouped under starting points."""

    def starts(self) -> tuple[Work, IntArray]:
        """For every starting point, a lower bound of the work and of the cycles of all under it."""
        ...

    def expand(self, index: IntArray, *, equal_counts_once: bool) -> Batch:
        """All candidates under starting points *index*; or, of those with equal or worse counts, one."""
        ...


@dataclass(frozen=True)
class Found:
    """The best choice and what finding it took."""

    choice: dict[str, int]
    value: float  # pJ, cycles, or their product
    counted: int  # candidates whose counts or bound were evaluated
    simulated: int


def search(
    space: Space,
    layer: Layer,
    arch: Arch,
    prices: MappingOf[str, float],
    objective: Objective,
    cycles_of: Callable[[dict[str, int]], int],
) -> Found:
    """The choice in *space* of least energy, latency (cycles) or energy-delay product, exactly.

    Energy follows from the counts alone. For the other two, candidates are simulated in the order
    of their lower bound until the bound reaches the best that was simulated.

    Args:
        space: what the dataflow allows.
        layer: for the message if nothing is legal.
        arch: turns work into actions.
        prices: pJ by action.
        objective: what to minimise.
        cycles_of: simulates one choice.

    Raises:
        LegalityError: if no choice is legal.
    """
    weights = work_prices(arch, prices)
    work, floor = space.starts()
    energy = cost(work, weights)
    bound = {"energy": energy, "latency": floor.astype(float), "edp": energy * floor}[objective]
    order = np.argsort(bound, kind="stable")
    if objective == "energy":
        found = _least_energy(space, order, bound, weights)
    else:
        found = _best_first(space, order, bound, weights, objective, cycles_of)
    if found is None:
        raise LegalityError(f"{layer.name} must have a legal mapping on {arch.name} (got none)")
    return found


def work_prices(arch: Arch, prices: MappingOf[str, float]) -> dict[str, float]:
    """pJ per unit of each field of Work; counts are linear in them, and DRAM is taken as uncoded."""
    zero = Work(*(0 for _ in Work._fields))
    weights = {}
    for name in Work._fields:
        unit = zero._replace(**{name: 1})
        counts = {**actions(unit, arch), **dense_dram(unit)}
        weights[name] = sum(n * prices[action] for action, n in counts.items() if n)
    return weights


def cost(work: Work, weights: MappingOf[str, float]) -> Floats:
    """pJ of *work*; an array where it holds arrays."""
    total: Any = 0.0
    for name in sorted(Work._fields, key=lambda field: np.ndim(getattr(work, field))):
        total = total + weights[name] * getattr(work, name)
    return np.asarray(total, float)


def _chunks(order: IntArray, bound: Floats) -> Iterator[tuple[IntArray, float]]:
    """Starting points, best bound first, each chunk with the least bound in it."""
    for i in range(0, len(order), CHUNK):
        part = order[i : i + CHUNK]
        yield part, float(bound[part[0]])


def _least_energy(
    space: Space, order: IntArray, bound: Floats, weights: MappingOf[str, float]
) -> Found | None:
    best: tuple[float, int, dict[str, int]] | None = None
    counted = 0
    for part, least in _chunks(order, bound):
        if best is not None and least > best[0] * (1 + 1e-12):
            break
        batch = space.expand(part, equal_counts_once=True)
        energy = np.where(batch.legal, cost(batch.work, weights), np.inf)
        counted += int(batch.legal.sum())
        if not np.isfinite(energy.min()):
            continue
        ties = energy <= energy.min() * (1 + 1e-12)
        at = int(np.where(ties, batch.active, -1).argmax())
        candidate = (
            float(energy.min()),
            -int(_at(batch.active, at, energy.shape)),
            _pick(batch, at, energy.shape),
        )
        if best is None or _better(candidate, best):
            best = candidate
    return None if best is None else Found(best[2], best[0], counted, 0)


def _better(a: tuple[float, int, Any], b: tuple[float, int, Any]) -> bool:
    if abs(a[0] - b[0]) <= 1e-12 * b[0]:
        return a[1] < b[1]
    return a[0] < b[0]


def _best_first(
    space: Space,
    order: IntArray,
    bound: Floats,
    weights: MappingOf[str, float],
    objective: Objective,
    cycles_of: Callable[[dict[str, int]], int],
) -> Found | None:
    heap: list[tuple[float, int, int, float, dict[str, int]]] = []
    best, choice, counted, simulated = np.inf, None, 0, 0
    tickets = iter(range(1 << 60))

    def simulate_up_to(limit: float) -> None:
        nonlocal best, choice, simulated
        while heap and heap[0][0] <= limit and heap[0][0] < best:
            _, _, _, energy, candidate = heapq.heappop(heap)
            value = cycles_of(candidate) * (energy if objective == "edp" else 1.0)
            simulated += 1
            if value < best:
                best, choice = value, candidate

    for part, least in _chunks(order, bound):
        simulate_up_to(least)
        if least >= best:
            break
        batch = space.expand(part, equal_counts_once=False)
        energy = cost(batch.work, weights)
        value = batch.floor_cycles * (energy if objective == "edp" else 1.0)
        value = np.where(batch.legal, value, np.inf)
        counted += int(batch.legal.sum())
        for at in np.flatnonzero(value.ravel() < best):
            active = int(_at(batch.active, int(at), value.shape))
            item = (float(value.flat[at]), -active, next(tickets), float(_at(energy, int(at), value.shape)))
            heapq.heappush(heap, (*item, _pick(batch, int(at), value.shape)))
    simulate_up_to(np.inf)
    return None if choice is None else Found(choice, float(best), counted, simulated)


def _at(values: Any, flat: int, shape: tuple[int, ...]) -> Any:
    return np.broadcast_to(values, shape).flat[flat]


def _pick(batch: Batch, flat: int, shape: tuple[int, ...]) -> dict[str, int]:
    return {name: int(_at(values, flat, shape)) for name, values in batch.choice.items()}
