"""The scratch pads of a PE that buses fill."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.waiting import Bell, Part, after
from accelsim.engines.reference.word import Word
from accelsim.network.layer import BoolArray, Tensor
from accelsim.stats import Actions


class WeightSpad:
    """The weights of one PE, of type *word*: those *carried* come, the others are zero; there always is room.

    Takes:  words from the weight bus. Gives: all of them to *owner*, once the last has come.
    Counts: ``rf.write:weight``.
    """

    def __init__(
        self,
        env: simpy.Environment,
        bus: Part,
        owner: Part,
        actions: Actions,
        carried: BoolArray,
        word: type[Word] = int,
    ) -> None:
        self._bus, self._owner, self._actions = bus, owner, actions
        self.values: Tensor = np.zeros(carried.shape, word)
        self._missing = int(carried.sum())
        self._complete = Bell(env)

    def arrive(self, place: tuple[int, ...], value: Word) -> None:
        """A weight comes out of the bus."""
        self.values[place] = value
        self._actions["rf.write:weight"] += 1
        self._missing -= 1
        if not self._missing:
            self._complete.ring()

    def complete(self) -> ProcessGenerator:
        """The owner waits for the last weight."""
        while self._missing:
            yield from self._owner.until(self._complete.event, "weights from", self._bus)


class IfmapSpad:
    """The sliding window of one PE with the FIFO before it, *places* words together, of type *word*.

    Takes:  words from the ifmap bus; a word holds its place from the moment it moves.
    Gives:  whole columns to *owner*: the words *carried*, ``(columns, channels)``, the others are zero.
    Counts: ``rf.write:ifmap``.
    """

    def __init__(
        self,
        env: simpy.Environment,
        bus: Part,
        owner: Part,
        actions: Actions,
        *,
        carried: BoolArray,
        places: int,
        word: type[Word] = int,
    ) -> None:
        self._bus, self._owner, self._actions = bus, owner, actions
        self._carried, self._free = carried, places
        self._words: Tensor = np.zeros(carried.shape, word)
        self._sizes: list[int] = carried.sum(axis=1).tolist()  # words of a column
        self._missing = [*self._sizes]  # of them, words that have not come
        self._complete = self._done_with = 0  # columns, from the first on
        self._freed, self._arrived = Bell(env), Bell(env)
        self._pass_complete()

    def room(self) -> ProcessGenerator:
        """The bus waits until a place is free."""
        while not self._free:
            yield from self._bus.until(self._freed.event, "room in", self._owner)

    def reserve(self) -> None:
        """A word moves now and holds its place; there must be room."""
        assert self._free, "a word moved without room for it"
        self._free -= 1

    def arrive(self, column: int, channel: int, value: Word) -> None:
        """A word comes out of the bus."""
        self._words[column, channel] = value
        self._actions["rf.write:ifmap"] += 1
        self._missing[column] -= 1
        before = self._complete
        self._pass_complete()
        if self._complete > before:
            self._arrived.ring()

    def _pass_complete(self) -> None:
        """Count the columns that have all their words, up to the first that has not."""
        while self._complete < len(self._missing) and not self._missing[self._complete]:
            self._complete += 1

    def columns(self, need: int) -> ProcessGenerator:
        """The owner waits until all words of the first *need* columns are there."""
        while self._complete < need:
            yield from self._owner.until(self._arrived.event, "ifmap word from", self._bus)

    def window(self, columns: tuple[int, ...]) -> tuple[Tensor, BoolArray]:
        """The words at *columns*, which must be there, and whether they were carried; ``(q, s)`` each."""
        assert self._done_with <= min(columns) <= max(columns) < self._complete, "the window is there"
        return self._words[[*columns]].T, self._carried[[*columns]].T

    def release(self, columns: int) -> None:
        """The owner is done with the first *columns* columns; the places of their words are free."""
        self._free += sum(self._sizes[self._done_with : columns])
        self._done_with = columns
        self._freed.ring()


class WeightPorts:
    """The place of one weight in the spads of all PEs that use it; there always is room."""

    def __init__(
        self,
        env: simpy.Environment,
        spads: Sequence[WeightSpad],
        place: tuple[int, ...],
        latency: int,
    ) -> None:
        self._env, self._spads, self._place, self._latency = env, spads, place, latency

    def __len__(self) -> int:
        return len(self._spads)

    def room(self) -> ProcessGenerator:
        """There is."""
        yield from ()

    def send(self, word: Word) -> None:
        """*word* leaves the bus now."""
        after(self._env, self._latency, partial(self._arrive, word))

    def _arrive(self, word: Word) -> None:
        for spad in self._spads:
            spad.arrive(self._place, word)


class IfmapPorts:
    """The windows of all PEs of a stream, for the word at *place*: column and channel."""

    def __init__(
        self, env: simpy.Environment, spads: Sequence[IfmapSpad], place: tuple[int, int], latency: int
    ) -> None:
        self._env, self._spads, self._place, self._latency = env, spads, place, latency

    def __len__(self) -> int:
        return len(self._spads)

    def room(self) -> ProcessGenerator:
        """The bus waits until every window has room."""
        for spad in self._spads:
            yield from spad.room()

    def send(self, word: Word) -> None:
        """*word* leaves the bus now, and holds its places."""
        for spad in self._spads:
            spad.reserve()
        after(self._env, self._latency, partial(self._arrive, word))

    def _arrive(self, word: Word) -> None:
        for spad in self._spads:
            spad.arrive(*self._place, word)
