"""What figures do with their axes: bars side by side, names that fit, a legend beside, a note below."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from accelsim.report.style import BAR, CAPTION_CHARACTERS, CAPTION_PT, EM, POINTS_PER_INCH, styled

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@contextmanager
def given_or_new(ax: Axes | None, size_in: tuple[float, float]) -> Iterator[Axes]:
    """*ax* in its owner's style or, if there is none, that of a new figure in the style of the house.

    Args:
        ax: that was given, if one was.
        size_in: width and height of the new figure in inches.
    """
    import matplotlib.pyplot as plt

    with styled(ax):
        yield ax or plt.subplots(figsize=size_in, layout="constrained")[1]


def figure_of(draw: Callable[[Axes], object], size_in: tuple[float, float]) -> Figure:
    """A figure of *size_in* inches with one ax, on which *draw* draws. Opens no window."""
    from matplotlib.figure import Figure

    with styled():
        figure = Figure(figsize=size_in, layout="constrained")
        draw(figure.subplots())
    return figure


def centres(places: int, which: int, bars: int) -> list[float]:
    """The middle of the bar *which* of so many *bars* side by side at each of *places*."""
    return [place + BAR * ((which + 0.5) / bars - 0.5) for place in range(places)]


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
    width_pt = ax.figure.bbox.width / ax.figure.dpi * POINTS_PER_INCH if whole_figure else width_pt_of(ax)
    lines = textwrap.fill(text, max(CAPTION_CHARACTERS, int(width_pt / (EM * CAPTION_PT))))
    if whole_figure:
        ax.figure.supxlabel(lines, x=0.01, ha="left", fontsize=CAPTION_PT)
    else:
        ax.set_xlabel(lines, loc="left", fontsize=CAPTION_PT)


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
