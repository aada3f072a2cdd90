"""What a mapping will cost, from its counts alone: nothing simulated, no zero gated, no word coded."""

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

from accelsim.mapping.nest import Mapping
from accelsim.mapping.work import actions, dense_dram
from accelsim.network.layer import Layer
from accelsim.search.goal import Candidate, Objective
from accelsim.search.mapper import Mapper


@dataclass(frozen=True)
class Prediction:
    """What one candidate will cost, by its action counts."""

    choice: MappingOf[str, int]
    words: MappingOf[str, int]  # by action; operations of mac
    energy: MappingOf[str, float]  # by action, in the table's unit
    floor_cycles: int  # no simulation takes fewer, if the link codes nothing
    cycles: int | None  # None: not simulated
    active_pes: int
    value: float  # of the objective; a lower bound where it needs cycles and there are none

    @property
    def total_energy(self) -> float:
        """Energy of all actions, in the table's unit."""
        return sum(self.energy.values())


@dataclass(frozen=True)
class Forecast:
    """A layer's mapping, what it will cost, and what came second."""

    mapping: Mapping
    objective: Objective
    best: Prediction
    runner_up: Prediction | None  # None: the mapping was given, or nothing else has other counts
    counted: int | None  # candidates; None: the mapping was given
    simulated: int | None

    @property
    def lost_by(self) -> dict[str, float]:
        """Energy of the runner-up less that of the best, by action, over all energy of the best.

        Largest first; the values add up to the relative difference in energy.
        """
        if self.runner_up is None:
            return {}
        best, other, total = self.best.energy, self.runner_up.energy, self.best.total_energy
        shares = {name: (other.get(name, 0.0) - best.get(name, 0.0)) / total for name in {**best, **other}}
        return {
            name: share for name, share in sorted(shares.items(), key=lambda at: (-abs(at[1]), at)) if share
        }


def forecast(layer: Layer, chooser: Mapper) -> Forecast:
    """What the counts say of the mapping that *chooser* gives *layer*, and of the runner-up.

    Raises:
        LegalityError: if nothing is legal, or what is could not be run.
    """
    chosen = chooser.choose(layer)
    found = chosen.found
    return Forecast(
        mapping=chosen.map(layer, chooser.arch),
        objective=chooser.objective,
        best=_prediction(chooser.evaluate(layer, chosen), chooser),
        runner_up=_prediction(found.runner_up, chooser) if found and found.runner_up else None,
        counted=found.counted if found else None,
        simulated=found.simulated if found else None,
    )


def _prediction(candidate: Candidate, chooser: Mapper) -> Prediction:
    counts = {**actions(candidate.work, chooser.arch), **dense_dram(candidate.work)}
    words = {name: int(n) for name, n in sorted(counts.items()) if n}
    return Prediction(
        choice=candidate.choice,
        words=words,
        energy={name: n * chooser.prices[name] for name, n in words.items()},
        floor_cycles=candidate.floor_cycles,
        cycles=candidate.cycles,
        active_pes=candidate.active,
        value=candidate.value(chooser.objective),
    )
