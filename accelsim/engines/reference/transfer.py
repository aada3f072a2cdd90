"""What the buses are asked for in one pass: which words, in which order, between which ends."""

from collections.abc import Sequence
from typing import NamedTuple

import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.link import Link, Registers
from accelsim.engines.reference.waiting import after
from accelsim.machine.datapath import Word
from accelsim.mapping.footprint import Address


class Fan:
    """Ports, as far away as each other, that take a word together; its length is their number."""

    def __init__(self, env: simpy.Environment, ports: Sequence[Link | Registers]) -> None:
        self._env, self._ports = env, ports
        self._latency = ports[0].latency if ports else 0
        assert all(port.latency == self._latency for port in ports), "a word comes to all in one cycle"

    def __len__(self) -> int:
        return len(self._ports)

    def room(self) -> ProcessGenerator:
        """The bus waits until every port has room."""
        for port in self._ports:
            yield from port.room()

    def send(self, word: Word) -> None:
        """*word* leaves the bus now, to come out a latency later; there must be room."""
        for port in self._ports:
            port.leave(word)
        after(self._env, self._latency, self._arrive)

    def _arrive(self) -> None:
        for port in self._ports:
            port.arrive()


class Transfer(NamedTuple):
    """One word for a bus to move into the array."""

    address: Address | None  # None: a pad zero that the bus makes itself
    ports: Fan
    beat: bool = False  # never in the cycle of the word before


class Collection(NamedTuple):
    """One psum for the ofmap bus to move out of the array."""

    address: Address
    link: Link
    bypass: bool  # on its way to DRAM, past the GLB
    beat: bool = False
