"""The PE that works off a queue of activations, each with all the filters that it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.link import Link
from accelsim.engines.reference.pe import PE
from accelsim.engines.reference.spad import WeightSpad
from accelsim.engines.reference.waiting import Part
from accelsim.engines.reference.word import Word
from accelsim.machine import QueuedBus
from accelsim.machine.control import Gated, WordCosts
from accelsim.mapping.work import NOTHING
from accelsim.stats import Actions

FREE = WordCosts(mac=0, overhead=0, macs=0, fillers=0, entries=0, idle=0)
"""What an activation costs that never comes."""


class Queue(Link):
    """The FIFO of activations in one PE, *owner*. Counts: ``rf.write:ifmap``."""

    def __init__(
        self, env: simpy.Environment, bus: Part, owner: Part, actions: Actions, settings: QueuedBus
    ) -> None:
        places, latency = settings.fifo_words, settings.latency_cycles
        super().__init__(env, bus, owner, places=places, latency=latency, operand="ifmap")
        self._actions = actions

    def send(self, word: Word) -> None:
        """*word* leaves the bus now; there must be room."""
        super().send(word)
        self._actions["rf.write:ifmap"] += 1


@dataclass(frozen=True)
class QueueDuty:
    """What a PE does in one pass, and the ports it does it between."""

    taken: Sequence[Sequence[int]]  # taps of the activations that come, ascending, pixel by pixel
    queue: Queue
    above: Link  # where psums go


class QueuedPE(PE):
    """A PE that makes the MACs of one activation after the other, and gives a psum for each filter and pixel.

    Takes:  weights from its spad, ``(taps, filters)``; activations from its queue, where each holds its
            place until its MACs are done.
    Gives:  the psums of a pixel to ``above``, one a cycle; stalls while there is no room.
    Counts: whatever the datapath does. Cycles: every cause of a stall on chip, ``busy``, ``idle``.
    """

    weights: WeightSpad  # kept from pass to pass until it is replaced

    def run(self, duty: QueueDuty) -> ProcessGenerator:
        """One pass; ends when the last psum has left the pipeline."""
        self.time.enter("no_weight.bus")
        yield from self.weights.complete()
        columns, costs, mac = self.weights.values.tolist(), self._costs(), self._datapath.mac
        for taps in duty.taken:
            sums = [self._datapath.zero] * self.weights.values.shape[1]
            for tap in taps:
                self.time.enter("no_ifmap.bus")
                yield from duty.queue.word()
                busy = costs[tap].mac + costs[tap].overhead
                value = duty.queue.take(held=max(busy, 1))
                sums = [mac(psum, value, weight) for psum, weight in zip(sums, columns[tap], strict=True)]
                self._count_activation(costs[tap], value)
                yield from self._multiply(costs[tap])
            left_out = (len(columns) - len(taps)) * len(sums)
            self._count(NOTHING._replace(macs=left_out), FREE, Gated(0, 0))
            for psum in sums:
                yield from self._give(duty, psum)
        yield from self._empty()

    def _costs(self) -> list[WordCosts]:
        """Of an activation, by its tap."""
        each = self._control.word_costs(self.weights.values != 0)
        return [WordCosts(*one) for one in zip(*(part.tolist() for part in each), strict=True)]

    def _count_activation(self, costs: WordCosts, value: Word) -> None:
        uses = costs.macs + costs.fillers
        filters = self.weights.values.shape[1]
        work = NOTHING._replace(macs=filters, ifmap_uses=uses, weight_uses=uses, psum_uses=uses)
        spared = self._control.gates and not value
        gated = Gated(costs.macs, costs.macs) if spared else Gated(costs.idle, 0)
        self._count(work, costs, gated)

    def _give(self, duty: QueueDuty, psum: Word) -> ProcessGenerator:
        self.time.enter("blocked.bus")
        yield from duty.above.room()
        self.time.enter("busy.accumulate")
        duty.above.send(psum)
        yield self._env.timeout(1)
