"""Energy beside time: what a dataflow saves in one may cost it the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accelsim.errors import ConfigError
from accelsim.report.axes import given_or_new, note
from accelsim.report.comparison.bars import BarPart, fit, scale_axes, side_by_side, size_for
from accelsim.report.comparison.caption import energy_note
from accelsim.report.style import CYCLES_COLOUR, ENERGY_COLOUR
from accelsim.studies.comparison import TOTAL, Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def energy_and_cycles(comparison: Comparison, ax: Axes | None = None, *, layer: str = TOTAL) -> Axes:
    """Energy and, beside it, simulated cycles per op of each label, both over those of the baseline.

    Args:
        comparison: normalised to its baseline.
        ax: to draw on; by default that of a new figure.
        layer: one layer, or all.

    Raises:
        ConfigError: if there is no baseline: the two have no unit in common.
    """
    if comparison.baseline is None:
        raise ConfigError("energy and cycles on one axis must be over a baseline (got none)")
    costs = comparison.costs(layer)
    energy = {label: cost.energy for label, cost in costs.items()}
    cycles = {label: cost.cycles_per_op for label, cost in costs.items()}
    bars = [BarPart("energy", ENERGY_COLOUR, energy), BarPart("simulated cycles", CYCLES_COLOUR, cycles)]
    with given_or_new(ax, size_for(comparison)) as axes:
        side_by_side(axes, comparison, bars)
        axes.set_ylabel(f"{layer if layer != TOTAL else 'all layers'}, {comparison.baseline} = 1")
        scale_axes(axes)
        note(axes, energy_note(comparison), whole_figure=ax is None)
        fit(axes, comparison, bars=len(bars))
    return axes
