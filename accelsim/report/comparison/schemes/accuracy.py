"""Accuracy against energy: what each scheme gives for what it takes, and which ones no other beats."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from accelsim.errors import ConfigError
from accelsim.report.axes import given_or_new, width_pt_of
from accelsim.report.comparison.bars import spoken
from accelsim.report.comparison.schemes.costs import scheme_costs
from accelsim.report.comparison.schemes.placing import Box, Place, place
from accelsim.report.hints import Axes
from accelsim.report.style import COLUMN_IN, GREY, GRID_PT, LINE_PT, POINTS_PER_INCH, frame
from accelsim.report.units import axis_unit, scale
from accelsim.studies.comparison import Comparison

_FRONT = "#332288"
"""Colour of the schemes that no other beats; the rest is grey."""

TALL_IN = 3.2
"""Height of the figure in inches: names need room."""

_MARK_PT, _NAME_PT = 3.5, 6.0

_TICKS = (1, 1.5, 2, 3, 5, 7)
"""Digits of the numbers on the axis of energy."""

_MARGIN = 0.12
"""Room around the points, for their names, as a share of the axes."""


def pareto(points: Mapping[str, tuple[float, float]]) -> list[str]:
    """The names of *points* (energy, accuracy) that none beats in one without being beaten in the other.

    In the order of their energy; of equal points all.

    >>> pareto({"a": (1, 0.8), "b": (2, 0.9), "c": (3, 0.85)})
    ['a', 'b']
    """

    def beaten(energy: float, accuracy: float) -> bool:
        return any(
            (e <= energy and a >= accuracy) and (e, a) != (energy, accuracy) for e, a in points.values()
        )

    return sorted((name for name, at in points.items() if not beaten(*at)), key=lambda name: points[name])


def accuracy_and_energy(comparison: Comparison, ax: Axes | None = None) -> Axes:
    """Accuracy of each label over its energy per image, which has a log scale; a line joins those none beats.

    Args:
        comparison: of schemes, with labels of the images.
        ax: to draw on; by default that of a new figure.

    Raises:
        ConfigError: if no label has an accuracy.
    """
    costs = scheme_costs(comparison)
    energy = scale(comparison.energy_unit, [max(cost.energy for cost in costs.values())])
    points = {
        label: (cost.energy / energy.factor, 100 * cost.accuracy)
        for label, cost in costs.items()
        if cost.accuracy is not None
    }
    if not points:
        raise ConfigError("a figure of accuracy needs labels of the images in the run (got none)")
    with given_or_new(ax, (2 * COLUMN_IN, TALL_IN)) as axes:
        _draw(axes, points)
        axes.set_xlabel(f"energy per image ({axis_unit(energy.unit)})")
        axes.set_ylabel("accuracy (%)")
        _name(axes, points)
    return axes


def _draw(ax: Axes, points: Mapping[str, tuple[float, float]]) -> None:
    from matplotlib.ticker import LogLocator, NullLocator

    front = pareto(points)
    xs, ys = zip(*(points[name] for name in front), strict=True)
    ax.step(xs, ys, where="post", color=_FRONT, linewidth=LINE_PT, label="none better")
    for name, (x, y) in points.items():
        ax.plot([x], [y], "o", markersize=_MARK_PT, color=_FRONT if name in front else GREY)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=_TICKS))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.margins(_MARGIN)
    frame(ax, "both")


def _name(ax: Axes, points: Mapping[str, tuple[float, float]]) -> None:
    """Names beside their points, where they touch neither each other nor a point. To be called last."""
    front = pareto(points)
    arrow = {"arrowstyle": "-", "linewidth": GRID_PT, "color": GREY, "shrinkA": 0, "shrinkB": _MARK_PT * 0.6}
    for name, shift in zip(points, _shifts(ax, points, front), strict=True):
        ax.annotate(
            spoken(name),
            points[name],
            shift,
            textcoords="offset points",
            fontsize=_NAME_PT,
            color=_FRONT if name in front else GREY,
            ha="center",
            va="center",
            zorder=1,  # below the points
            arrowprops=arrow,
        )


def _shifts(ax: Axes, points: Mapping[str, tuple[float, float]], front: Sequence[str]) -> list[Place]:
    """How far the middle of each name is from its point, in points of the page."""
    width_pt_of(ax)  # makes the layout
    per_pixel = POINTS_PER_INCH / ax.figure.dpi
    at: dict[str, Place] = {
        name: tuple(ax.transData.transform(point) * per_pixel) for name, point in points.items()
    }
    left, bottom, right, top = (float(side) * per_pixel for side in ax.bbox.extents)
    sizes = [_size(ax, spoken(name), per_pixel) for name in points]
    centres = place(
        list(at.values()),
        [width for width, _ in sizes],
        max(height for _, height in sizes),
        (left, bottom, right, top),
        _walls([at[name] for name in front]),
    )
    return [(x - own[0], y - own[1]) for (x, y), own in zip(centres, at.values(), strict=True)]


def _size(ax: Axes, name: str, per_pixel: float) -> tuple[float, float]:
    """Width and height of *name* in points."""
    text = ax.text(0, 0, name, fontsize=_NAME_PT)
    box = text.get_window_extent()
    text.remove()
    return box.width * per_pixel, box.height * per_pixel


def _walls(corners: Sequence[Place]) -> list[Box]:
    """The steps through *corners*: to the right, then up."""
    steps: list[Box] = []
    for (left, low), (right, high) in pairwise(corners):
        steps += [(left, low, right, low), (right, low, right, high)]
    return [(x0 - LINE_PT, y0 - LINE_PT, x1 + LINE_PT, y1 + LINE_PT) for x0, y0, x1, y1 in steps]
