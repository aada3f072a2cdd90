"""Figures of a result, for a column of a paper (3.5 in) or its full width (7 in)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from accelsim.energy import by_component, by_operand
from accelsim.report.caption import caption
from accelsim.report.style import CAUSE_COLOURS, COLOURS, OTHER, PARTS, cause_label, frame, styled
from accelsim.report.units import STEPS, scale
from accelsim.run.result import LayerResult, Result
from accelsim.stats import CAUSES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

View = Literal["component", "operand"]
"""What the parts of a bar are."""

COLUMN_IN, HEIGHT_IN = 3.5, 2.4
"""Width of a column in inches, and the height of a figure."""

CROWDED = 8
"""From this many bars on, a figure takes the full width."""

VISIBLE = 1e-3
"""A part of no bar that is thinner than this share of the tallest is drawn, but the legend leaves it out."""

BAR, EDGE_PT = 0.7, 0.4
"""Width of a bar as a share of its room, and lines in points."""

CAPTION_PT = 5.5
"""Size of the caption in points."""

CAPTION_CHARACTERS = 30
"""The caption's lines get no shorter than this many characters."""

EM = 0.55
"""Width of a character over its size, on average, in the widest of the fonts, measured."""

POINTS_PER_INCH = 72

AXIS_UNITS = {
    "uJ": "µJ",
    "MAC": "of 1 MAC",
    "kMAC": "of 10³ MACs",
    "MMAC": "of 10⁶ MACs",
    "GMAC": "of 10⁹ MACs",
    "TMAC": "of 10¹² MACs",
}
"""Units that an axis spells otherwise than a table does."""


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
        _caption(result, left, whole_figure=True)
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
    with styled(ax):
        ax = ax or axes_for(len(layers))
        _bars(ax, _names(layers), parts, [CAUSE_COLOURS[cause] for cause in causes])
        ax.set(ylim=(0, 100), ylabel="PE cycles (%)")
        legend(ax)
        turn_names(ax)
    return ax


def _energy(result: Result, view: View, ax: Axes | None, per_mac: bool) -> Axes:
    with styled(ax):
        axes = ax or axes_for(len(result.layers) + per_mac)
        _stack(result, view, axes, per_mac=per_mac)
        legend(axes)
        _caption(result, axes, whole_figure=ax is None)
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
    thin = {label for label, found in parts.items() if max(found) < VISIBLE * max(heights)}
    shown_parts = {f"_{label}" if label in thin else label: found for label, found in parts.items()}
    _bars(ax, _names(layers), shown_parts, [COLOURS.get(name, OTHER) for name in names])
    ax.set_ylim(0, 1.05 * max(heights))
    shown = short if per_mac else unit
    ax.set_ylabel(f"energy{' per MAC' * per_mac} ({AXIS_UNITS.get(shown, shown)})")


def axes_for(bars: int) -> Axes:
    """Those of a new figure, as wide as so many *bars* need."""
    import matplotlib.pyplot as plt

    width = COLUMN_IN * (1 if bars < CROWDED else 2)
    return plt.subplots(figsize=(width, HEIGHT_IN), layout="constrained")[1]


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


def legend(ax: Axes) -> None:
    """Right of *ax*, the top of the stack on top."""
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(
        handles[::-1],
        labels[::-1],
        loc="center left",
        bbox_to_anchor=(1, 0.5),
        frameon=False,
        handlelength=1,
        handleheight=1,
    )


def _caption(result: Result, ax: Axes, *, whole_figure: bool) -> None:
    """The prices, below *ax* and as wide, or else below the whole figure."""
    width_pt = ax.figure.bbox.width / ax.figure.dpi * POINTS_PER_INCH if whole_figure else width_pt_of(ax)
    text = caption(result, max(CAPTION_CHARACTERS, int(width_pt / (EM * CAPTION_PT))))
    if whole_figure:
        ax.figure.supxlabel(text, x=0.01, ha="left", fontsize=CAPTION_PT)
    else:
        ax.set_xlabel(text, loc="left", fontsize=CAPTION_PT)


def turn_names(ax: Axes) -> None:
    """Set the names of the bars upright where they would touch."""
    labels = ax.get_xticklabels()
    characters = len(labels) * (max(len(label.get_text()) for label in labels) + 1)
    if characters * EM * float(labels[0].get_fontsize()) > width_pt_of(ax):
        ax.tick_params(axis="x", rotation=90)


def width_pt_of(ax: Axes) -> float:
    """Width of *ax* in points, after the layout is made."""
    figure = ax.figure.canvas.figure
    figure.draw_without_rendering()
    return ax.bbox.width / figure.dpi * POINTS_PER_INCH


def _names(layers: Sequence[LayerResult]) -> list[str]:
    return [layer.name for layer in layers]
