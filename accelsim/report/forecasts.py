"""Mappings before they run, as text and as data: the nest, what its counts say, why the runner-up lost."""

from collections.abc import Iterator, Mapping, Sequence

from accelsim.energy import by_component
from accelsim.report.columns import aligned
from accelsim.report.folder import Fields
from accelsim.report.page import Page
from accelsim.report.style import COMPONENT_LABELS
from accelsim.report.units import Scale, number, scale
from accelsim.run.experiment import Experiment
from accelsim.search.estimate import Forecast, Prediction

_FORMAT = 1
"""Version of the JSON of mappings; another one may have other keys."""

_NAMED = 3
"""Actions that the line of the runner-up names; what they leave is the rest."""


def forecasts_page(experiment: Experiment, forecasts: Sequence[Forecast]) -> Page:
    """Each of *forecasts* as a block of text, a blank line between two; all of *experiment*."""
    blocks = ("\n".join(_block(forecast, experiment.energy.unit)) for forecast in forecasts)
    return Page(body=("\n\n".join(blocks),), document=_document(experiment, forecasts))


def _document(experiment: Experiment, forecasts: Sequence[Forecast]) -> Fields:
    return {
        "format": _FORMAT,
        "name": experiment.settings.name,
        "arch": experiment.arch.name,
        "dataflow": experiment.settings.dataflow,
        "objective": experiment.settings.objective,
        "energy_unit": experiment.energy.unit,
        "energy_table": experiment.energy.label,
        "assumed": "no zero is gated, no word is coded",
        "layers": [_layer(forecast) for forecast in forecasts],
    }


def _layer(forecast: Forecast) -> Fields:
    second = forecast.runner_up
    lost: Fields = {} if second is None else {"energy_over_best_by_action": forecast.lost_by}
    searched = {"counted": forecast.counted, "simulated": forecast.simulated}
    return {
        "layer": forecast.mapping.layer.name,
        **_prediction(forecast.best),
        "nest": str(forecast.mapping).splitlines(),
        "search": None if forecast.counted is None else searched,
        "runner_up": None if second is None else _prediction(second) | lost,
    }


def _prediction(said: Prediction) -> Fields:
    return {
        "mapping": dict(said.choice),
        "value": said.value,
        "active_pes": said.active_pes,
        "floor_cycles": said.floor_cycles,
        "simulated_cycles": said.cycles,
        "words": dict(said.words),
        "energy": said.total_energy,
        "energy_by_component": by_component(said.energy),
        "energy_by_action": dict(said.energy),
    }


def _block(forecast: Forecast, unit: str) -> Iterator[str]:
    best = forecast.best
    energy = scale(unit, [best.total_energy])
    levels = (
        f"{COMPONENT_LABELS.get(name, name)} {_percent(part / best.total_energy)}"
        for name, part in by_component(best.energy).items()
        if part
    )
    yield str(forecast.mapping)
    yield f"  {_sizes(best.choice)}: {_origin(forecast)}; {forecast.objective} {_value(forecast, unit)}"
    yield f"  {_cycles(best)}, {best.active_pes} active PEs"
    yield f"  energy {number(best.total_energy / energy.factor)} {energy.unit}: {', '.join(levels)}"
    yield from _actions(best, energy)
    if forecast.counted is not None:
        yield f"  {_lost(forecast)}"


def _actions(said: Prediction, energy: Scale) -> Iterator[str]:
    """A line per action: words or operations, energy, share."""
    rows = [
        (
            name,
            f"{count:,}",
            f"{number(said.energy[name] / energy.factor)} {energy.unit}",
            _percent(said.energy[name] / said.total_energy),
        )
        for name, count in said.words.items()
    ]
    yield from (f"    {line}" for line in aligned(rows, left=(0,)))


def _origin(forecast: Forecast) -> str:
    if forecast.counted is None:
        return "given"
    return f"best of {forecast.counted:,} counted, {forecast.simulated:,} simulated"


def _value(forecast: Forecast, unit: str) -> str:
    """The value of the objective; "at least" where it needs cycles that were not simulated."""
    best = forecast.best
    least = "at least " if forecast.objective != "energy" and best.cycles is None else ""
    if forecast.objective == "latency":
        return f"{least}{best.value:,.0f} cycles"
    energy = scale(unit, [best.value])
    per = " x cycles" if forecast.objective == "edp" else ""
    return f"{least}{number(best.value / energy.factor)} {energy.unit}{per}"


def _cycles(said: Prediction) -> str:
    """The bound, and what was simulated if anything was."""
    bound = f"at least {said.floor_cycles:,} cycles, uncoded"
    return bound if said.cycles is None else f"{bound} ({said.cycles:,} simulated)"


def _lost(forecast: Forecast) -> str:
    """Why the runner-up lost: by how much, and which actions make the difference."""
    best, second = forecast.best, forecast.runner_up
    if second is None:
        return "no runner-up: all that is legal has the same counts"
    parts = [f"{_change(second.value / best.value)} {forecast.objective}"]
    if best.cycles and second.cycles and forecast.objective == "edp":
        parts.append(f"{_change(second.cycles / best.cycles)} cycles")
    if forecast.objective != "energy":
        parts.append(f"{_change(second.total_energy / best.total_energy)} energy")
    if second.active_pes != best.active_pes:
        parts.append(f"{second.active_pes} active PEs")
    return f"runner-up {_sizes(second.choice)}: {', '.join(parts)}: {_contributions(forecast.lost_by)}"


def _contributions(shares: Mapping[str, float]) -> str:
    """The largest of *shares* of the best's energy, and the sum of the others."""
    named = [f"{_change(1 + share)} {name}" for name, share in list(shares.items())[:_NAMED]]
    rest = sum(list(shares.values())[_NAMED:])
    return ", ".join([*named, f"{_change(1 + rest)} the rest"] if rest else named or ["the same energy"])


def _sizes(choice: Mapping[str, int]) -> str:
    return " ".join(f"{name}={size}" for name, size in choice.items())


def _change(ratio: float) -> str:
    return f"{'-' if ratio < 1 else '+'}{_percent(abs(ratio - 1))}"


def _percent(share: float) -> str:
    """One decimal, or the first digit that is not zero."""
    return f"{100 * share:.1f} %" if share >= 0.001 or not share else f"{100 * share:.1g} %"
