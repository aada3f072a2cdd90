"""Figures of a result, for a column of a paper (3.5 in) or its full width (7 in)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from accelsim.energy import by_component, by_operand
from accelsim.report.axes import given_or_new, legend, note, turn_names
from accelsim.report.caption import caption
from accelsim.report.style import (
    BAR,
    CAUSE_COLOURS,
    COLOURS,
    COLUMN_IN,
    CROWDED,
    EDGE_PT,
    HEIGHT_IN,
    OTHER,
    PARTS,
    cause_label,
    frame,
    styled,
)
from accelsim.report.units import STEPS, axis_unit, scale
from accelsim.run.result import LayerResult, Result
from accelsim.stats import CAUSES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

View = Literal["component", "operand"]
"""What the parts of a bar are."""

_VISIBLE = 1e-3
"""A part of no bar that is thinner than this share of the tallest is drawn, but the legend leaves it out."""


def energy_by_component(result: Result, ax: Axes | None = None, *, per_mac: bool = False) -> Axes:
    """Energy of each layer as a stack of ALU, RF, NoC, GLB and DRAM, from the bottom.

    Args:
        result: in whose unit the axis is.
        ax: to draw on; by default that of a new figure.
        per_mac: over the layer's algorithmic MACs, with a bar for the whole run.
    """
    return _energy(result, "component", ax, per_mac)


def energy_by_operand(result: Result, ax: Axes | None = None, *, per_mac: bool = False) -> Axes:
    """Energy of each layer as a stack of ifmap, weight, psum and MAC; else like :func:`energy_by_component`.

    Both have the same scale for the same result.
    """
    return _energy(result, "operand", ax, per_mac)


def energy_figure(result: Result, view: View) -> Figure:
    """Energy of each layer, and per MAC, side by side over the full width of a page."""
    from matplotlib.figure import Figure

    with styled():
        figure = Figure(figsize=(2 * COLUMN_IN, HEIGHT_IN), layout="constrained")
        left, right = figure.subplots(1, 2)
        _stack(result, view, left, per_mac=False)
        _stack(result, view, right, per_mac=True)
        legend(right)
        note(left, caption(result), whole_figure=True)
        turn_names(left)
        turn_names(right)
    return figure


def cycles_by_cause(result: Result, ax: Axes | None = None) -> Axes:
    """Share of each layer's PE cycles by cause, in %; causes without a cycle are left out."""
    layers = (*result.layers, result.total)
    causes = [cause for cause in CAUSES if result.total.causes[cause]]
    parts = {
        cause_label(cause): [100 * layer.causes[cause] / (layer.pes * layer.cycles) for layer in layers]
        for cause in causes
    }
    with given_or_new(ax, _size_for(len(layers))) as axes:
        _bars(axes, _names(layers), parts, [CAUSE_COLOURS[cause] for cause in causes])
        axes.set(ylim=(0, 100), ylabel="PE cycles (%)")
        legend(axes)
        turn_names(axes)
    return axes


def _energy(result: Result, view: View, ax: Axes | None, per_mac: bool) -> Axes:
    with given_or_new(ax, _size_for(len(result.layers) + per_mac)) as axes:
        _stack(result, view, axes, per_mac=per_mac)
        legend(axes)
        note(axes, caption(result), whole_figure=ax is None)
        turn_names(axes)
    return axes


def _stack(result: Result, view: View, ax: Axes, *, per_mac: bool) -> None:
    layers = (*result.layers, result.total) if per_mac else result.layers
    split = by_component if view == "component" else by_operand
    short = STEPS[result.energy_unit][0]
    factor, unit = scale(result.energy_unit, (layer.total_pj for layer in layers))
    over = [layer.macs if per_mac else factor for layer in layers]
    found = [split(layer.energy_pj) for layer in layers]
    names = dict.fromkeys((*PARTS[view], *split(result.total.energy_pj)))
    parts = {
        PARTS[view].get(name, name): [e.get(name, 0.0) / by for e, by in zip(found, over, strict=True)]
        for name in names
    }
    heights = [layer.total_pj / by for layer, by in zip(layers, over, strict=True)]
    thin = {label for label, found in parts.items() if max(found) < _VISIBLE * max(heights)}
    shown_parts = {f"_{label}" if label in thin else label: found for label, found in parts.items()}
    _bars(ax, _names(layers), shown_parts, [COLOURS.get(name, OTHER) for name in names])
    ax.set_ylim(0, 1.05 * max(heights))
    shown = short if per_mac else unit
    ax.set_ylabel(f"energy{' per MAC' * per_mac} ({axis_unit(shown)})")


def _size_for(bars: int) -> tuple[float, float]:
    """Width and height in inches of a figure of so many *bars*."""
    return COLUMN_IN * (1 if bars < CROWDED else 2), HEIGHT_IN


def _bars(
    ax: Axes, names: Sequence[str], parts: Mapping[str, Sequence[float]], colours: Sequence[str]
) -> None:
    """A bar for each of *names*, its *parts* from the bottom."""
    tops = [0.0] * len(names)
    for (label, heights), colour in zip(parts.items(), colours, strict=True):
        ax.bar(
            names, heights, BAR, bottom=tops, label=label, color=colour, edgecolor="white", linewidth=EDGE_PT
        )
        tops = [top + height for top, height in zip(tops, heights, strict=True)]
    frame(ax)


def _names(layers: Sequence[LayerResult]) -> list[str]:
    return [layer.name for layer in layers]
