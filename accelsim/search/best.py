"""The best mapping of a layer: exact counts for energy; for latency, a proven bound and then simulation."""

from collections.abc import Mapping

import numpy as np

from accelsim.errors import LegalityError
from accelsim.machine import Arch
from accelsim.mapping.space import Space
from accelsim.network.layer import Layer
from accelsim.search.cost import work_prices
from accelsim.search.counting import least_energy
from accelsim.search.goal import Candidate, Found, Goal, Objective
from accelsim.search.simulating import BestFirst, CyclesOf


def search(
    space: Space,
    layer: Layer,
    arch: Arch,
    prices: Mapping[str, float],
    objective: Objective,
    cycles_of: CyclesOf,
    *,
    runner_up: bool = False,
) -> Found:
    """The choice in *space* of least energy, latency (cycles) or energy-delay product, exactly.

    Energy follows from the counts alone. For the other two, candidates are simulated in the order
    of their lower bound until the bound reaches the best that was simulated.

    Args:
        space: what the dataflow allows.
        layer: for the message if nothing is legal.
        arch: turns work into actions.
        prices: energy by action, in the table's unit.
        objective: what to minimise.
        cycles_of: simulates one choice.
        runner_up: also the best of all choices whose counts are not those of the best, as exactly.

    Raises:
        LegalityError: if no choice is legal.
    """
    goal = Goal(space, work_prices(arch, prices), objective)
    if objective == "energy":
        best, counted = least_energy(goal)
        second, more = least_energy(goal, best) if runner_up and best else (None, 0)
        counted, simulated = counted + more, 0
    else:
        seek = BestFirst(goal, cycles_of, second=runner_up)
        seek.run()
        best, second = seek.best, seek.runner_up if runner_up else None
        counted, simulated = seek.counted, seek.simulated
    if best is None:
        raise LegalityError(f"{layer.name} must have a legal mapping on {arch.name} (got none)")
    return Found(objective, best, second, counted, simulated)


def evaluate_choice(
    space: Space, choice: Mapping[str, int], arch: Arch, prices: Mapping[str, float]
) -> Candidate:
    """What action counts say of one *choice* of tile sizes, whether a search would look at it or not."""
    goal = Goal(space, work_prices(arch, prices), "energy")
    (only,) = goal.pick(space.at(choice), np.zeros(1, np.int64))
    return only
