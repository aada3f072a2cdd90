"""What stands below a figure of a comparison: what is 1, and the prices behind each label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from accelsim.comparison import Comparison
from accelsim.report.caption import caption as of_result
from accelsim.result import Result

UNWRAPPED = 10**6
"""Characters of a line that holds any caption."""


def scale_note(comparison: Comparison) -> str:
    """What an op is, and what the numbers are normalised to."""
    return f"An op is a MAC; {comparison.baseline} is 1." if comparison.baseline else "An op is a MAC."


def energy_note(comparison: Comparison) -> str:
    """The same, and the prices behind the labels: for each group of labels where prices differ."""
    groups = [(labels, of_result(result, UNWRAPPED)) for labels, result in _groups(comparison)]
    if len(groups) == 1:
        return f"{scale_note(comparison)} {groups[0][1]}"
    return " ".join((scale_note(comparison), *(f"{', '.join(labels)}: {text}" for labels, text in groups)))


def _groups(comparison: Comparison) -> list[tuple[list[str], Result]]:
    """Labels whose prices do not contradict each other, with all their layers in one result."""
    groups: list[tuple[list[str], Result]] = []
    for label, result in _priced(comparison):
        for at, (labels, others) in enumerate(groups):
            if others.energy_table == result.energy_table and _agree(others, result):
                together = replace(
                    others, layers=others.layers + result.layers, prices={**others.prices, **result.prices}
                )
                groups[at] = ([*labels, label], together)
                break
        else:
            groups.append(([label], result))
    return groups


def _priced(comparison: Comparison) -> Iterator[tuple[str, Result]]:
    """Every label's result, with the prices of the actions it did."""
    for label, result in comparison.results.items():
        yield label, replace(result, prices={name: result.prices[name] for name in result.total.actions})


def _agree(one: Result, other: Result) -> bool:
    return all(one.prices.get(name, price) == price for name, price in other.prices.items())
