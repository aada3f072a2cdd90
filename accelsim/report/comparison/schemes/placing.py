"""Where the names of points go, so that they touch neither each other nor a point."""

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

Place: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right, top."""

_DIRECTIONS, _RINGS = 16, 12
"""Where around its point, and how far away, a name may be."""


def place(
    points: Sequence[Place], widths: Sequence[float], height: float, room: Box, walls: Sequence[Box] = ()
) -> list[Place]:
    """The centre of the name of each of *points*, all in one unit, such as points of a page.

    Each name takes the nearest place that is free and closer to its own point than to any other, the most
    crowded points first; where there is none, the nearest that is free or, without one, the nearest.

    Args:
        points: that have names, and that no name may cover.
        widths: of the names.
        height: of all names.
        room: where names may be.
        walls: that no name may cover either.
    """
    full = [*walls, *(_around(point, height / 2, height / 2) for point in points)]
    found: dict[int, Place] = {}
    for at in sorted(range(len(points)), key=lambda at: _alone(at, points)):
        centres = list(_places(points[at], widths[at], height))
        boxes = {centre: _around(centre, widths[at], height) for centre in centres}
        free = [
            centre
            for centre, box in boxes.items()
            if _inside(box, room) and not any(_touch(box, other) for other in full)
        ]
        own = (centre for centre in free if _is_nearest(boxes[centre], at, points))
        found[at] = next(own, (free or centres)[0])
        full.append(boxes[found[at]])
    return [found[at] for at in range(len(points))]


def _alone(at: int, points: Sequence[Place]) -> float:
    """How far point number *at* is from its neighbour."""
    return min((math.dist(points[at], other) for i, other in enumerate(points) if i != at), default=0.0)


def _is_nearest(box: Box, at: int, points: Sequence[Place]) -> bool:
    """Whether *box* is closer to point number *at* than to any other."""
    own = _distance(box, points[at])
    return all(own < _distance(box, other) for i, other in enumerate(points) if i != at)


def _distance(box: Box, point: Place) -> float:
    across = max(box[0] - point[0], 0, point[0] - box[2])
    return math.hypot(across, max(box[1] - point[1], 0, point[1] - box[3]))


def _places(point: Place, width: float, height: float) -> Iterator[Place]:
    """From the nearest to the farthest, above first."""
    for ring in range(_RINGS):
        away = height * (1 + ring / 2)
        for turn in range(_DIRECTIONS):
            side = -1 if turn % 2 else 1
            angle = math.pi / 2 + side * ((turn + 1) // 2) * 2 * math.pi / _DIRECTIONS
            across = math.cos(angle) * (away + width / 2)
            yield point[0] + across, point[1] + math.sin(angle) * away


def _around(centre: Place, width: float, height: float) -> Box:
    return centre[0] - width / 2, centre[1] - height / 2, centre[0] + width / 2, centre[1] + height / 2


def _inside(box: Box, room: Box) -> bool:
    return box[0] >= room[0] and box[1] >= room[1] and box[2] <= room[2] and box[3] <= room[3]


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
