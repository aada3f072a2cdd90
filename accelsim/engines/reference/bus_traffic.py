"""What the buses bring into the array in one pass of single MACs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from accelsim.engines.reference.link import Link
from accelsim.engines.reference.mac import Loading
from accelsim.engines.reference.pass_links import PassLinks
from accelsim.engines.reference.place import Places
from accelsim.engines.reference.transfer import Fan, Transfer
from accelsim.mapping.footprint import Address
from accelsim.mapping.nest import Tile
from accelsim.network.layer import IntArray
from accelsim.passes.script import NOWHERE, Pattern, Words
from accelsim.passes.stream import StreamPlan
from accelsim.program.jobs import Job

Locate = Callable[[Tile, IntArray], Sequence[Address | None]]
"""From a box and places in it to addresses."""


def stretches(plan: StreamPlan) -> Iterator[tuple[int, Pattern, IntArray]]:
    """The stretches of a pass in order: number of the pattern, pattern, and what to add to its places."""
    for k, base in zip(plan.sequence.tolist(), plan.base, strict=True):
        yield k, plan.patterns[k], base


class BusTraffic:
    """The words of a pass on the buses that come from the GLB."""

    def __init__(self, pass_links: PassLinks, places: Places, job: Job) -> None:
        self._pass_links, self._places, self._job, self._plan = pass_links, places, job, pass_links.plan

    def weights(self) -> Iterator[Transfer]:
        """Those that are loaded or streamed."""
        if self._plan.loaded_operand == "weight":
            return self._load("weight", self._places.weight)
        words = [pattern.weight for pattern in self._plan.patterns]
        return self._stream(words, self._places.weight)

    def ifmap(self) -> Iterator[Transfer]:
        """The same of the ifmap."""
        if self._plan.loaded_operand == "ifmap":
            return self._load("ifmap", self._places.ifmap)
        words = [pattern.ifmap for pattern in self._plan.patterns]
        return self._stream(words, self._places.ifmap)

    def psums(self) -> Iterator[Transfer]:
        """Those that another lane wrote, and those of an earlier pass unless this one begins them."""
        patterns = self._plan.patterns
        words = [self._begun(pattern) if self._job.work.first else pattern.psum for pattern in patterns]
        return self._stream(words, self._places.psum)

    @staticmethod
    def _begun(pattern: Pattern) -> Words:
        """The psum words of *pattern* that the pass itself has written, each for one FIFO."""
        ours = pattern.psum_line != NOWHERE
        start, fifos, beat, at = pattern.psum
        assert len(fifos) == len(beat), "a psum goes to one PE"
        return Words(start[: ours.sum() + 1], fifos[ours], beat[ours], at[ours])

    def _stream(self, words: Sequence[Words], locate: Locate) -> Iterator[Transfer]:
        """*words* of every pattern, stretch by stretch."""
        fans = [_fans(part, self._pass_links.links) for part in words]
        for k, _, base in stretches(self._plan):
            addresses = locate(self._job.work.tile, words[k].at + base)
            for address, fan, beat in zip(addresses, fans[k], words[k].beat.tolist(), strict=True):
                yield Transfer(address, fan, bool(beat))

    def _load(self, operand: str, locate: Locate) -> Iterator[Transfer]:
        """The words that PEs keep, if they have not kept them from the job before."""
        if not self._job.load:
            return
        words, array = self._plan.load, self._pass_links.array
        bus_latency = getattr(array.arch.noc, operand).latency_cycles
        latency = bus_latency + 1 if self._plan.shifted else bus_latency
        addresses = locate(self._job.work.tile, words.at)
        for address, p, beat in zip(addresses, words.fifos.tolist(), words.beat.tolist(), strict=True):
            hops = p // self._plan.lanes if self._plan.shifted else 0
            counted = {f"rf.write:{operand}": 1, f"noc.hop:{operand}": hops}
            pe, usable = self._pass_links.pes[p], self._pass_links.usable[p]
            ports = Loading(array.env, pe.kept, usable, latency, (array.actions, counted))
            yield Transfer(address, ports, bool(beat))


def _fans(words: Words, links: dict[int, Link]) -> list[Fan]:
    """Where each of *words* goes."""
    start, fifos = words.start.tolist(), words.fifos.tolist()
    return [Fan([links[fifo] for fifo in fifos[a:b]]) for a, b in pairwise(start)]
