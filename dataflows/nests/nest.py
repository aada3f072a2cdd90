"""A dataflow of single MACs: its nest says what it counts, what it must fit and how fast it can be."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, cast

import numpy.typing as npt

from accelsim.errors import LegalityError
from accelsim.machine import Arch
from accelsim.machine.datapath import Count
from accelsim.mapping.counting import NestCounts
from accelsim.mapping.nest import Dataflow, Dim, Level, Loop, Mapping, parameters
from accelsim.mapping.rules import Rule
from accelsim.mapping.work import Work
from accelsim.network.layer import Layer
from accelsim.search import GridSpace, Sizes
from dataflows.nests.limits import Needs, check_machine, nest_rules


class Choices(NamedTuple):
    """The values to try of each tile size, as a GridSpace takes them."""

    starting: MappingOf[str, npt.ArrayLike]
    inner: MappingOf[str, npt.ArrayLike]
    best: MappingOf[str, int] | None = None  # inner sizes that no others undercut, in any count or in cycles


@dataclass(frozen=True)
class SingleMacs(ABC):
    """A nest whose PEs make one MAC a step; its fields are its tile sizes.

    A dataflow says which nest it is (:meth:`nest`), how large its sizes can be (:meth:`limits`) and which of
    them the search tries (:meth:`choices`). The sizes *x* are ints, or arrays with one entry for each
    candidate, or not chosen yet: arithmetic and numpy functions are all that may be done with them.
    """

    needs = Needs()

    @staticmethod
    @abstractmethod
    def nest(layer: Layer, arch: Arch, x: Sizes) -> Mapping:
        """The loops of sizes *x*, none larger than what it cuts."""

    @staticmethod
    @abstractmethod
    def limits(layer: Layer, x: Sizes) -> Iterator[Rule]:
        """How large each size can be."""

    @staticmethod
    @abstractmethod
    def choices(layer: Layer, arch: Arch) -> Choices:
        """The values that the search tries."""

    @staticmethod
    def seen(layer: Layer) -> Layer:
        """The layer whose loops the nest cuts: *layer* itself, or as one product."""
        return layer

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """The nest of these sizes.

        Raises:
            LegalityError: the first rule that is broken, with the limit and by how much.
        """
        check_machine(arch, self.needs)
        check_sizes(self)
        seen, own = self.seen(layer), sizes_of(self)
        for rule in self._rules(seen, own, lambda x: NestCounts(self.nest(seen, arch, x), arch)):
            rule.check()
        return _of_ints(self.nest(seen, arch, own))

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> GridSpace:
        """Every combination of the sizes to try, counted from their nests."""
        check_machine(arch, cls.needs)
        seen = cls.seen(layer)
        choices = cls.choices(seen, arch)
        best = choices.best

        @lru_cache(maxsize=1)
        def counts(x: Sizes) -> NestCounts:
            return NestCounts(cls.nest(seen, arch, x), arch)

        def least(x: Sizes) -> tuple[Work[Count], Count]:
            bound = NestCounts(cls.nest(seen, arch, Sizes({**vars(x), **(best or {})})), arch)
            return bound.work, bound.floor

        return GridSpace(
            seen,
            arch,
            starting=choices.starting,
            inner=choices.inner,
            rules=lambda x: cls._rules(seen, x, counts),
            work=lambda x: counts(x).work,
            floor=lambda x, work: counts(x).floor,
            active=lambda x: counts(x).pes("rows") * counts(x).pes("cols"),
            least=least if best else None,
        )

    @classmethod
    def _rules(cls, layer: Layer, x: Sizes, counts: Callable[[Sizes], NestCounts]) -> Iterator[Rule]:
        yield from cls.limits(layer, x)
        yield from nest_rules(counts(x))


def check_sizes(dataflow: Dataflow) -> None:
    """Raise LegalityError for the first size of *dataflow* below 1."""
    for name, size in parameters(dataflow).items():
        if size < 1:
            raise LegalityError(f"{name} must be at least 1 (got {size})")


def sizes_of(dataflow: Dataflow) -> Sizes:
    """The tile sizes of *dataflow*, one int each."""
    return Sizes(parameters(dataflow))


def around(level: Level, **steps: int) -> tuple[Loop, ...]:
    """The loops around a pass at *level*, outermost first: the step of each dimension."""
    return tuple(Loop(level, cast(Dim, dim), step) for dim, step in steps.items())


@lru_cache(maxsize=64)
def on_array(*, rows: tuple[Dim, ...], cols: tuple[Dim, ...], pe: tuple[Dim, ...]) -> tuple[Loop, ...]:
    """The loops of a pass: one step of every dimension on each row, on each column and of each MAC."""
    return (
        *(Loop("rows", dim, 1) for dim in rows),
        *(Loop("cols", dim, 1) for dim in cols),
        *(Loop("pe", dim, 1) for dim in pe),
    )


def _of_ints(mapping: Mapping) -> Mapping:
    """*mapping* with plain ints for what numpy made of them."""
    loops = tuple(replace(loop, step=int(loop.step)) for loop in mapping.loops)
    return replace(mapping, loops=loops, psum_words=int(mapping.psum_words))
