"""Bars of a comparison: a place for each label, stacked parts, numbers on top, names and notes below."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accelsim.report import style
from accelsim.report.axes import Series, centres, stack_bars, width_pt_of
from accelsim.report.hints import Axes, BarContainer, Rectangle
from accelsim.report.units import significant
from accelsim.studies.comparison import Comparison

_DIGITS = 3
"""Significant digits of a number on a bar."""

_SHORT = 5
"""A figure of labels whose words are no longer than so many characters fits a column."""


@dataclass(frozen=True)
class BarPart:
    """One part of every bar: what the legend calls it, and its height by label."""

    name: str
    colour: str
    heights: Mapping[str, float]
    hatch: str = ""

    def of(self, labels: Iterable[str]) -> Series:
        """The part in the bars of *labels* alone."""
        return Series(self.name, self.colour, [self.heights[label] for label in labels], self.hatch)


def size_for(comparison: Comparison) -> tuple[float, float]:
    """Width and height in inches of a figure with room for the bars and their names."""
    longest = max(len(word) for label in comparison.outcomes for word in spoken(label).split())
    narrow = len(comparison.outcomes) < style.CROWDED and longest <= _SHORT
    return style.COLUMN_IN * (1 if narrow else 2), style.HEIGHT_IN


def stack(
    ax: Axes, comparison: Comparison, parts: Sequence[BarPart], share: tuple[int, int] = (0, 1)
) -> None:
    """Draw *parts* from the bottom in the place of each label, with a word where a label has none.

    Args:
        ax: to draw on.
        comparison: whose labels have a place each.
        parts: all for the same labels.
        share: which of how many bars side by side in a place.
    """
    which, bars = share
    places = {label: at for at, label in enumerate(comparison.outcomes)}
    labels = [label for label in places if label in parts[0].heights]
    middles = [
        at for label, at in zip(places, centres(len(places), which, bars), strict=True) if label in labels
    ]
    stack_bars(ax, middles, (part.of(labels) for part in parts), bars)
    absent = [label for label in places if label not in labels]
    for label in absent if which == 0 else ():
        word = "refused" if label in comparison.refusals else "not run"
        ax.text(places[label], 0, f" {word}", rotation=90, ha="center", va="bottom", color=style.GREY)
    ax.set_xlim(-0.5, len(places) - 0.5)
    style.frame(ax)


def fit(
    ax: Axes, comparison: Comparison, *, bars: int = 1, named: bool = True, width_pt: float | None = None
) -> None:
    """Numbers on the bars and names below them, each upright where it would touch the next.

    To be called last: both depend on the room that the layout leaves.

    Args:
        ax: with the bars.
        comparison: whose labels have a place each.
        bars: side by side in a place; their tops were drawn last.
        named: whether there are names.
        width_pt: of *ax*, if known; finding it makes the layout, which takes long for many panels.
    """
    tops = _groups(ax)[-bars:]
    room = (width_pt_of(ax) if width_pt is None else width_pt) / len(comparison.outcomes)
    texts = [[significant(_top(bar), _DIGITS) for bar in group] for group in tops]
    widest = max((len(text) + 1 for row in texts for text in row), default=0) * style.EM * style.VALUE_PT
    apart = room if bars == 1 else room * style.BAR / bars
    for group, row in zip(tops, texts, strict=True):
        ax.bar_label(group, row, fontsize=style.VALUE_PT, padding=1, rotation=90 if widest > apart else 0)
    ax.set_xticks(range(len(comparison.outcomes)), [""] * len(comparison.outcomes))
    if named:
        _name(ax, tuple(comparison.outcomes), room)


def scale_axes(*axes: Axes) -> None:
    """From 0 to above the tallest bar of any of *axes*; to 1 if there is none."""
    highest = max((_top(bar) for ax in axes for group in _groups(ax) for bar in group), default=1.0)
    for ax in axes:
        ax.set_ylim(0, style.HEADROOM * highest)


def _groups(ax: Axes) -> list[BarContainer]:
    """The bars of *ax*, those drawn together in one group."""
    from matplotlib.container import BarContainer

    return [group for group in ax.containers if isinstance(group, BarContainer)]


def _top(bar: Rectangle) -> float:
    return float(bar.get_y() + bar.get_height())


def _name(ax: Axes, labels: Sequence[str], room_pt: float) -> None:
    """*labels* below their places, in lines of words; upright if a word is wider than *room_pt*."""
    size = float(ax.get_xticklabels()[0].get_fontsize())
    characters = int(room_pt / (style.EM * size))
    names = [spoken(label) for label in labels]
    if max(len(word) for name in names for word in name.split()) > characters:
        ax.set_xticks(range(len(labels)), names, rotation=90)
        return
    lines = ["\n".join(textwrap.wrap(name, characters)) for name in names]
    ax.set_xticks(range(len(labels)), lines)


def spoken(label: str) -> str:
    """*label* in words: the name of a dataflow is that of a file."""
    return label.replace("_", " ")
