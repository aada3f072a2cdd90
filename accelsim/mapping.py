"""Mapping, Pass and the Dataflow protocol: how a layer is cut into boxes, and in which order they run."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal, NamedTuple, Protocol

from accelsim.arch import Arch
from accelsim.workload import Layer

Dim = Literal["g", "n", "m", "c", "e", "f", "r", "s"]
Level = Literal["dram", "glb", "rows", "cols", "pe"]
REDUCED: tuple[Dim, ...] = ("c", "r", "s")
"""Dimensions that a psum is accumulated over."""


class Tile(NamedTuple):
    """A box of the layer: one index range per dimension; m and c count within their group."""

    g: range
    n: range
    m: range
    c: range
    e: range
    f: range
    r: range
    s: range

    @property
    def macs(self) -> int:
        """Multiply-accumulates in the box."""
        total = 1
        for extent in self:
            total *= len(extent)
        return total


@dataclass(frozen=True)
class Pass:
    """What the array does between two changes of what is stationary in it."""

    tile: Tile
    first: bool  # starts its psums: reads none from the GLB
    last: bool  # completes its psums: they are ofmap words


@dataclass(frozen=True)
class Loop:
    """One split of one dimension: steps of *step* in time (dram, glb, pe) or in space (rows, cols)."""

    level: Level
    dim: Dim
    step: int


def extents(layer: Layer) -> dict[Dim, int]:
    """The layer's loop bounds; m and c are those of one group."""
    return {
        "g": layer.groups,
        "n": layer.n,
        "m": layer.group_m,
        "c": layer.group_c,
        "e": layer.e,
        "f": layer.f,
        "r": layer.r,
        "s": layer.s,
    }


def blocks(extent: range, step: int) -> Iterator[range]:
    """Consecutive ranges of *step*, the last one ragged.

    >>> list(blocks(range(5), 2))
    [range(0, 2), range(2, 4), range(4, 5)]
    """
    return (range(i, min(i + step, extent.stop)) for i in range(extent.start, extent.stop, step))


@dataclass(frozen=True)
class Mapping:
    """A layer's loop nest, outermost loop first, and where on the array its lanes sit.

    A lane is a column of PEs that hands its psums upwards: one per (m step in space, ofmap row).
    ``tops[i, j]`` of filter set i and ofmap row j is the ``(row, col)`` of the lane's top PE.
    """

    layer: Layer
    loops: tuple[Loop, ...]
    tops: tuple[tuple[tuple[int, int], ...], ...]

    def step(self, level: Level, dim: Dim) -> int:
        """Step of the loop over *dim* at *level*; without one, the whole extent above it."""
        for loop in self.loops:
            if (loop.level, loop.dim) == (level, dim):
                return loop.step
        return extents(self.layer)[dim]

    @cached_property
    def temporal(self) -> tuple[Loop, ...]:
        """The loops around a pass, outermost first."""
        return tuple(loop for loop in self.loops if loop.level in ("dram", "glb"))

    def passes(self) -> Iterator[Pass]:
        """The boxes in the order they run; together they hold every MAC once."""
        whole = Tile(**{dim: range(size) for dim, size in extents(self.layer).items()})
        for tile in _walk(whole, self.temporal):
            reduced = [(getattr(tile, d), getattr(whole, d)) for d in REDUCED]
            yield Pass(
                tile,
                first=all(part.start == 0 for part, _ in reduced),
                last=all(part.stop == full.stop for part, full in reduced),
            )

    def __str__(self) -> str:
        """The nest as an architect would write it, one loop a line, indented by depth."""
        size = dict(extents(self.layer))
        lines = [f"{self.layer.name}: {_bounds(size)}"]
        for depth, loop in enumerate(self.loops):
            word = "parallel for" if loop.level in ("rows", "cols") else "for"
            trips = -(-size[loop.dim] // loop.step)
            lines.append(
                f"{loop.level:>4} {'  ' * depth}{word} {loop.dim} in {trips} x {loop.step}"
                + _ragged(size[loop.dim], loop.step)
            )
            size[loop.dim] = min(size[loop.dim], loop.step)
        return "\n".join(lines)


def _walk(tile: Tile, loops: tuple[Loop, ...]) -> Iterator[Tile]:
    if not loops:
        yield tile
        return
    dim = loops[0].dim
    for part in blocks(getattr(tile, dim), loops[0].step):
        yield from _walk(tile._replace(**{dim: part}), loops[1:])


def _bounds(size: MappingOf[Dim, int]) -> str:
    return " ".join(f"{dim.upper()}={n}" for dim, n in size.items())


def _ragged(size: int, step: int) -> str:
    return f" (last {size % step})" if size % step else ""


class Dataflow(Protocol):
    """A schedule: given its parameters, maps a layer onto an architecture.

    A dataflow is a frozen dataclass whose fields are its tile parameters, in the paper's letters.
    """

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """The nest for *layer* on *arch*. Raises LegalityError naming the first rule it breaks."""
        ...

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> Any:
        """What the search explores: an ``accelsim.search.Space`` of the choices for *layer* on *arch*."""
        ...


def parameters(dataflow: object) -> dict[str, int]:
    """The tile parameters of *dataflow* by name."""
    return {f.name: getattr(dataflow, f.name) for f in fields(dataflow)}  # type: ignore[arg-type]
