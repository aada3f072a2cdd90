"""One pass of single MACs: the FIFOs and registers of its PEs, and their steps between them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from accelsim.engines.reference.array import Array
from accelsim.engines.reference.link import Link, LocalLink
from accelsim.engines.reference.mac import MacPE, Register, Step
from accelsim.engines.reference.waiting import Countdown
from accelsim.machine import Operand
from accelsim.passes.script import NOWHERE, OP, Pattern
from accelsim.passes.stream import StreamPlan
from accelsim.program.jobs import Job

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


def givers_of(plan: StreamPlan) -> dict[int, int]:
    """The PE that sends to each FIFO; buses send to those that are missing."""
    givers: dict[int, int] = {}
    for pattern in plan.patterns:
        pe = np.repeat(np.arange(len(plan.pes)), np.diff(pattern.op_start))
        for column in GIVEN:
            fifos = pattern.ops[:, OP.index(column)]
            given = fifos != NOWHERE
            givers.update(zip(fifos[given].tolist(), pe[given].tolist(), strict=True))
    return givers


def output(array: Array[MacPE], plan: StreamPlan, fifo: int) -> Link:
    """The output FIFO *fifo* of *plan*."""
    assert plan.kind(fifo) == "output", "the ofmap bus takes from outputs"
    return array.output(int(plan.pes[fifo % len(plan.pes)]), places=int(plan.capacity[fifo]))


class PassLinks:
    """The FIFOs of a pass that begins now; PEs have new registers if they load."""

    def __init__(self, array: Array[MacPE], plan: StreamPlan, givers: dict[int, int], job: Job) -> None:
        self.array, self.plan = array, plan
        self.pes = [array.pes[index] for index in plan.pes]
        self.links = {
            fifo: self._link(fifo, givers.get(fifo))
            for fifo in np.flatnonzero(plan.capacity).tolist()
            if plan.kind(fifo) in CARRIED
        }
        self._dry = self._unfed() if job.work.first else set()
        self.usable: list[Countdown] = []  # by PE; what lets a word that is loaded be used
        if job.load and plan.loaded_operand is not None:
            self._registers(plan.loaded_operand)
        self._steps = [self._in_pattern(pattern) for pattern in plan.patterns]

    def steps(self, p: int) -> Iterator[Step]:
        """What PE *p* does, stretch by stretch."""
        for k in self.plan.sequence.tolist():
            yield from self._steps[k][p]

    def _link(self, fifo: int, giver: int | None) -> Link:
        array, plan, operand = self.array, self.plan, CARRIED[self.plan.kind(fifo)]
        places, latency = int(plan.capacity[fifo]), int(plan.latency[fifo])
        taker = self.pes[fifo % len(plan.pes)]
        if giver is None:
            bus = getattr(array.buses, operand)
            return Link(array.env, bus, taker, places=places, latency=latency, operand=operand)
        return LocalLink(
            array.env,
            self.pes[giver],
            taker,
            array.actions,
            places=places,
            latency=latency,
            operand=operand,
        )

    def _unfed(self) -> set[int]:
        """FIFOs whose psums would come from an earlier pass."""
        return {
            fifo
            for pattern in self.plan.patterns
            for fifo in pattern.psum.fifos[pattern.psum_line == NOWHERE].tolist()
        }

    def _registers(self, operand: Operand) -> None:
        """Registers for what is loaded: together usable on a systolic array, one by one elsewhere."""
        env, count = self.array.env, len(self.pes)
        alone = [env.event() for _ in range(1 if self.plan.shifted else count)]
        ready = alone * count if self.plan.shifted else alone
        if self.plan.shifted:
            self.usable = [Countdown(alone[0], count)] * count
        else:
            self.usable = [Countdown(event, 1) for event in ready]
        for pe, event in zip(self.pes, ready, strict=True):
            pe.kept = Register(getattr(self.array.buses, operand), pe, operand, event)

    def _in_pattern(self, pattern: Pattern) -> list[list[Step]]:
        """Steps of every PE."""
        ops, start = pattern.ops.tolist(), pattern.op_start.tolist()
        return [[self._step(pe, op) for op in ops[start[p] : start[p + 1]]] for p, pe in enumerate(self.pes)]

    def _step(self, pe: MacPE, op: list[int]) -> Step:
        fifo = dict(zip(OP, op, strict=True))
        below = fifo["psum_from"]
        return Step(
            weight=self._source(pe, fifo["weight_from"]),
            ifmap=self._source(pe, fifo["ifmap_from"]),
            below=None if below == NOWHERE or below in self._dry else self.links[below],
            above=self._above(fifo["psum_to"]),
            ifmap_onward=self._onward(fifo["ifmap_right"], fifo["ifmap_down"]),
            weight_onward=self._onward(fifo["weight_down"]),
        )

    def _source(self, pe: MacPE, fifo: int) -> Link | Register:
        return pe.kept if fifo == NOWHERE else self.links[fifo]

    def _above(self, fifo: int) -> Link | None:
        if fifo == NOWHERE:
            return None
        return self.links[fifo] if fifo in self.links else output(self.array, self.plan, fifo)

    def _onward(self, *fifos: int) -> tuple[Link, ...]:
        return tuple(self.links[fifo] for fifo in fifos if fifo != NOWHERE)
