"""The buses between the GLB and the array: in order, so many words a cycle."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Literal

import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.buffer import InputBuffer, PsumBuffer
from accelsim.engines.reference.transfer import Collection, Transfer
from accelsim.engines.reference.waiting import Countdown, Part, after
from accelsim.machine import Arch
from accelsim.machine.control import held
from accelsim.machine.datapath import Word
from accelsim.stats import Actions


class BusPart(Part):
    """Moves words in the order it is given them, as many a cycle as it is wide; they arrive later."""

    def __init__(
        self,
        env: simpy.Environment,
        kind: Literal["weight", "ifmap", "psum", "ofmap"],
        arch: Arch,
        actions: Actions,
    ) -> None:
        super().__init__(f"{kind} bus")
        self.env, self.arch, self.actions = env, arch, actions
        self.latency: int = getattr(arch.noc, kind).latency_cycles
        self._width, self._cycle, self._moved = arch.words_per_cycle(kind), -1, 0

    def slot(self, *, beat: bool = False) -> ProcessGenerator:
        """Wait for a cycle with room on the wires; on a *beat*, for one in which none has moved."""
        if self.env.now == self._cycle and (beat or self._moved == self._width):
            yield self.env.timeout(1)

    def move(self) -> None:
        """A word moves now."""
        if self.env.now != self._cycle:
            self._cycle, self._moved = int(self.env.now), 0
        self._moved += 1


class InputBus(BusPart):
    """GLB to PEs, for ifmap words or weights.

    Takes:  words of *buffer*, in order; makes pad zeros itself where the GLB does not keep them.
    Gives:  each to all its ports, once every one of them has room; without ports, it is only looked at.
    Counts: ``noc.deliver:<operand>`` for every port; ``noc.wire:<operand>`` where their wires are private.
    """

    def __init__(
        self, env: simpy.Environment, kind: Literal["weight", "ifmap"], arch: Arch, actions: Actions
    ) -> None:
        super().__init__(env, kind, arch, actions)
        self._private = kind == "weight" and arch.noc.weight.wires == "private"
        self._delivery = f"noc.{'wire' if self._private else 'deliver'}:{kind}"

    def run(
        self, words: Iterable[Transfer], buffer: InputBuffer, moved: simpy.Event | None = None
    ) -> ProcessGenerator:
        """Serve one pass; *moved* happens in the cycle after the last word, at once if there is none."""
        count = 0
        for word in words:
            if not len(word.ports):
                self._read(word, buffer)
                continue
            yield from self.slot(beat=word.beat and count > 0)
            yield from word.ports.room()
            self.move()
            count += 1
            self.actions[self._delivery] += len(word.ports)
            word.ports.send(self._read(word, buffer))
        if count:
            yield self.env.timeout(1)
        if moved is not None:
            moved.succeed()

    def _read(self, word: Transfer, buffer: InputBuffer) -> Word:
        times = len(word.ports) if self._private else 1
        return 0 if word.address is None else buffer.read(word.address, times)


class PsumBus(BusPart):
    """GLB to the bottom PEs.

    Takes:  psums that the *writer* has written, in order.
    Gives:  each to its port, once that has room. Counts: ``noc.deliver:psum``.
    """

    def run(self, words: Iterable[Transfer], buffer: PsumBuffer, writer: Part) -> ProcessGenerator:
        """Carry the psums of one pass, each once *writer* has put it into *buffer*."""
        for index, word in enumerate(words):
            assert word.address is not None, "a psum has an address"
            yield from self.slot(beat=word.beat and index > 0)
            yield from word.ports.room()
            yield from buffer.written(word.address, self, writer)
            self.move()
            self.actions["noc.deliver:psum"] += len(word.ports)
            word.ports.send(buffer.read(word.address))


class OfmapBus(BusPart):
    """Array to GLB, one pass after the other.

    Takes:  words from the output FIFOs of PEs, in order.
    Gives:  psums to *buffer*, as wide as the accumulator. Counts: ``noc.collect:psum``.
    """

    def run(
        self,
        words: Sequence[Collection],
        buffer: PsumBuffer,
        written: simpy.Event,
        collected: simpy.Event,
    ) -> ProcessGenerator:
        """Serve one pass.

        *written* happens once its last word is in the buffer, *collected* in the cycle after that has moved.
        """
        missing = Countdown(written, len(words))
        for index, word in enumerate(words):
            yield from self.slot(beat=word.beat and index > 0)
            yield from word.link.word()
            self.move()
            self.actions["noc.collect:psum"] += 1
            value = held(word.link.take(), self.arch)
            write = partial(buffer.write, word.address, value, bypass=word.bypass)
            after(self.env, self.latency, partial(self._arrive, write, missing))
        after(self.env, 1, collected.succeed)

    def _arrive(self, write: Callable[[], None], missing: Countdown) -> None:
        write()
        missing.one()
