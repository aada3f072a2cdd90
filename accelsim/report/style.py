"""Colours, names and lines that every figure shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Literal

from accelsim.report.hints import Axes, RcKeyType

COLUMN_IN, HEIGHT_IN = 3.5, 2.4
"""Width of a column of a paper in inches, and the height of a figure; the full width is two columns."""

CROWDED = 8
"""From this many bars on, a figure takes the full width."""

BAR, EDGE_PT = 0.7, 0.4
"""Width of a bar as a share of its room, and lines around its parts in points."""

GRID_PT, LINE_PT = 0.4, 1.0
"""Lines behind what is drawn, and lines that are drawn, in points."""

LABEL_PT, VALUE_PT, CAPTION_PT = 7, 5.5, 5.5
"""Size of names, of the numbers beside bars and marks, and of the caption, in points."""

CAPTION_CHARACTERS = 30
"""The caption's lines get no shorter than this many characters."""

HEADROOM = 1.15
"""Height of an axis over that of its tallest bar, for the number on it."""

EM = 0.55
"""Width of a character over its size, on average, in the widest of the fonts, measured."""

POINTS_PER_INCH = 72

CYCLES_COLOUR, ENERGY_COLOUR = "#332288", "#882255"
"""What stands for simulated cycles, and for energy as a whole, where the two are compared."""

IDEAL_COLOUR = "#AFA9D8"
"""What stands for a bound that no machine can beat, and for the delay of PEs that never wait."""

GREY = "#7F7F7F"
"""What stands back: the dense run, a word in the place of a bar, what others beat."""

COMPONENT_LABELS = {"mac": "ALU", "codec": "codec", "rf": "RF", "noc": "NoC", "glb": "GLB", "dram": "DRAM"}
"""Components from the bottom of a bar, as a reader of the field calls them."""

PARTS: Mapping[str, Mapping[str, str]] = {
    "component": COMPONENT_LABELS,
    "operand": {"ifmap": "ifmap", "weight": "weight", "psum": "psum", "mac": "MAC"},
}
"""Parts of a bar from the bottom, and how the legend calls them."""

COLOURS = {
    "mac": "#595959",
    "codec": "#A6761D",
    "rf": "#0072B2",
    "noc": "#56B4E9",
    "glb": "#E69F00",
    "dram": "#D55E00",
    "ifmap": "#009E73",
    "weight": "#CC79A7",
    "psum": "#F0E442",
}
"""One colour for one thing in every figure. Source: Okabe, Ito, "Color Universal Design", 2008, but codec."""

CAUSE_COLOURS = {
    "busy.mac": "#595959",
    "busy.overhead": "#A65628",
    "busy.accumulate": "#8C8C8C",
    "busy.pipeline": "#BFBFBF",
    "blocked.bus": "#56B4E9",
    "blocked.dram": "#0072B2",
    "no_weight.bus": "#E6BCD3",
    "no_weight.dram": "#CC79A7",
    "no_ifmap.bus": "#80CFB9",
    "no_ifmap.dram": "#009E73",
    "no_psum.bus": "#F0E442",
    "idle": "#F2F2F2",
}
"""An operand a PE waits for has the operand's colour, lighter where the bus is the root."""

OTHER = "#000000"
"""Colour of a component that only the user's own energy table knows."""

_STYLE: dict[RcKeyType, object] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["Helvetica", "Arial", "Nimbus Sans", "Liberation Sans", "DejaVu Sans"],
    "font.size": 7,
    "axes.titlesize": 7,
    "axes.linewidth": 0.5,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.major.size": 0,
    "ytick.major.size": 2,
    "figure.dpi": 150,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
}
"""Fonts and lines of a figure made here; on an ``ax`` that is given, the owner's stay."""


def size_in(bars: int) -> tuple[float, float]:
    """Width and height in inches of a figure of so many *bars*: one column or, if they are a crowd, two."""
    return COLUMN_IN * (1 if bars < CROWDED else 2), HEIGHT_IN


def cause_label(cause: str) -> str:
    """*cause* as the legend calls it.

    >>> cause_label("no_ifmap.dram")
    'no ifmap (DRAM)'
    """
    head, _, root = cause.replace("_", " ").partition(".")
    return f"{head} ({root.upper() if root in ('mac', 'dram') else root})" if root else head


@contextmanager
def styled(ax: Axes | None = None) -> Iterator[None]:
    """The style of the house around what makes or saves a figure; nothing if *ax* is given."""
    import matplotlib

    with matplotlib.rc_context(_STYLE) if ax is None else nullcontext():
        yield


def frame(ax: Axes, axis: Literal["y", "both"] = "y") -> None:
    """Light lines behind what is drawn, along *axis*, and no box around it."""
    ax.set_axisbelow(True)
    ax.grid(axis=axis, linewidth=GRID_PT, color="#D9D9D9")
    ax.spines[["top", "right"]].set_visible(False)
