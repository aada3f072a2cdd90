"""A ready-made space: every combination of the values that each tile size may take."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from math import prod

import numpy as np
import numpy.typing as npt

from accelsim.errors import LegalityError
from accelsim.machine import Arch
from accelsim.machine.datapath import Count
from accelsim.mapping.rules import Rule
from accelsim.mapping.space import Batch
from accelsim.mapping.work import UNCOUNTED, Work
from accelsim.network.layer import IntArray, Layer
from accelsim.search.sizes import CELLS, Sizes, legal_rows


class GridSpace:
    """Every combination of tile sizes that the rules allow; a start is one of the starting sizes.

    The callables get *x*, the sizes as attributes: integer arrays that broadcast against each other (never
    loop over them or branch on them; ``table[x.e]`` is fine), and must take any combination, legal or not.
    Starts are built size by size in the order given, and thinned by every rule whose sizes are chosen. Sizes
    that are not chosen yet stay unknown through arithmetic and numpy functions; a rule that does more with
    them, such as ``table[x.e]``, ends that check, so yield such rules last.

    Args:
        layer: named in complaints.
        arch: named in complaints.
        starting: the values to try of each size that the array sees.
        inner: the values to try of the other sizes.
        rules: what must hold of *x*; the same function may check a single choice of ints.
        work: the exact work of *x*, in closed form.
        floor: cycles that no simulation of *x* undercuts, given its work.
        active: PEs in use; of equal values the search takes more.
        least: of starting sizes alone, a lower bound of the work and of the cycles of all under them;
            without it every legal combination is counted.

    Raises:
        LegalityError: if a size has no value.
    """

    def __init__(
        self,
        layer: Layer,
        arch: Arch,
        *,
        starting: Mapping[str, npt.ArrayLike],
        inner: Mapping[str, npt.ArrayLike],
        rules: Callable[[Sizes], Iterable[Rule]],
        work: Callable[[Sizes], Work[Count]],
        floor: Callable[[Sizes, Work[Count]], Count],
        active: Callable[[Sizes], Count],
        least: Callable[[Sizes], tuple[Work[Count], Count]] | None = None,
    ) -> None:
        self.rules, self.work, self.floor, self.active, self.least = rules, work, floor, active, least
        values = {name: _values(given) for name, given in {**starting, **inner}.items()}
        for name, of in values.items():
            if not of.size:
                raise LegalityError(f"{layer.name}: {name} must have a value on {arch.name} (got none)")
        self.names = tuple(values)
        names = list(inner)
        # Sizes whose combinations would not fit one batch join the starts, outermost first.
        while prod(values[name].size for name in names) > CELLS:
            names.pop(0)
        self.axes = {name: values[name] for name in names}  # one array axis each
        self.split = {name: values[name] for name in inner if name not in names}  # too many for one batch
        self.combos = self._combos({name: values[name] for name in starting})

    def starts(self) -> tuple[Work[Count], IntArray]:
        """Lower bounds of the work and the cycles under every start: what *least* says, zeros without it."""
        combos, *split = self._shape
        times = prod(split)
        if self.least is None:
            nothing = np.zeros(combos * times, np.int64)
            return UNCOUNTED._replace(macs=nothing), nothing
        work, cycles = self.least(Sizes(self.combos))

        def each(bound: npt.ArrayLike) -> IntArray:
            return np.repeat(np.broadcast_to(bound, combos), times)

        return Work(*map(each, work)), each(cycles)

    def fan(self, *, equal_counts_once: bool) -> int:
        """Candidates of one start, legal or not: all inner combinations."""
        return prod(of.size for of in self.axes.values())

    def expand(self, index: IntArray, *, equal_counts_once: bool) -> Batch:
        """All candidates under starts *index*, ``(starts, one axis per inner size...)``."""
        combo, *parts = np.unravel_index(index, self._shape)
        chosen = {name: of[combo] for name, of in self.combos.items()}
        chosen |= {name: of[part] for (name, of), part in zip(self.split.items(), parts, strict=True)}
        rank = 1 + len(self.axes)
        sizes = {name: _along(of, 0, rank) for name, of in chosen.items()}
        sizes |= {name: _along(of, axis, rank) for axis, (name, of) in enumerate(self.axes.items(), 1)}
        shape = (len(index), *(of.size for of in self.axes.values()))
        return self._batch({name: sizes[name] for name in self.names}, shape)

    def at(self, choice: Mapping[str, int]) -> Batch:
        """The one candidate *choice*, whether or not its sizes are among the values to try."""
        return self._batch({name: np.array([choice[name]], np.int64) for name in self.names}, (1,))

    def _batch(self, sizes: dict[str, IntArray], shape: tuple[int, ...]) -> Batch:
        x = Sizes(sizes)
        legal = np.ones((1,) * len(shape), bool)
        for rule in self.rules(x):
            legal = legal & (rule.need <= rule.limit)  # as small as its sizes, for as long as it can
        work = self.work(x)
        floor = partial(self.floor, x, work)
        return Batch(sizes, np.broadcast_to(legal, shape), work, floor, np.asarray(self.active(x), np.int64))

    @property
    def _shape(self) -> tuple[int, ...]:
        """Starts as an array: combinations of the starting sizes, then what is split off the inner ones."""
        count = len(next(iter(self.combos.values()))) if self.combos else 1
        return count, *(of.size for of in self.split.values())

    def _combos(self, starting: Mapping[str, IntArray]) -> dict[str, IntArray]:
        """All combinations of *starting* that break no rule of starting sizes, in rows of few at a time."""
        combos: dict[str, IntArray] = {}
        count = 1
        for name, of in starting.items():
            step = max(1, CELLS // of.size)
            parts = []
            for first in range(0, count, step) or [0]:
                rows = np.arange(first, min(first + step, count))
                part = {known: values[rows].repeat(of.size) for known, values in combos.items()}
                part[name] = np.tile(of, len(rows))
                parts.append(self._allowed(part))
            combos = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
            count = len(combos[name])
        return combos

    def _allowed(self, combos: dict[str, IntArray]) -> dict[str, IntArray]:
        """The part of *combos* that breaks no rule that can be checked on it alone."""
        x = Sizes(combos, unknown=[name for name in self.names if name not in combos])
        legal = legal_rows(self.rules(x), len(next(iter(combos.values()))))
        return {name: values[legal] for name, values in combos.items()}


def _values(given: npt.ArrayLike) -> IntArray:
    """*given* as a flat array of int64."""
    return np.asarray(given, np.int64).ravel()


def _along(values: IntArray, axis: int, rank: int) -> IntArray:
    """*values* along *axis* of *rank*."""
    return values.reshape(tuple(-1 if at == axis else 1 for at in range(rank)))
