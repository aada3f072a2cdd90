"""Figures of what zeros save, for a column of a paper (3.5 in) or its full width (7 in)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from accelsim.report.axes import centres, figure_of, given_or_new, legend, turn_names, width_pt_of
from accelsim.report.sparsity.curves import draw_sweep
from accelsim.report.sparsity.maps import busy_map
from accelsim.report.style import (
    BAR,
    CAUSE_COLOURS,
    COLUMN_IN,
    CROWDED,
    CYCLES_COLOUR,
    EDGE_PT,
    EM,
    HEIGHT_IN,
    IDEAL_COLOUR,
    VALUE_PT,
    cause_label,
    frame,
)
from accelsim.report.units import number
from accelsim.studies.sparsity import IDLE_LANES, MACS, SLOTS, Gain, Gains, Sweep

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    Draw = Callable[[Axes], None]

_SIDES = {"dense": "#BFBFBF", "simulated": CYCLES_COLOUR, "ideal": IDEAL_COLOUR}
"""Bars of the speed-up and their colours."""

SLOT_COLOURS = {MACS: CAUSE_COLOURS["busy.mac"], IDLE_LANES: "#B3B3CC"} | CAUSE_COLOURS

_LABELS = {MACS: "MACs", IDLE_LANES: "idle lanes"}

_HEADROOM, _MARGIN = 1.2, 1.05
"""Height of an axis over that of its tallest bar, with a number on it and without."""


def speedup(gains: Gains, ax: Axes | None = None) -> Axes:
    """Speed-up of each layer and the total: the dense run, which is 1, the simulated one, the ideal.

    A tick in the ideal's bar is 1 over the share of the MACs left: the speed-up at the dense utilisation.

    Args:
        gains: of a run.
        ax: to draw on; by default that of a new figure.
    """
    return _drawn(partial(_speedup, gains), _width(gains, len(_SIDES)), ax)


def pe_cycles(gains: Gains, ax: Axes | None = None) -> Axes:
    """Where the PE cycles of each layer went, in % of those of the dense run, which stands on the left."""
    return _drawn(partial(_slots, gains), _width(gains, 2), ax)


def sweep_figure(sweep: Sweep, ax: Axes | None = None) -> Axes:
    """Cycles and energy of all layers over those of the dense run at each density, crossovers marked."""
    return _drawn(partial(draw_sweep, sweep), COLUMN_IN, ax)


def sparsity_figures(gains: Gains, sweep: Sweep | None = None) -> Iterator[tuple[str, Figure]]:
    """Every figure, named. Opens no window."""
    draws: dict[str, tuple[Draw, float]] = {
        "speedup": (partial(_speedup, gains), _width(gains, len(_SIDES))),
        "pe_cycles": (partial(_slots, gains), _width(gains, 2)),
    }
    if sweep is not None:
        draws["sweep"] = partial(draw_sweep, sweep), COLUMN_IN
    for name, (draw, width_in) in draws.items():
        yield name, figure_of(draw, (width_in, HEIGHT_IN))
    yield "busy_map", busy_map(gains)


def _drawn(draw: Draw, width_in: float, ax: Axes | None) -> Axes:
    """*ax*, or that of a new figure, with what *draw* puts on it."""
    with given_or_new(ax, (width_in, HEIGHT_IN)) as axes:
        draw(axes)
    return axes


def _width(gains: Gains, bars: int) -> float:
    """In inches, of so many *bars* a layer."""
    return COLUMN_IN * (1 if (len(gains.layers) + 1) * bars <= CROWDED + 1 else 2)


def _all(gains: Gains) -> tuple[Gain, ...]:
    return (*gains.layers, gains.total)


def _speedup(gains: Gains, ax: Axes) -> None:
    found = _all(gains)
    values: dict[str, list[float]] = {
        "dense": [1.0] * len(found),
        "simulated": [gain.speedup for gain in found],
        "ideal": [gain.ideal_speedup if gain.macs else 0.0 for gain in found],
    }
    for which, (side, heights) in enumerate(values.items()):
        ax.bar(
            centres(len(found), which, len(_SIDES)),
            heights,
            BAR / len(_SIDES),
            label=side,
            color=_SIDES[side],
        )
    _mark_work(ax, found)
    ax.set_ylim(0, _HEADROOM * max(map(max, values.values())))
    ax.set_ylabel("speed-up over the dense run")
    _finish(ax, found)
    _legend(ax)
    _numbers(ax, values, len(found))


def _legend(ax: Axes) -> None:
    """Above *ax*, in the order of the bars, the tick last."""
    handles = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    labels = [*_SIDES, *(label for label in handles if label not in _SIDES)]
    ax.legend(
        [handles[label] for label in labels],
        labels,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=len(labels),
        columnspacing=1,
        frameon=False,
        handlelength=1,
        handleheight=1,
    )


def _mark_work(ax: Axes, found: Sequence[Gain]) -> None:
    """A tick in the bar of the ideal, which is as high or higher, at 1 over the share of the MACs left."""
    middles = centres(len(found), len(_SIDES) - 1, len(_SIDES))
    at = [(centre, 1 / gain.work) for centre, gain in zip(middles, found, strict=True) if gain.macs]
    for centre, height in at:
        half = BAR / len(_SIDES) / 2
        label = "1 / MACs left" if (centre, height) == at[0] else None
        ax.plot([centre - half, centre + half], [height] * 2, color="#D55E00", linewidth=1, label=label)


def _slots(gains: Gains, ax: Axes) -> None:
    found = _all(gains)
    scales = [100 / sum(gain.dense_slots.values()) for gain in found]
    sides = ([gain.dense_slots for gain in found], [gain.slots for gain in found])
    names = [name for name in SLOTS if any(one[name] for side in sides for one in side)]
    for which, side in enumerate(sides):
        _stack(ax, names, side, scales, centres(len(found), which, 2), labelled=which == 0)
    ax.set_ylim(0, _MARGIN * 100 * max(1, *(gain.cycles_ratio for gain in found)))
    ax.set_ylabel("PE cycles (% of the dense run's)")
    _finish(ax, found)
    ax.set_xlabel("left: dense, right: simulated", fontsize=VALUE_PT, loc="left")
    legend(ax)
    turn_names(ax)


def _stack(
    ax: Axes,
    names: Sequence[str],
    found: Sequence[Mapping[str, int]],
    scales: Sequence[float],
    middles: Sequence[float],
    *,
    labelled: bool,
) -> None:
    """A bar at each of *middles*, from the bottom the slots called *names*, by *scales*."""
    tops = [0.0] * len(found)
    for name in names:
        heights = [one[name] * scale for one, scale in zip(found, scales, strict=True)]
        label = _LABELS.get(name) or cause_label(name)
        bars = ax.bar(middles, heights, BAR / 2, tops, label=label if labelled else f"_{label}")
        for bar in bars:
            bar.set(color=SLOT_COLOURS[name], edgecolor="white", linewidth=EDGE_PT)
        tops = [top + height for top, height in zip(tops, heights, strict=True)]


def _finish(ax: Axes, found: Sequence[Gain]) -> None:
    ax.set_xticks(range(len(found)), [gain.name for gain in found])
    ax.set_xlim(-0.5, len(found) - 0.5)
    frame(ax)
    turn_names(ax)


def _numbers(ax: Axes, values: Mapping[str, Sequence[float]], places: int) -> None:
    """Numbers on all bars but the dense, upright where one is wider than its bar. To be called last."""
    texts = {side: [number(value) for value in row] for side, row in values.items() if side != "dense"}
    widest = max(len(text) + 1 for row in texts.values() for text in row) * EM * VALUE_PT
    upright = widest > width_pt_of(ax) / places * BAR / len(_SIDES)
    for which, side in enumerate(values):
        for centre, value, text in zip(
            centres(places, which, len(_SIDES)), values[side], texts.get(side, ()), strict=False
        ):
            shown = text if value else "no bound"
            ax.annotate(
                f" {shown}" if upright else shown,
                (centre, value),
                (0, 1),
                textcoords="offset points",
                fontsize=VALUE_PT,
                rotation=90 if upright or not value else 0,
                ha="center",
                va="bottom",
            )
