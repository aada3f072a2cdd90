"""Figures of what zeros save, for a column of a paper (3.5 in) or its full width (7 in)."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from accelsim.report import style
from accelsim.report.axes import (
    Series,
    centres,
    figure_of,
    given_or_new,
    legend,
    stack_bars,
    too_wide,
    turn_names,
    write_above,
)
from accelsim.report.hints import Axes, Figure
from accelsim.report.sparsity.curves import SIZE_IN, sweep_figure
from accelsim.report.sparsity.maps import busy_map
from accelsim.report.units import number
from accelsim.studies.sparsity import IDLE_LANES, MACS, SLOTS, Gain, Gains, Sweep

_SIDES = {"dense": "#BFBFBF", "simulated": style.CYCLES_COLOUR, "ideal": style.IDEAL_COLOUR}
"""Bars of the speed-up and their colours."""

SLOT_COLOURS = {MACS: style.CAUSE_COLOURS["busy.mac"], IDLE_LANES: "#B3B3CC"} | style.CAUSE_COLOURS

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
    found = _all(gains)
    values: dict[str, list[float]] = {
        "dense": [1.0] * len(found),
        "simulated": [gain.speedup for gain in found],
        "ideal": [gain.ideal_speedup if gain.macs else 0.0 for gain in found],
    }
    with given_or_new(ax, _size_in(gains, len(_SIDES))) as axes:
        for which, (side, heights) in enumerate(values.items()):
            middles = centres(len(found), which, len(_SIDES))
            axes.bar(middles, heights, style.BAR / len(_SIDES), label=side, color=_SIDES[side])
        _mark_work(axes, found)
        axes.set_ylim(0, _HEADROOM * max(map(max, values.values())))
        axes.set_ylabel("speed-up over the dense run")
        _finish(axes, found)
        _legend(axes)
        _numbers(axes, values, len(found))
    return axes


def pe_cycles(gains: Gains, ax: Axes | None = None) -> Axes:
    """Where the PE cycles of each layer went, in % of those of the dense run, which stands on the left."""
    found = _all(gains)
    sides = ([gain.dense_slots for gain in found], [gain.slots for gain in found])
    names = [name for name in SLOTS if any(one[name] for side in sides for one in side)]
    scales = [100 / sum(gain.dense_slots.values()) for gain in found]
    with given_or_new(ax, _size_in(gains, len(sides))) as axes:
        for which, side in enumerate(sides):
            parts = [
                Series(
                    "_" * which + (_LABELS.get(name) or style.cause_label(name)),
                    SLOT_COLOURS[name],
                    [one[name] * scale for one, scale in zip(side, scales, strict=True)],
                )
                for name in names
            ]
            stack_bars(axes, centres(len(found), which, len(sides)), parts, len(sides))
        axes.set_ylim(0, _MARGIN * 100 * max(1, *(gain.cycles_ratio for gain in found)))
        axes.set_ylabel("PE cycles (% of the dense run's)")
        _finish(axes, found)
        axes.set_xlabel("left: dense, right: simulated", fontsize=style.VALUE_PT, loc="left")
        legend(axes)
        turn_names(axes)
    return axes


def sparsity_figures(gains: Gains, sweep: Sweep | None = None) -> Iterator[tuple[str, Figure]]:
    """Every figure, named. Opens no window."""
    yield "speedup", figure_of(partial(speedup, gains), _size_in(gains, len(_SIDES)))
    yield "pe_cycles", figure_of(partial(pe_cycles, gains), _size_in(gains, 2))
    if sweep is not None:
        yield "sweep", figure_of(partial(sweep_figure, sweep), SIZE_IN)
    yield "busy_map", busy_map(gains)


def _size_in(gains: Gains, bars: int) -> tuple[float, float]:
    """Width and height in inches of a figure of so many *bars* a layer."""
    return style.size_in((len(gains.layers) + 1) * bars - 2)  # without names on them, two more fit


def _all(gains: Gains) -> tuple[Gain, ...]:
    return (*gains.layers, gains.total)


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
        half = style.BAR / len(_SIDES) / 2
        label = "1 / MACs left" if (centre, height) == at[0] else None
        ax.plot([centre - half, centre + half], [height] * 2, color="#D55E00", linewidth=1, label=label)


def _finish(ax: Axes, found: Sequence[Gain]) -> None:
    ax.set_xticks(range(len(found)), [gain.name for gain in found])
    ax.set_xlim(-0.5, len(found) - 0.5)
    style.frame(ax)
    turn_names(ax)


def _numbers(ax: Axes, values: Mapping[str, Sequence[float]], places: int) -> None:
    """Numbers on all bars but the dense, upright where one is wider than its bar. To be called last."""
    bars = len(values)
    texts = [number(value) for side, row in values.items() if side != "dense" for value in row]
    upright = too_wide(ax, texts, places, bars)
    for which, side in enumerate(values):
        for centre, value in zip(centres(places, which, bars), values[side], strict=True):
            text = number(value) if value else "no bound"
            if side != "dense":
                shown = f" {text}" if upright else text
                write_above(ax, (centre, value), shown, upright=upright or not value)
