"""Curves through published points: what a quantity is between and beyond them."""

import math
from collections.abc import Callable, Sequence

CurvePoint = tuple[float, float]
"""A pair (x, y), both above 0."""

Points = Sequence[CurvePoint]
"""One point or more, in ascending x."""

Between = Callable[[float, CurvePoint, CurvePoint], float]
"""What y is at an x between two points."""


def straight(x: float, points: Points) -> float:
    """The y at *x*: linear between neighbouring *points*, proportional to x outside; exact at a point."""
    return _along(x, points, _line)


def power(x: float, points: Points) -> float:
    """The y at *x*: log y linear in log x between *points*, proportional to x outside; exact at a point."""
    return _along(x, points, through)


def through(x: float, one: CurvePoint, other: CurvePoint) -> float:
    """The y at *x* of the power law through two points."""
    (low, small), (high, large) = one, other
    growth: float = (large / small) ** (math.log(x / low) / math.log(high / low))
    return small * growth


def _line(x: float, one: CurvePoint, other: CurvePoint) -> float:
    (low, small), (high, large) = one, other
    return small + (large - small) * (x - low) / (high - low)


def _along(x: float, points: Points, rule: Between) -> float:
    """The y at *x*: that of a point, by *rule* of the points on both sides, or beyond them all."""
    exact = dict(points).get(x)
    if exact is not None:
        return exact
    (first, lowest), (last, highest) = points[0], points[-1]
    if x < first:
        return lowest * x / first
    if x > last:
        return highest * x / last
    at = next(i for i, (right, _) in enumerate(points) if x < right)
    return rule(x, points[at - 1], points[at])
