"""What figures do with their axes: bars stacked side by side, names that fit, legends, a note below."""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from accelsim.report import style
from accelsim.report.hints import Artist, Axes, Figure


class Series(NamedTuple):
    """One part of every bar of a stack: what the legend calls it, and its height in each bar."""

    name: str  # of no legend if it begins with an underscore
    colour: str
    heights: Sequence[float]
    hatch: str = ""


@contextmanager
def given_or_new(ax: Axes | None, size_in: tuple[float, float]) -> Iterator[Axes]:
    """*ax* in its owner's style or, if there is none, that of a new figure in the style of the house.

    Args:
        ax: that was given, if one was.
        size_in: width and height of the new figure in inches.
    """
    import matplotlib.pyplot as plt

    with style.styled(ax):
        yield ax or plt.subplots(figsize=size_in, layout="constrained")[1]


@contextmanager
def panels(
    size_in: tuple[float, float], rows: int, cols: int, *, used: int | None = None, sharey: bool = False
) -> Iterator[tuple[Figure, list[Axes]]]:
    """A figure of *size_in* inches in the style of the house and its axes, row by row. Opens no window.

    Args:
        size_in: width and height of the figure in inches.
        rows: of axes.
        cols: of axes.
        used: how many of the axes there are, if not all.
        sharey: whether all have one scale.
    """
    from matplotlib.figure import Figure

    with style.styled():
        figure = Figure(figsize=size_in, layout="constrained")
        axes = list(figure.subplots(rows, cols, sharey=sharey, squeeze=False).flat)
        shown = len(axes) if used is None else used
        for ax in axes[shown:]:
            ax.remove()
        yield figure, axes[:shown]


def figure_of(draw: Callable[[Axes], object], size_in: tuple[float, float]) -> Figure:
    """A figure of *size_in* inches with one ax, on which *draw* draws. Opens no window."""
    with panels(size_in, 1, 1) as (figure, (ax,)):
        draw(ax)
    return figure


def centres(places: int, which: int, bars: int) -> list[float]:
    """The middle of the bar *which* of so many *bars* side by side at each of *places*."""
    return [place + style.BAR * ((which + 0.5) / bars - 0.5) for place in range(places)]


def stack_bars(
    ax: Axes, middles: Sequence[float], parts: Iterable[Series], bars: int = 1, alpha: float | None = None
) -> list[float]:
    """Draw *parts* from the bottom at each of *middles*, one of so many *bars* side by side; the heights."""
    tops = [0.0] * len(middles)
    for part in parts:
        drawn = ax.bar(
            middles, part.heights, style.BAR / bars, tops, label=part.name, color=part.colour, alpha=alpha
        )
        for bar in drawn:
            bar.set(edgecolor="white", linewidth=style.EDGE_PT, hatch=part.hatch)
        tops = [top + height for top, height in zip(tops, part.heights, strict=True)]
    return tops


def too_wide(ax: Axes, texts: Iterable[str], places: int, bars: int) -> bool:
    """Whether any of *texts*, numbers on so many *bars* at each of *places*, is wider than its bar.

    To be called last: it depends on the room that the layout leaves.
    """
    widest = max(len(text) + 1 for text in texts) * style.EM * style.VALUE_PT
    return widest > width_pt_of(ax) / places * style.BAR / bars


def write_above(ax: Axes, point: tuple[float, float], text: str, *, upright: bool) -> None:
    """Write *text* above *point*, the middle and the top of a bar."""
    ax.annotate(
        text,
        point,
        (0, 1),
        textcoords="offset points",
        fontsize=style.VALUE_PT,
        rotation=90 if upright else 0,
        ha="center",
        va="bottom",
    )


def legend(ax: Axes, handles: Sequence[Artist] | None = None) -> None:
    """Set *handles* right of *ax*, by default those of a stack of bars, its top on top."""
    ax.legend(
        handles=ax.get_legend_handles_labels()[0][::-1] if handles is None else handles,
        loc="center left",
        bbox_to_anchor=(1, 0.5),
        frameon=False,
        handlelength=1,
        handleheight=1,
    )


def note(ax: Axes, text: str, *, whole_figure: bool) -> None:
    """Set *text* below *ax* and as wide, or else below the whole figure."""
    width_pt = (
        ax.figure.bbox.width / ax.figure.dpi * style.POINTS_PER_INCH if whole_figure else width_pt_of(ax)
    )
    lines = textwrap.fill(text, max(style.CAPTION_CHARACTERS, int(width_pt / (style.EM * style.CAPTION_PT))))
    if whole_figure:
        ax.figure.supxlabel(lines, x=0.01, ha="left", fontsize=style.CAPTION_PT)
    else:
        ax.set_xlabel(lines, loc="left", fontsize=style.CAPTION_PT)


def turn_names(ax: Axes) -> None:
    """Set the names of the bars upright where they would touch."""
    labels = ax.get_xticklabels()
    characters = len(labels) * (max(len(label.get_text()) for label in labels) + 1)
    if characters * style.EM * float(labels[0].get_fontsize()) > width_pt_of(ax):
        ax.tick_params(axis="x", rotation=90)


def width_pt_of(ax: Axes) -> float:
    """Width of *ax* in points, after the layout is made."""
    figure = ax.figure.canvas.figure
    figure.draw_without_rendering()
    return ax.bbox.width / figure.dpi * style.POINTS_PER_INCH
