"""Figures of a result, for a column of a paper (3.5 in) or its full width (7 in)."""

from collections.abc import Iterator, Sequence
from typing import Literal

from accelsim.energy import by_component, by_operand
from accelsim.report import style
from accelsim.report.axes import Series, given_or_new, legend, note, panels, stack_bars, turn_names
from accelsim.report.caption import caption
from accelsim.report.hints import Axes, Figure
from accelsim.report.units import STEPS, axis_unit, scale
from accelsim.run.result import LayerResult, Result
from accelsim.stats import CAUSES

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
    with panels((2 * style.COLUMN_IN, style.HEIGHT_IN), 1, 2) as (figure, (left, right)):
        _stack(result, view, left, per_mac=False)
        _stack(result, view, right, per_mac=True)
        legend(right)
        note(left, caption(result), whole_figure=True)
        turn_names(left)
        turn_names(right)
    return figure


def run_figures(result: Result) -> Iterator[tuple[str, Figure]]:
    """Both views of the energy of *result*, named. Opens no window."""
    yield "energy_by_component", energy_figure(result, "component")
    yield "energy_by_operand", energy_figure(result, "operand")


def cycles_by_cause(result: Result, ax: Axes | None = None) -> Axes:
    """Share of each layer's PE cycles by cause, in %; causes without a cycle are left out."""
    layers = (*result.layers, result.total)
    parts = [
        Series(
            style.cause_label(cause),
            style.CAUSE_COLOURS[cause],
            [100 * layer.causes[cause] / (layer.pes * layer.cycles) for layer in layers],
        )
        for cause in CAUSES
        if result.total.causes[cause]
    ]
    with given_or_new(ax, style.size_in(len(layers))) as axes:
        _bars(axes, layers, parts)
        axes.set(ylim=(0, 100), ylabel="PE cycles (%)")
        legend(axes)
        turn_names(axes)
    return axes


def _energy(result: Result, view: View, ax: Axes | None, per_mac: bool) -> Axes:
    with given_or_new(ax, style.size_in(len(result.layers) + per_mac)) as axes:
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
    tallest = max(layer.total_pj / by for layer, by in zip(layers, over, strict=True))
    parts = []
    for name in dict.fromkeys((*style.PARTS[view], *split(result.total.energy_pj))):
        heights = [energy.get(name, 0.0) / by for energy, by in zip(found, over, strict=True)]
        hidden = "_" * (max(heights) < _VISIBLE * tallest)
        parts.append(
            Series(hidden + style.PARTS[view].get(name, name), style.COLOURS.get(name, style.OTHER), heights)
        )
    _bars(ax, layers, parts)
    ax.set_ylim(0, 1.05 * tallest)
    shown = short if per_mac else unit
    ax.set_ylabel(f"energy{' per MAC' * per_mac} ({axis_unit(shown)})")


def _bars(ax: Axes, layers: Sequence[LayerResult], parts: Sequence[Series]) -> None:
    """A bar for each of *layers*, its *parts* from the bottom."""
    stack_bars(ax, range(len(layers)), parts)
    ax.set_xticks(range(len(layers)), [layer.name for layer in layers])
    style.frame(ax)
