"""The loops of a nest as tilings: how many tiles, how large, and how often the words in them change."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import get_args

import numpy as np

from accelsim.machine import Operand
from accelsim.machine.datapath import Count
from accelsim.mapping.nest import DIMS, Dim, Level, Loop, Mapping, extents
from accelsim.mapping.tiling import Steps, squares, tile_count

DIMENSIONS: tuple[Dim, ...] = get_args(Dim)

ON_ARRAY: tuple[Level, ...] = ("rows", "cols", "pe")
"""Where the loops of a pass are."""

StepsByDim = dict[Dim, Steps]


@dataclass(frozen=True)
class Tilings:
    """The tilings of *mapping*: steps are ints, or arrays that broadcast, none larger than what it cuts."""

    mapping: Mapping

    @cached_property
    def size(self) -> dict[Dim, int]:
        """Extents of the layer."""
        return extents(self.mapping.layer)

    @cached_property
    def steps(self) -> StepsByDim:
        """What cuts the layer into passes."""
        return _by_dim(self.mapping.temporal)

    @cached_property
    def tiles(self) -> dict[Dim, Count]:
        """Tiles of every dimension, over all passes."""
        return {dim: tile_count(size, self.steps[dim]) for dim, size in self.size.items()}

    @cached_property
    def on(self) -> dict[Level, tuple[Dim, ...]]:
        """The dimensions of the loops within a pass, by level."""
        return {level: self.mapping.at(level) for level in ON_ARRAY}

    def over(self, dims: Collection[Dim]) -> Count:
        """The rule: words that depend on *dims* alone within a pass, over all passes."""
        return product(size if dim in dims else self.tiles[dim] for dim, size in self.size.items())

    def whole(self, operand: Operand) -> int:
        """Words of *operand*; of the ifmap, those under all taps of all pixels."""
        return prod(self.size[dim] for dim in DIMS[operand])

    def tile(self, dim: Dim, steps: StepsByDim) -> Count:
        """The extent of a whole tile of *steps*."""
        return steps[dim][-1] if steps[dim] else self.size[dim]

    def climbs(self, dims: Iterable[Dim]) -> Count:
        """Rows below each PE, summed over the PEs of all tiles of *dims*."""
        pes, pairs = [], []
        for dim in dims:
            spread = dim in self.on["rows"] or dim in self.on["cols"]
            pes.append(self.size[dim] if spread else self.tiles[dim])
            pairs.append(squares(self.size[dim], self.steps[dim]) if dim in self.on["rows"] else pes[-1])
        return (product(pairs) - product(pes)) // 2

    @cached_property
    def boxes(self) -> dict[Operand, StepsByDim]:
        """What cuts the boxes of each operand that are fetched at once, or leaves them as they are."""
        names, fetches = [(loop.level, loop.dim) for loop in self.mapping.temporal], self.mapping.fetches
        inner = {operand: names.index(fetch) for operand, fetch in fetches.items()}
        cuts = {
            operand: _by_dim(self.mapping.temporal[: last + 1])
            for operand, last in inner.items()
            if last + 1 < len(names)
        }
        return {"ifmap": self.steps, "weight": self.steps, **cuts}

    def fetches(self, operand: Operand) -> Count:
        """Times that each word of *operand* comes from DRAM."""
        if operand not in self.mapping.fetches:
            return self.changes(operand)
        return self._tiles_of_others(operand, self.boxes[operand])

    def changes(self, operand: Operand) -> Count:
        """Times that each word of *operand* comes after others: in every tile of what it does not depend on.

        Only loops around the last one count that gives another box; which that is depends on the candidate.
        """
        outside: list[Loop] = []
        times: Count = 1
        left = dict(self.size)
        for loop in self.mapping.temporal:
            if loop.dim not in DIMS[operand]:
                outside.append(loop)
                continue
            if outside:
                others = self._tiles_of_others(operand, _by_dim(outside))
                times = _where(loop.step < left[loop.dim], others, times)
            left[loop.dim] = loop.step
        return times

    def _tiles_of_others(self, operand: Operand, steps: StepsByDim) -> Count:
        """Tiles that *steps* make of the dimensions that *operand* does not depend on."""
        others = (dim for dim in DIMENSIONS if dim not in DIMS[operand])
        if steps is self.steps:
            return product(self.tiles[dim] for dim in others)
        return product(tile_count(self.size[dim], steps[dim]) for dim in others)


def product(factors: Iterable[Count]) -> Count:
    """The product of numbers and arrays; numbers first, then small arrays, since they broadcast."""
    number: Count = 1
    others: list[Count] = []
    for factor in factors:
        if isinstance(factor, int):
            number *= factor
        else:
            others.append(factor)
    if len(others) > 1:
        others.sort(key=_entries)
    if number == 1 and others:  # one pass over an array less
        number = others.pop(0)
    return prod(others, start=number)


def _entries(factor: Count) -> int:
    """Entries of an array; none of what is no array, such as a size that is not chosen yet."""
    return factor.size if isinstance(factor, np.ndarray) else 0


def _by_dim(loops: Iterable[Loop]) -> StepsByDim:
    """What *loops* cut each dimension by, outermost first."""
    steps: StepsByDim = dict.fromkeys(DIMENSIONS, ())
    for loop in loops:
        steps[loop.dim] = (*steps[loop.dim], loop.step)
    return steps


def _where(which: Count, then: Count, other: Count) -> Count:
    """*then* for the candidates of which *which* holds, *other* for the rest; *which* may be one for all."""
    if np.ndim(which):
        return np.where(which, then, other)
    return then if which else other
