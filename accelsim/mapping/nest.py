"""Mapping, Pass and the Dataflow protocol: how a layer is cut into boxes, and in which order they run."""

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, fields
from functools import cached_property
from math import prod
from typing import Literal, NamedTuple, Protocol

import numpy as np

from accelsim.errors import ConfigError
from accelsim.machine import Arch, Operand
from accelsim.mapping.space import Space
from accelsim.network.layer import IntArray, Layer

Dim = Literal["g", "n", "m", "c", "e", "f", "r", "s"]
Level = Literal["dram", "glb", "rows", "cols", "pe"]
DIMS: MappingOf[Operand, tuple[Dim, ...]] = {
    "ifmap": ("g", "n", "c", "e", "f", "r", "s"),
    "weight": ("g", "m", "c", "r", "s"),
    "psum": ("g", "n", "m", "e", "f"),
}
"""Dimensions that an operand's words depend on."""

FetchLoops = MappingOf[Operand, tuple[Level, Dim]]
"""The innermost loop around one fetch, by operand."""

Sharing = Literal["step", "broadcast", "slide", "queue"]
"""How PEs share streamed ifmap words: those that use a word in one step take it together (step); a word is
sent once in a pass, to all that will ever use it (broadcast); or to the first PE that uses it, and it slides
from neighbour to neighbour (slide); or to all PEs, each of which keeps it in a queue until it has done all
its filters with it (queue)."""


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
        return prod(len(extent) for extent in self)

    def of(self, operand: Operand) -> tuple[range, ...]:
        """The ranges that the words of *operand* in the box depend on."""
        return tuple(getattr(self, dim) for dim in DIMS[operand])


@dataclass(frozen=True)
class Pass:
    """What the array does between two changes of what is stationary in it."""

    tile: Tile
    first: bool  # starts its psums: reads none from the GLB
    last: bool  # completes its psums: they are ofmap words
    weights: Tile  # the box whose weights are fetched together, and hold those of the tile
    ifmap: Tile  # the same of the ifmap
    weight_fetch: int  # number of that fetch
    ifmap_fetch: int


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


def dealt(filters: int, block: int, pes: int) -> list[IntArray]:
    """The *filters* of each PE that gets some, dealt to *pes* PEs in turn, *block* at a time."""
    owner = np.arange(filters) // block % pes
    return [np.flatnonzero(owner == pe) for pe in range(int(owner.max()) + 1)]


@dataclass(frozen=True)
class Mapping:
    """A layer's loop nest, outermost loop first, and what it keeps where.

    A lane is a column of PEs that psums pass through. ``tops[i, j]`` of filter set i and ofmap row j of a
    row-stationary nest is the ``(row, col)`` of the lane's top PE; other nests lie on the array as they are.

    ``fetches`` names the innermost loop around one fetch of an operand from DRAM, as ``{"ifmap": ("dram",
    "e")}``: each of its iterations fetches the box within it, be it the one that is there already. An operand
    that is not in it is fetched whenever its box is another one: within the last loop that changes it.

    Raises:
        ConfigError: if no loop around a pass has the name of a loop of ``fetches``.
    """

    layer: Layer
    loops: tuple[Loop, ...]
    psum_words: int  # of the GLB's psum area
    psum_blocks: int = 1  # blocks in it; a block stays while the loops at glb level run, then goes to DRAM
    tops: tuple[tuple[tuple[int, int], ...], ...] = ()
    keeps: tuple[Operand, ...] = ("ifmap", "weight", "psum")  # what stays in the PEs during a pass
    sharing: Sharing = "step"
    fetches: FetchLoops = field(default_factory=dict)

    def step(self, level: Level, dim: Dim) -> int:
        """Step of the loop over *dim* at *level*; without one, the whole extent above it."""
        for loop in self.loops:
            if (loop.level, loop.dim) == (level, dim):
                return loop.step
        return extents(self.layer)[dim]

    def at(self, *levels: Level) -> tuple[Dim, ...]:
        """Dimensions of the loops at *levels*, outermost first."""
        return tuple(loop.dim for loop in self.loops if loop.level in levels)

    def __post_init__(self) -> None:
        known = [(loop.level, loop.dim) for loop in self.temporal]
        for operand, name in self.fetches.items():
            if name not in known:
                raise ConfigError(f"fetches of {operand} must name a loop around a pass (got {name})")

    @cached_property
    def temporal(self) -> tuple[Loop, ...]:
        """The loops around a pass, outermost first."""
        return tuple(loop for loop in self.loops if loop.level in ("dram", "glb"))

    def passes(self) -> Iterator[Pass]:
        """The boxes in the order they run; together they hold every MAC once."""
        whole = Tile(**{dim: range(size) for dim, size in extents(self.layer).items()})
        around = self._loops_around("weight"), self._loops_around("ifmap")
        ends = whole.c.stop, whole.r.stop, whole.s.stop
        boxes: list[Tile | None] = [None, None]
        fetches = [-1, -1]
        for path in _walk(whole, self.temporal, ()):
            for i, depth in enumerate(around):
                if path[depth] is not boxes[i]:
                    boxes[i], fetches[i] = path[depth], fetches[i] + 1
            tile = path[-1]
            c, r, s = tile.c, tile.r, tile.s
            yield Pass(
                tile,
                first=not (c.start or r.start or s.start),
                last=(c.stop, r.stop, s.stop) == ends,
                weights=path[around[0]],
                ifmap=path[around[1]],
                weight_fetch=fetches[0],
                ifmap_fetch=fetches[1],
            )

    def _loops_around(self, operand: Operand) -> int:
        """How many temporal loops are around one fetch of *operand*, see ``fetches``."""
        if operand in self.fetches:
            names = [(loop.level, loop.dim) for loop in self.temporal]
            return names.index(self.fetches[operand]) + 1
        size, last = dict(extents(self.layer)), 0
        for i, loop in enumerate(self.temporal):
            if loop.dim in DIMS[operand] and loop.step < size[loop.dim]:
                last = i + 1
            size[loop.dim] = min(size[loop.dim], loop.step)
        return last

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


def _walk(tile: Tile, loops: tuple[Loop, ...], path: tuple[Tile, ...]) -> Iterator[tuple[Tile, ...]]:
    """The boxes within *loops*, innermost last; a box is one object for all passes in it."""
    path = (*path, tile)
    if not loops:
        yield path
        return
    dim = loops[0].dim
    for part in blocks(getattr(tile, dim), loops[0].step):
        yield from _walk(tile._replace(**{dim: part}), loops[1:], path)


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

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> Space:
        """What the search explores: the choices for *layer* on *arch*."""


def parameters(dataflow: object) -> dict[str, int]:
    """The tile parameters of *dataflow* by name."""
    return {f.name: getattr(dataflow, f.name) for f in fields(dataflow)}  # type: ignore[arg-type]
