"""The PE of all other dataflows: a MAC a step, on words that it keeps or takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.link import WORD, Link
from accelsim.engines.reference.pe import PE
from accelsim.engines.reference.waiting import Countdown, Part, after
from accelsim.engines.reference.word import Word
from accelsim.machine import Arch, Operand
from accelsim.machine.control import Control, psum_uses
from accelsim.mapping.work import NOTHING, MacFates, arithmetic
from accelsim.stats import Actions, add


class Register:
    """The one word of an operand that a PE keeps, for all its steps.

    Takes:  a word from *bus*. Gives: it to *owner*, any number of times, once *ready* has happened.
    """

    def __init__(self, bus: Part, owner: Part, operand: Operand, ready: simpy.Event) -> None:
        self._bus, self._owner, self._operand, self._ready = bus, owner, operand, ready
        self.value: Word = 0

    def word(self) -> ProcessGenerator:
        """The owner waits until the word can be used."""
        if not self._ready.processed:
            yield from self._owner.until(self._ready, f"{WORD[self._operand]} from", self._bus)

    def take(self) -> Word:
        """The word, which stays."""
        return self.value


class Loading:
    """The way of one word from a bus to a register, which always has room.

    Counts: *counted*, the write and what the word passes on its way.
    """

    def __init__(
        self,
        env: simpy.Environment,
        register: Register,
        usable: Countdown,
        latency: int,
        counted: tuple[Actions, Mapping[str, int]],
    ) -> None:
        self._env, self._register, self._usable = env, register, usable
        self._latency, self._counted = latency, counted

    def __len__(self) -> int:
        return 1

    def room(self) -> ProcessGenerator:
        """There always is."""
        yield from ()

    def send(self, word: Word) -> None:
        """*word* leaves the bus; the register before it is not in use any more."""
        self._register.value = word
        add(*self._counted)
        after(self._env, self._latency, self._usable.one)


class Step(NamedTuple):
    """One MAC: where its operands come from, and where they and its psum go."""

    weight: Link | Register
    ifmap: Link | Register
    below: Link | None  # None: the psum that the PE keeps, or zero
    above: Link | None  # None: the PE keeps the psum
    ifmap_onward: tuple[Link, ...]
    weight_onward: tuple[Link, ...]

    @property
    def gives(self) -> Iterable[Link]:
        """All the links that it sends to."""
        return (*self.ifmap_onward, *self.weight_onward, *((self.above,) if self.above else ()))


class Made(NamedTuple):
    """How a MAC is made."""

    gives: bool = False  # its psum away
    gated: bool = False  # by a zero ifmap value
    idle: bool = False  # with a zero weight that does nothing


@dataclass(frozen=True)
class Costs:
    """What the MACs of a program count, with its kept operands in registers."""

    keeps: tuple[Operand, ...]
    arch: Arch

    def of(self, made: Made) -> dict[str, int]:
        """Actions of one MAC; a zero ifmap value spares the read of its weight, a zero weight does not."""
        kept = {operand: int(operand in self.keeps) for operand in WORD}
        work = NOTHING._replace(
            macs=1,
            ifmap_uses=kept["ifmap"],
            weight_uses=kept["weight"],
            psum_uses=psum_uses(1, int(made.gives), self.arch) if kept["psum"] else 0,
        )
        spared = MacFates(gated=int(made.gated or made.idle), unread=int(made.gated))
        return {name: n for name, n in arithmetic(work, self.arch.datapath, spared).items() if n}

    def table(self) -> dict[Made, dict[str, int]]:
        """The same of every MAC that there is."""
        return {made: self.of(made) for made in (Made(*one) for one in product((False, True), repeat=3))}


@dataclass(frozen=True)
class MacDuty:
    """What a PE does in one pass."""

    steps: Iterable[Step]
    costs: Mapping[Made, Mapping[str, int]]
    climb: int = 0  # PEs that a kept psum passes on its way out


class MacPE(PE):
    """A PE that makes one MAC a step.

    Takes:  a weight, an ifmap word and a psum a step, each from a link, or from its registers.
    Gives:  the psum, and operands that its neighbours use after it; stalls while there is no room.
    Counts: what a MAC takes. Cycles: every cause of a stall on chip, ``busy``, ``idle``.
    """

    kept: Register  # from pass to pass until it is replaced

    def __init__(
        self, env: simpy.Environment, name: str, arch: Arch, control: Control, actions: Actions
    ) -> None:
        super().__init__(env, name, arch, control, actions)
        self._sum: Word = self._datapath.zero

    def run(self, duty: MacDuty) -> ProcessGenerator:
        """One pass; ends when the last psum has left the pipeline."""
        self.time.enter("idle")
        worked = False
        for step in duty.steps:
            yield from self._wait(step)
            self.time.enter("busy.mac")
            self._issue(step, duty)
            yield self._env.timeout(1)
            worked = True
        if worked:
            yield from self._empty()

    def _wait(self, step: Step) -> ProcessGenerator:
        self.time.enter("no_weight.bus")
        yield from step.weight.word()
        self.time.enter("no_ifmap.bus")
        yield from step.ifmap.word()
        self.time.enter("blocked.bus")
        for link in step.gives:
            yield from link.room()
        if step.below is not None:
            self.time.enter("no_psum.bus")
            yield from step.below.word()

    def _issue(self, step: Step, duty: MacDuty) -> None:
        weight, ifmap = step.weight.take(), step.ifmap.take()
        for link in step.weight_onward:
            link.send(weight)
        for link in step.ifmap_onward:
            link.send(ifmap)
        psum = self._sum if step.below is None else step.below.take()
        self._sum = self._datapath.mac(psum, ifmap, weight)
        gated = self._control.gates and not ifmap
        idle = self._control.idles and not weight
        add(self._actions, duty.costs[Made(step.above is not None, gated, idle)])
        if step.above is not None:
            step.above.send(self._sum)
            add(self._actions, {"noc.hop:psum": duty.climb})
            self._sum = self._datapath.zero
