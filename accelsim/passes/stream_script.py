"""A pass of single MACs word by word: its stretches one after the other."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from accelsim.machine import Operand
from accelsim.mapping.footprint import Address
from accelsim.mapping.nest import Tile
from accelsim.network.layer import IntArray
from accelsim.passes.addresses import places_of
from accelsim.passes.given import Given
from accelsim.passes.patterns import KEPT, NOWHERE, OP, BusWords, Pattern
from accelsim.passes.script import Collected, Fifo, Load, Numbers, Sent, Step
from accelsim.passes.stream import StreamPlan

GIVEN = ("psum_to", "ifmap_right", "ifmap_down", "weight_down")
"""Columns of a step that say where a PE sends."""

CARRIED: dict[str, Operand] = {
    "ifmap bus": "ifmap",
    "weight bus": "weight",
    "psum": "psum",
    "ifmap right": "ifmap",
    "ifmap down": "ifmap",
    "weight down": "weight",
}
"""The FIFOs that a pass has for itself."""

Locate = Callable[[Tile, IntArray], Sequence[Address | None]]
"""From a box and places in it to addresses."""


class StreamScript:
    """One pass of *plan*."""

    def __init__(self, plan: StreamPlan, given: Given) -> None:
        self._plan, self._given = plan, given
        self._number = Numbers(len(plan.pes))
        self._places = places_of(given.layer, generated=given.arch.padding == "generated")
        self.keeps, self.together = plan.keeps, plan.shifted
        self.drained, self.tail = plan.drained, plan.tail

    def fifos(self) -> dict[int, Fifo]:
        """FIFOs that the plan uses; buses send to those that no PE sends to."""
        plan, givers, found = self._plan, _givers(self._plan), dict[int, Fifo]()
        for port in np.flatnonzero(plan.capacity).tolist():
            operand, giver = CARRIED.get(plan.kind(port)), givers.get(port)
            if operand is not None:
                size, latency = int(plan.capacity[port]), int(plan.latency[port])
                counts = None if giver is None else f"noc.hop:{operand}"
                found[port] = Fifo(operand, giver, port % len(plan.pes), size, latency, counts)
        return found

    def loads(self) -> list[Load]:
        """One word of the operand that is kept."""
        plan, operand = self._plan, self._plan.loaded_operand
        if operand is None or not self._given.load:
            return []
        latency = getattr(self._given.arch.noc, operand).latency_cycles + plan.shifted
        return [Load(operand, np.ones(1, bool), latency, hops) for hops in plan.load_hops.tolist()]

    def words(self, bus: Operand) -> Iterator[Sent]:
        """What is loaded or streamed; psums of an earlier pass, too, unless this one begins them."""
        locate: Locate = getattr(self._places, bus)
        if bus == self._plan.loaded_operand:
            return self._load(locate)
        words = [getattr(pattern, bus) for pattern in self._plan.patterns]
        if bus == "psum" and self._given.job.first:
            words = [_begun(pattern) for pattern in self._plan.patterns]
        return self._stream(words, locate)

    def steps(self, pe: int) -> Iterable[Step]:
        """A MAC a step, stretch by stretch."""
        steps = _steps(self._plan, self._given.job.first)
        for k in self._plan.sequence.tolist():
            yield from steps[k][pe]

    def collected(self) -> Iterator[Collected]:
        """Psums that the ofmap bus takes, stretch by stretch."""
        direct, count = self._given.leaves, len(self._plan.pes)
        for _, pattern, base in self._stretches():
            words = pattern.ofmap
            addresses = self._places.psum(self._given.job.tile, words.at + base)
            parts = words.fifos, pattern.ofmap_line, words.beat
            for address, fifo, line, beat in zip(addresses, *(part.tolist() for part in parts), strict=True):
                yield Collected(address, fifo % count, direct and line == NOWHERE, bool(beat))

    def _stretches(self) -> Iterator[tuple[int, Pattern, IntArray]]:
        """Number of the pattern, pattern, and what to add to its places, in order."""
        for k, base in zip(self._plan.sequence.tolist(), self._plan.base, strict=True):
            yield k, self._plan.patterns[k], base

    def _stream(self, words: Sequence[BusWords], locate: Locate) -> Iterator[Sent]:
        """*words* of every pattern, stretch by stretch."""
        ports = [_ports(part) for part in words]
        for k, _, base in self._stretches():
            addresses = locate(self._given.job.tile, words[k].at + base)
            for address, to, beat in zip(addresses, ports[k], words[k].beat.tolist(), strict=True):
                yield Sent(address, to, bool(beat))

    def _load(self, locate: Locate) -> Iterator[Sent]:
        """The words that PEs keep, if they have not kept them from the pass before."""
        if not self._given.load:
            return
        words = self._plan.load
        addresses = locate(self._given.job.tile, words.at)
        for address, pe, beat in zip(addresses, words.fifos.tolist(), words.beat.tolist(), strict=True):
            yield Sent(address, (self._number.kept(pe),), bool(beat))


def _begun(pattern: Pattern) -> BusWords:
    """The psum words of *pattern* that the pass itself has written, each for one FIFO."""
    ours = pattern.psum_line != NOWHERE
    start, fifos, beat, at = pattern.psum
    assert len(fifos) == len(beat), "a psum goes to one PE"
    return BusWords(start[: ours.sum() + 1], fifos[ours], beat[ours], at[ours])


def _ports(words: BusWords) -> list[tuple[int, ...]]:
    """Where each of *words* goes."""
    start, fifos = words.start.tolist(), words.fifos.tolist()
    return [tuple(fifos[a:b]) for a, b in pairwise(start)]


@lru_cache(maxsize=8)
def _givers(plan: StreamPlan) -> dict[int, int]:
    """The PE that sends to each FIFO; buses send to those that are missing."""
    givers: dict[int, int] = {}
    for pattern in plan.patterns:
        pe = np.repeat(np.arange(len(plan.pes)), np.diff(pattern.op_start))
        for column in GIVEN:
            fifos = pattern.ops[:, OP.index(column)]
            given = fifos != NOWHERE
            givers.update(zip(fifos[given].tolist(), pe[given].tolist(), strict=True))
    return givers


@lru_cache(maxsize=8)
def _steps(plan: StreamPlan, begins: bool) -> list[list[list[Step]]]:
    """Steps of each PE in each pattern; a pass that *begins* its psums has none of an earlier one."""
    dry = {
        fifo
        for pattern in plan.patterns
        for fifo in pattern.psum.fifos[pattern.psum_line == NOWHERE].tolist()
        if begins
    }
    found = []
    for pattern in plan.patterns:
        ops, start = pattern.ops.tolist(), pattern.op_start.tolist()
        found.append(
            [[_step(plan, pe, op, dry) for op in ops[a:b]] for pe, (a, b) in enumerate(pairwise(start))]
        )
    return found


def _step(plan: StreamPlan, pe: int, op: list[int], dry: set[int]) -> Step:
    """The step *op* of *pe*; nothing comes from *dry* FIFOs."""
    fifo = dict(zip(OP, op, strict=True))
    below, above = fifo["psum_from"], fifo["psum_to"]
    right, down, weight = fifo["ifmap_right"], fifo["ifmap_down"], fifo["weight_down"]
    return Step(
        "mac",
        weight=KEPT if fifo["weight_from"] == NOWHERE else fifo["weight_from"],
        ifmap=KEPT if fifo["ifmap_from"] == NOWHERE else fifo["ifmap_from"],
        psum=NOWHERE if below in dry else below,
        above=above,
        ifmap_onward=tuple(port for port in (right, down) if port != NOWHERE),
        weight_onward=tuple(port for port in (weight,) if port != NOWHERE),
        hops=int(plan.psum_hops[pe]) if above != NOWHERE else 0,
    )
