"""What stands below a figure of a comparison: what is 1, and the prices behind each label."""

from collections import defaultdict
from dataclasses import replace

from accelsim.report.caption import caption
from accelsim.report.comparison.schemes.costs import has_schemes
from accelsim.run.result import Result
from accelsim.studies.comparison import Comparison

_SCHEMES_NOTE = (
    "for words as wide as the codes of each scheme, see comparison.json. No clock and no leakage energy."
)


def scale_note(comparison: Comparison) -> str:
    """What an op is, and what the numbers are normalised to."""
    return f"An op is a MAC; {comparison.baseline} is 1." if comparison.baseline else "An op is a MAC."


def energy_note(comparison: Comparison) -> str:
    """What an op is, what is 1, and the prices behind the labels: for each group of labels if prices differ.

    Prices of schemes are left to the JSON, as nearly every scheme has its own.
    """
    if has_schemes(comparison):
        tables = dict.fromkeys(result.energy_table for result in comparison.results.values())
        return f"{scale_note(comparison)} Prices of {', '.join(tables)} {_SCHEMES_NOTE}"
    groups = [(labels, caption(result)) for labels, result in _groups(comparison)]
    if len(groups) == 1:
        return f"{scale_note(comparison)} {groups[0][1]}"
    return " ".join((scale_note(comparison), *(f"{', '.join(labels)}: {text}" for labels, text in groups)))


def _groups(comparison: Comparison) -> list[tuple[list[str], Result]]:
    """Labels whose prices do not contradict each other, with all their layers in one result."""
    groups: list[tuple[list[str], Result]] = []
    for label, result in comparison.results.items():
        for at, (labels, others) in enumerate(groups):
            if others.energy_table == result.energy_table and _agree(others, result):
                groups[at] = [*labels, label], replace(others, layers=others.layers + result.layers)
                break
        else:
            groups.append(([label], result))
    return groups


def _agree(one: Result, other: Result) -> bool:
    """Whether no action of a scheme costs something else in the one than in the other."""
    ours, theirs = _prices(one), _prices(other)
    return all(ours[at] <= theirs[at] or ours[at] >= theirs[at] for at in ours.keys() & theirs.keys())


def _prices(result: Result) -> dict[tuple[str | None, str], set[float]]:
    """By scheme and action, of what was done: more than one price where words are not equally wide."""
    found: dict[tuple[str | None, str], set[float]] = defaultdict(set)
    for layer in result.layers:
        for name in layer.actions:
            found[layer.scheme, name].add(layer.prices[name])
    return found
