"""Figures of a comparison, for a column of a paper (3.5 in) or its full width (7 in): a bar a label."""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from accelsim.errors import ConfigError
from accelsim.report import style
from accelsim.report.axes import figure_of, given_or_new, legend, note, panels, width_pt_of
from accelsim.report.comparison.bars import BarPart, fit, scale_axes, size_for, stack
from accelsim.report.comparison.caption import energy_note, scale_note
from accelsim.report.comparison.schemes.costs import has_schemes
from accelsim.report.comparison.schemes.figures import all_scheme_figures
from accelsim.report.figures import View
from accelsim.report.hints import Axes, Figure
from accelsim.report.units import STEPS, axis_unit
from accelsim.studies.comparison import MOVED_OPERANDS, TOTAL, Comparison, Cost

Draw = Callable[..., None]

_Quantities = Mapping[str, tuple[str, Callable[[Cost], float]]]
"""What stands side by side: its colour, and what a cost says of it."""

_DELAYS: _Quantities = {
    "simulated delay": (style.CYCLES_COLOUR, lambda cost: cost.edp),
    "1 / active PEs": (style.IDEAL_COLOUR, lambda cost: cost.edp_isca16),
}
_COSTS: _Quantities = {
    "energy": (style.ENERGY_COLOUR, lambda cost: cost.energy),
    "simulated cycles": (style.CYCLES_COLOUR, lambda cost: cost.cycles_per_op),
}

_DELAYS_NOTE = "Delay per op: simulated cycles or, as in ISCA 2016, 1 / active PEs."

_WRITES = "//////"
"""Hatch that tells writes from reads of the same operand."""

_PANELS, _PANEL_IN, _MARGIN_IN = 3, 1.4, 0.5
"""Panels in a row of a grid, their height in inches, and what stands below them."""


def op_energy_by_component(comparison: Comparison, ax: Axes | None = None, *, layer: str = TOTAL) -> Axes:
    """Energy per op of each label as a stack of ALU, RF, NoC, GLB and DRAM, from the bottom.

    Args:
        comparison: normalised to its baseline or, without one, in the unit of its energy.
        ax: to draw on; by default that of a new figure.
        layer: one layer, or all.
    """
    return _drawn(partial(_energy, view="component"), comparison, ax, layer)


def op_energy_by_operand(comparison: Comparison, ax: Axes | None = None, *, layer: str = TOTAL) -> Axes:
    """Energy per op of each label as a stack of ifmap, weight, psum and MAC; else as by component.

    Both have the same scale for the same comparison.
    """
    return _drawn(partial(_energy, view="operand"), comparison, ax, layer)


def dram_words(comparison: Comparison, ax: Axes | None = None, *, layer: str = TOTAL) -> Axes:
    """DRAM accesses per op of each label: words read by operand and, on top, words written; as energy."""
    return _drawn(_dram, comparison, ax, layer)


def edp(comparison: Comparison, ax: Axes | None = None, *, layer: str = TOTAL) -> Axes:
    """Energy times delay per op of each label: the simulated delay and, beside it, that of ISCA 2016.

    The latter is the reciprocal of the active PEs: each does an op a cycle and never waits. As energy.
    """
    return _drawn(_edp, comparison, ax, layer)


def energy_and_cycles(comparison: Comparison, ax: Axes | None = None, *, layer: str = TOTAL) -> Axes:
    """Energy and, beside it, simulated cycles per op of each label, both over those of the baseline.

    What a dataflow saves in one may cost it the other.

    Raises:
        ConfigError: if there is no baseline: the two have no unit in common.
    """
    if comparison.baseline is None:
        raise ConfigError("energy and cycles on one axis must be over a baseline (got none)")
    return _drawn(_trade, comparison, ax, layer)


def energy_by_layer(comparison: Comparison, view: View) -> Figure:
    """Energy per op of each label: a panel for each layer, the total last, over the full width of a page."""
    layers = comparison.layers
    rows = math.ceil(len(layers) / _PANELS)
    size = (2 * style.COLUMN_IN, rows * _PANEL_IN + _MARGIN_IN + _names_in(comparison))
    with panels(size, rows, _PANELS, used=len(layers), sharey=True) as (figure, shown):
        for ax, layer in zip(shown, layers, strict=True):
            stack(ax, comparison, _parts(comparison, view, layer))
            ax.set_title(layer)
        scale_axes(*shown)
        _surround(figure, comparison, shown[0])
        width_pt = width_pt_of(shown[0])
        for at, ax in enumerate(shown):
            fit(ax, comparison, named=at + _PANELS >= len(shown), width_pt=width_pt)
    return figure


def comparison_figures(comparison: Comparison) -> Iterator[tuple[str, Figure]]:
    """Every figure of *comparison*, named; by layer if there is more than one. Opens no window."""

    draws: dict[str, Draw] = {
        "energy_by_component": partial(_energy, view="component"),
        "energy_by_operand": partial(_energy, view="operand"),
        "edp": _edp,
    }
    if not has_schemes(comparison):  # whose words are not equally wide
        draws["dram_words"] = _dram
    for name, draw in draws.items():
        yield name, figure_of(partial(draw, comparison, layer=TOTAL, whole_figure=True), size_for(comparison))
    if len(comparison.layers) > 2:  # more than one, and the total
        yield "layers_by_component", energy_by_layer(comparison, "component")
        yield "layers_by_operand", energy_by_layer(comparison, "operand")
    if has_schemes(comparison):
        yield from all_scheme_figures(comparison)


def _drawn(draw: Draw, comparison: Comparison, ax: Axes | None, layer: str) -> Axes:
    """*ax*, or that of a new figure, with what *draw* puts on it."""
    with given_or_new(ax, size_for(comparison)) as axes:
        draw(comparison, axes, layer, ax is None)
    return axes


def _energy(comparison: Comparison, ax: Axes, layer: str, whole_figure: bool, *, view: View) -> None:
    stack(ax, comparison, _parts(comparison, view, layer))
    ax.set_ylabel(f"energy per op{_scale(comparison, _unit(comparison))}")
    legend(ax)
    _finish(ax, comparison, energy_note(comparison), whole_figure)


def _dram(comparison: Comparison, ax: Axes, layer: str, whole_figure: bool) -> None:
    costs = comparison.costs(layer)
    reads = [
        BarPart(
            f"{name} reads",
            style.COLOURS[name],
            {label: cost.dram_reads[name] for label, cost in costs.items()},
        )
        for name in MOVED_OPERANDS
        if any(cost.dram_reads[name] for cost in costs.values())
    ]
    writes = BarPart(
        "ofmap writes", style.COLOURS["psum"], {k: cost.dram_writes for k, cost in costs.items()}, _WRITES
    )
    stack(ax, comparison, [*reads, writes])
    ax.set_ylabel(f"DRAM accesses per op{_scale(comparison, 'words')}")
    legend(ax)
    _finish(ax, comparison, scale_note(comparison), whole_figure)


def _edp(comparison: Comparison, ax: Axes, layer: str, whole_figure: bool) -> None:
    _side_by_side(comparison, ax, layer, _DELAYS)
    ax.set_ylabel(f"EDP per op{_scale(comparison, f'{STEPS[comparison.energy_unit][0]} cycles')}")
    text = f"{_DELAYS_NOTE} {energy_note(comparison)}"
    _finish(ax, comparison, text, whole_figure, bars=len(_DELAYS))


def _trade(comparison: Comparison, ax: Axes, layer: str, whole_figure: bool) -> None:
    _side_by_side(comparison, ax, layer, _COSTS)
    ax.set_ylabel(f"{layer if layer != TOTAL else 'all layers'}, {comparison.baseline} = 1")
    _finish(ax, comparison, energy_note(comparison), whole_figure, bars=len(_COSTS))


def _side_by_side(comparison: Comparison, ax: Axes, layer: str, quantities: _Quantities) -> None:
    """A bar for each of *quantities* in the place of each label; their names above."""
    costs = comparison.costs(layer)
    for at, (name, (colour, quantity)) in enumerate(quantities.items()):
        bar = BarPart(name, colour, {label: quantity(cost) for label, cost in costs.items()})
        stack(ax, comparison, [bar], share=(at, len(quantities)))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(quantities), frameon=False)


def _parts(comparison: Comparison, view: View, layer: str) -> list[BarPart]:
    """Energy of *layer* by what the *view* is of; components of the user's own table last."""
    costs = comparison.costs(layer)
    energy = {k: cost.by_component if view == "component" else cost.by_operand for k, cost in costs.items()}
    names = dict.fromkeys((*style.PARTS[view], *(name for parts in energy.values() for name in parts)))
    return [
        BarPart(
            style.PARTS[view].get(name, name),
            style.COLOURS.get(name, style.OTHER),
            {label: parts.get(name, 0.0) for label, parts in energy.items()},
        )
        for name in names
    ]


def _finish(ax: Axes, comparison: Comparison, text: str, whole_figure: bool, *, bars: int = 1) -> None:
    """Scale, *text* below, names and numbers, in the order in which they depend on each other."""
    scale_axes(ax)
    note(ax, text, whole_figure=whole_figure)
    fit(ax, comparison, bars=bars)


def _surround(figure: Figure, comparison: Comparison, panel: Axes) -> None:
    """What all panels share: the axis, the legend of one *panel*, and the note."""
    figure.supylabel(f"energy per op{_scale(comparison, _unit(comparison))}", fontsize=style.LABEL_PT)
    handles, labels = panel.get_legend_handles_labels()
    figure.legend(
        handles[::-1], labels[::-1], loc="outside right center", frameon=False, handlelength=1, handleheight=1
    )
    note(panel, energy_note(comparison), whole_figure=True)


def _scale(comparison: Comparison, unit: str) -> str:
    """What stands behind the name of an axis."""
    return ", normalised" if comparison.baseline else f" ({unit})"


def _unit(comparison: Comparison) -> str:
    """The unit of energy, as an axis spells it."""
    return axis_unit(STEPS[comparison.energy_unit][0])


def _names_in(comparison: Comparison) -> float:
    """Height of the longest name, upright, in inches."""
    return max(map(len, comparison.outcomes)) * style.EM * style.LABEL_PT / style.POINTS_PER_INCH
