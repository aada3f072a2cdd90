"""Where words wait for the part that takes them: FIFOs with credits, sliding windows, and what PEs keep."""

from collections import deque
from collections.abc import Mapping

import numpy as np
import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.waiting import Bell, Countdown, Part, after
from accelsim.engines.reference.word import word_at
from accelsim.machine import Operand
from accelsim.machine.datapath import Word
from accelsim.network.layer import BoolArray, Tensor
from accelsim.stats import Actions, add

WORD: dict[Operand, str] = {"psum": "psum", "ifmap": "ifmap word", "weight": "weight"}
"""What a part says it waits for."""


class Link:
    """A FIFO with credits at the end of a wire; words arrive in the order they were sent.

    Takes:  words from *sender*, each into a place of the FIFO that it holds from the moment it is sent.
    Gives:  words to *receiver*, *latency* cycles later; a place is free again the cycle after the take,
            or later where the receiver works on the word in its place.
    Counts: for every word that is sent the action named in *counts*, if any.
    """

    def __init__(
        self,
        env: simpy.Environment,
        sender: Part,
        receiver: Part,
        *,
        places: int,
        latency: int,
        operand: Operand = "psum",
        counts: tuple[Actions, str] | None = None,
    ) -> None:
        self._env, self._sender, self._receiver, self._operand = env, sender, receiver, operand
        self._free, self.latency, self._counts = places, latency, counts
        self._words: deque[Word] = deque()  # on the wire and in the FIFO, oldest first
        self._there = 0  # of them, in the FIFO
        self._freed, self._arrived = Bell(env), Bell(env)

    @property
    def full(self) -> bool:
        """Whether there is no room."""
        return not self._free

    def room(self) -> ProcessGenerator:
        """The sender waits until a place is free."""
        while not self._free:
            yield from self._sender.until(self._freed.event, "room in", self._receiver)

    def send(self, word: Word) -> None:
        """*word* leaves now; there must be room."""
        self.leave(word)
        after(self._env, self.latency, self.arrive)

    def leave(self, word: Word) -> None:
        """*word* leaves now and holds its place; whoever sends it sees to it that it arrives."""
        assert self._free, "a word was sent without room for it"
        self._free -= 1
        self._hold(word)
        if self._counts is not None:
            actions, action = self._counts
            actions[action] += 1

    def arrive(self) -> None:
        """The oldest word on the wire is there."""
        self._there += 1
        self._arrived.ring()

    def there(self, need: int = 1) -> bool:
        """Whether *need* words can be taken."""
        return self._there >= need

    def word(self, need: int = 1) -> ProcessGenerator:
        """The receiver waits until *need* words are there."""
        while not self.there(need):
            what = f"{WORD[self._operand]} from"
            yield from self._receiver.until(self._arrived.event, what, self._sender)

    def take(self, *, held: int = 1) -> Word:
        """The oldest word, which must be there; its place is free *held* cycles from now."""
        assert self._there, "a word was taken before it came"
        self._there -= 1
        after(self._env, held, self._free_place)
        return self._words.popleft()

    def _hold(self, word: Word) -> None:
        self._words.append(word)

    def _free_place(self) -> None:
        self._free += 1
        self._freed.ring()


class Window(Link):
    """A FIFO that ends in the sliding window of a PE: its receiver looks at columns, and gives back columns.

    The words *carried*, ``(columns, words)``, of type *word*, come in this order; the others are zero.
    """

    def __init__(
        self,
        env: simpy.Environment,
        sender: Part,
        receiver: Part,
        *,
        places: int,
        latency: int,
        carried: BoolArray,
        counts: tuple[Actions, str] | None = None,
        word: type[Word] = int,
    ) -> None:
        super().__init__(
            env, sender, receiver, places=places, latency=latency, operand="ifmap", counts=counts
        )
        self._carried, self._columns = carried, np.zeros(carried.shape, word)
        self._order = iter(np.argwhere(carried).tolist())
        self._until: list[int] = [0, *carried.sum(axis=1).cumsum().tolist()]  # words up to each column
        self._last_words = {*self._until}
        self._done_with = 0  # columns, from the first on

    def arrive(self) -> None:
        """The oldest word on the wire is there; who waits for its column hears of it with the last."""
        self._there += 1
        if self._there in self._last_words:
            self._arrived.ring()

    def there(self, need: int = 1) -> bool:
        """Whether all words of the first *need* columns have come."""
        return self._there >= self._until[need]

    def look(self, columns: tuple[int, ...]) -> tuple[Tensor, BoolArray]:
        """The words at *columns*, which must be there, and whether they were carried; ``(q, s)`` each."""
        there = self._done_with <= min(columns) and self.there(max(columns) + 1)
        assert there, "the window is there"
        return self._columns[[*columns]].T, self._carried[[*columns]].T

    def release(self, columns: int) -> None:
        """The receiver is done with the first *columns* columns; the places of their words are free."""
        self._free += self._until[columns] - self._until[self._done_with]
        self._done_with = columns
        self._freed.ring()

    def _hold(self, word: Word) -> None:
        self._columns[tuple(next(self._order))] = word


class Registers:
    """The words of an operand that a PE keeps: those *carried* come in this order, the others are zero.

    Takes:  words from *bus*, for which there always is room. Gives: all of them to *owner*, any number of
            times, once *usable* is over.
    Counts: *counts* for every word.
    """

    def __init__(
        self,
        bus: Part,
        owner: Part,
        operand: Operand,
        *,
        carried: BoolArray,
        latency: int,
        usable: Countdown,
        counts: tuple[Actions, Mapping[str, int]],
        word: type[Word] = int,
    ) -> None:
        self._bus, self._owner, self._operand = bus, owner, operand
        self.latency, self._usable, self._counts = latency, usable, counts
        self.values: Tensor = np.zeros(carried.shape, word)
        self._order = iter(np.argwhere(carried).tolist())

    def room(self) -> ProcessGenerator:
        """Wait for nothing: a register takes whatever comes."""
        yield from ()

    def leave(self, word: Word) -> None:
        """*word* leaves the bus; what was in its place is not in use any more."""
        self.values[tuple(next(self._order))] = word
        add(*self._counts)

    def arrive(self) -> None:
        """A word is there."""
        self._usable.one()

    def there(self, need: int = 1) -> bool:
        """Whether the words can be used."""
        return self._usable.over

    def word(self, need: int = 1) -> ProcessGenerator:
        """The owner waits until the words can be used."""
        if not self.there():
            yield from self._owner.until(self._usable.event, f"{WORD[self._operand]} from", self._bus)

    def take(self) -> Word:
        """The only word, which stays."""
        return word_at(self.values, (0,))
