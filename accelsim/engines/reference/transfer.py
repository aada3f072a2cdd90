"""What the array asks of its buses in one pass: which words, in which order, between which ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from simpy.events import ProcessGenerator

from accelsim.engines.reference.link import Link
from accelsim.engines.reference.pe import PE
from accelsim.engines.reference.word import Word
from accelsim.mapping.footprint import Address


class Ports(Protocol):
    """All the places that take a word together; its length is their number."""

    def __len__(self) -> int: ...

    def room(self) -> ProcessGenerator:
        """The bus waits until every one has room."""
        ...

    def send(self, word: Word) -> None:
        """*word* leaves the bus now, to come out a latency later; there must be room."""
        ...


class Transfer(NamedTuple):
    """One word for a bus to move into the array."""

    address: Address | None  # None: a pad zero that the bus makes itself
    ports: Ports
    beat: bool = False  # never in the cycle of the word before


class Collection(NamedTuple):
    """One psum for the ofmap bus to move out of the array."""

    address: Address
    link: Link
    bypass: bool  # on its way to DRAM, past the GLB
    beat: bool = False


@dataclass(frozen=True)
class Wiring:
    """One pass: what runs in each PE, and what the buses serve, in order."""

    work: Sequence[tuple[PE, ProcessGenerator]]
    weight: Iterator[Transfer]
    ifmap: Iterator[Transfer]
    psum: Iterator[Transfer]
    drained: bool = False  # the pass lasts until its psums have left the PEs
    tail: int = 0  # cycles that it lasts longer


class Passes(Protocol):
    """The array, as passes of one kind use it."""

    @property
    def pes(self) -> Sequence[PE]:
        """All PEs by row-major index."""
        ...

    def wire(self, index: int) -> Wiring:
        """The pass of job *index*, which begins now."""
        ...

    def outputs(self, index: int) -> Sequence[Collection]:
        """The psums of job *index*, which may have begun or not."""
        ...


class Fan:
    """Links that take a word together."""

    def __init__(self, links: Sequence[Link]) -> None:
        self._links = links

    def __len__(self) -> int:
        return len(self._links)

    def room(self) -> ProcessGenerator:
        """The bus waits until every link has room."""
        for link in self._links:
            yield from link.room()

    def send(self, word: Word) -> None:
        """*word* leaves now, on all of them."""
        for link in self._links:
            link.send(word)
