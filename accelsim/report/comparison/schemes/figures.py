"""Figures of a comparison of schemes: bits of the weights, and energy of the arithmetic by part."""

import math
from collections.abc import Iterator
from functools import partial
from statistics import median_high

from accelsim.report.axes import figure_of, given_or_new, legend, note, panels
from accelsim.report.comparison.bars import BarPart, fit, scale_axes, size_for, stack
from accelsim.report.comparison.schemes.accuracy import TALL_IN, accuracy_and_energy
from accelsim.report.comparison.schemes.costs import scheme_costs
from accelsim.report.comparison.schemes.parts import ARITHMETIC_PARTS
from accelsim.report.hints import Axes, Figure
from accelsim.report.style import COLOURS, COLUMN_IN, LABEL_PT
from accelsim.report.units import KILO, STEPS, axis_unit
from accelsim.studies.comparison import Comparison

_PARTS = {
    "multiply": ("multiply", "#595959"),
    "table": ("look-up table", "#A6761D"),
    "sign": ("sign, shift", "#44AA99"),
    "count": ("bit count", "#999933"),
    "add": ("add", "#BFBFBF"),
}
"""Parts of the arithmetic in the legend, and their colours; a table has the codec's, which has one, too."""

_PANEL_IN = 1.7
"""Height of a panel in inches."""

_ABOVE = 0.3
"""How far the magnified panel goes beyond the median bar, as a share of it."""

_PARTS_NOTE = (
    "Energy of MACs and look-ups of codes over algorithmic MACs: zeros that do nothing make it less."
)
_MAGNIFIED_NOTE = "Below: the same, magnified; tall bars are cut."
_BITS_NOTE = "Codes of all weights in memory, with their tables and scales."


def arithmetic_by_part(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Energy of the arithmetic per MAC of each label, as a stack of its parts.

    Args:
        comparison: of schemes.
        ax: to draw on; by default that of a new figure.
    """
    return _bars(comparison, ax, _parts(comparison), _title(comparison), _PARTS_NOTE)


def arithmetic_figure(comparison: Comparison) -> Figure:
    """Energy of the arithmetic by part over the full width of a page and, below it, magnified.

    The lower panel ends just above the median bar, so that half the labels fit.
    """
    parts = _parts(comparison)
    heights = [math.fsum(part.heights[label] for part in parts) for label in parts[0].heights]
    with panels((2 * COLUMN_IN, 2 * _PANEL_IN), 2, 1) as (figure, (whole, magnified)):
        for ax in (whole, magnified):
            stack(ax, comparison, parts)
        scale_axes(whole)
        magnified.set_ylim(0, (1 + _ABOVE) * median_high(heights))
        figure.supylabel(_title(comparison), fontsize=LABEL_PT)
        legend(whole)
        note(magnified, f"{_PARTS_NOTE} {_MAGNIFIED_NOTE}", whole_figure=True)
        fit(whole, comparison, named=False)
        fit(magnified, comparison)
    return figure


def weight_bits_figure(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Bits of the weights of each label in memory; else as the arithmetic."""
    heights = {
        label: cost.weight_bits / KILO
        for label, cost in scheme_costs(comparison).items()
        if cost.weight_bits is not None
    }
    parts = [BarPart("weights", COLOURS["weight"], heights)]
    return _bars(comparison, ax, parts, "weights in memory (kbit)", _BITS_NOTE)


def all_scheme_figures(comparison: Comparison) -> Iterator[tuple[str, Figure]]:
    """Every figure of schemes, named; accuracy where there are labels. Opens no window."""
    yield "weight_bits", figure_of(partial(weight_bits_figure, comparison), size_for(comparison))
    if any(result.accuracy is not None for result in comparison.results.values()):
        size = 2 * COLUMN_IN, TALL_IN
        yield "accuracy_and_energy", figure_of(partial(accuracy_and_energy, comparison), size)
    yield "arithmetic_by_part", arithmetic_figure(comparison)


def _parts(comparison: Comparison) -> list[BarPart]:
    """The parts of the arithmetic per MAC that any label has."""
    costs = scheme_costs(comparison)
    parts = [
        BarPart(*_PARTS[name], {label: cost.by_part[name] / cost.macs for label, cost in costs.items()})
        for name in ARITHMETIC_PARTS
    ]
    return [part for part in parts if any(part.heights.values())]


def _title(comparison: Comparison) -> str:
    return f"energy per MAC ({axis_unit(STEPS[comparison.energy_unit][0])})"


def _bars(comparison: Comparison, ax: Axes | None, parts: list[BarPart], title: str, text: str) -> Axes:
    """Stacks of *parts* on *ax*, or on that of a new figure."""
    with given_or_new(ax, size_for(comparison)) as axes:
        stack(axes, comparison, parts)
        axes.set_ylabel(title)
        if len(parts) > 1:
            legend(axes)
        scale_axes(axes)
        note(axes, text, whole_figure=False)
        fit(axes, comparison)
    return axes
