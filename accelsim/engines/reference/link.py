"""Links that carry one word after another to a FIFO of finite capacity."""

from __future__ import annotations

from collections import deque

import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.waiting import Bell, Part, after
from accelsim.engines.reference.word import Word
from accelsim.machine import Operand
from accelsim.stats import Actions

WORD: dict[Operand, str] = {"psum": "psum", "ifmap": "ifmap word", "weight": "weight"}
"""What a part says it waits for."""


class Link:
    """A FIFO with credits at the end of a wire; words arrive in the order they were sent.

    Takes:  words from *sender*, each into a place of the FIFO that it holds from the moment it is sent.
    Gives:  words to *receiver*, *latency* cycles later; a place is free again the cycle after the take,
            or later where the receiver works on the word in its place.
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
    ) -> None:
        self._env, self._sender, self._receiver, self._operand = env, sender, receiver, operand
        self._free, self._latency = places, latency
        self._words: deque[Word] = deque()  # on the wire and in the FIFO, oldest first
        self._there = 0  # of them, in the FIFO
        self._freed, self._arrived = Bell(env), Bell(env)

    def room(self) -> ProcessGenerator:
        """The sender waits until a place is free."""
        while not self._free:
            yield from self._sender.until(self._freed.event, "room in", self._receiver)

    def send(self, word: Word) -> None:
        """*word* leaves now; there must be room."""
        assert self._free, "a word was sent without room for it"
        self._free -= 1
        self._words.append(word)
        after(self._env, self._latency, self._arrive)

    def word(self) -> ProcessGenerator:
        """The receiver waits until a word is there."""
        while not self._there:
            what = f"{WORD[self._operand]} from"
            yield from self._receiver.until(self._arrived.event, what, self._sender)

    def take(self, *, held: int = 1) -> Word:
        """The oldest word, which must be there; its place is free *held* cycles from now."""
        assert self._there, "a word was taken before it came"
        self._there -= 1
        after(self._env, held, self._free_place)
        return self._words.popleft()

    def _arrive(self) -> None:
        self._there += 1
        self._arrived.ring()

    def _free_place(self) -> None:
        self._free += 1
        self._freed.ring()


class LocalLink(Link):
    """A link from a PE to its neighbour. Counts: ``noc.hop:<operand>``."""

    def __init__(
        self,
        env: simpy.Environment,
        sender: Part,
        receiver: Part,
        actions: Actions,
        *,
        places: int,
        latency: int,
        operand: Operand = "psum",
    ) -> None:
        super().__init__(env, sender, receiver, places=places, latency=latency, operand=operand)
        self._actions, self._hop = actions, f"noc.hop:{operand}"

    def send(self, word: Word) -> None:
        """*word* leaves now; there must be room."""
        super().send(word)
        self._actions[self._hop] += 1
