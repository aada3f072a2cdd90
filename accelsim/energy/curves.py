"""Curves through published points: what a quantity is between and beyond them."""

import math
from collections.abc import Sequence

CurvePoint = tuple[float, float]
"""A pair (x, y), both above 0."""

Points = Sequence[CurvePoint]
"""One point or more, in ascending x."""


def straight(x: float, points: Points) -> float:
    """The y at *x*: linear between neighbouring *points*, proportional to x outside; exact at a point."""
    around = _around(x, points)
    if not isinstance(around, tuple):
        return around
    (low, small), (high, large) = around
    return small + (large - small) * (x - low) / (high - low)


def power(x: float, points: Points) -> float:
    """The y at *x*: log y linear in log x between *points*, proportional to x outside; exact at a point."""
    around = _around(x, points)
    if not isinstance(around, tuple):
        return around
    return through(x, *around)


def through(x: float, one: CurvePoint, other: CurvePoint) -> float:
    """The y at *x* of the power law through two points."""
    (low, small), (high, large) = one, other
    growth: float = (large / small) ** (math.log(x / low) / math.log(high / low))
    return small * growth


def _around(x: float, points: Points) -> float | tuple[CurvePoint, CurvePoint]:
    """The points on both sides of *x*, or the y where there is a point, or one side only."""
    exact = dict(points).get(x)
    if exact is not None:
        return exact
    (first, lowest), (last, highest) = points[0], points[-1]
    if x < first:
        return lowest * x / first
    if x > last:
        return highest * x / last
    at = next(i for i, (right, _) in enumerate(points) if x < right)
    return points[at - 1], points[at]
