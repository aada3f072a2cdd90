"""One pass of single MACs: its stretches one after the other, each state of the array evaluated once.

Times count from the start of the pass. After every stretch the array's clocks are settled: what counts is
how far its parts are from each other. From equal clocks equal stretches go the same way, so a pass of a
million stretches is soon a walk over known ones; this is exact, back-pressure included.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from accelsim.engines.fast import single_mac_kernel
from accelsim.engines.fast.pass_timing import NEVER, Backlog, PassTiming
from accelsim.engines.fast.settle_kernel import settle
from accelsim.engines.fast.state import OFMAP, WEIGHT, ArrayClocks, Log
from accelsim.engines.fast.wiring import BUSES, endpoints, load_moves, log_sizes, stretch_of, wiring_of
from accelsim.errors import SimulationError
from accelsim.machine import Arch
from accelsim.network.layer import IntArray
from accelsim.passes.stream import StreamPlan
from accelsim.stats import CAUSE, CAUSES

NEXT = (1 << 60) - 1
"""A cycle later than any that a simulation reaches."""


class Known(NamedTuple):
    """What a stretch does to settled clocks."""

    state: int  # number of the settled clocks after it
    advance: int  # cycles from the zero before to the zero after
    causes: IntArray  # (kernel causes, PEs)
    made: IntArray  # cycles after the zero before
    read: IntArray
    turn: int


def run_stream(
    plan: StreamPlan, arch: Arch, costs: None, *, load: bool, reads: bool, before: Backlog
) -> PassTiming:
    """Evaluate one pass, in which nothing depends on values."""
    return _course(plan, arch, reads).run(load, before)


@lru_cache(maxsize=32)
def _course(plan: StreamPlan, arch: Arch, reads: bool) -> _Course:
    return _Course(plan, arch, reads)


class _Course:
    """A plan with all that is known of its stretches."""

    def __init__(self, plan: StreamPlan, arch: Arch, reads: bool) -> None:
        self.plan, self.arch, self.reads = plan, arch, reads
        self.width = np.array([arch.words_per_cycle(bus) for bus in BUSES])
        self.wiring = wiring_of(plan, self.width, reads=reads)
        self.ends = endpoints(plan, reads=reads)
        self.outputs = plan.output_fifos
        self.stretches = [stretch_of(pattern) for pattern in plan.patterns]
        self.sizes = [log_sizes(pattern, reads) for pattern in plan.patterns]
        self.busy = np.sum(
            [n * np.diff(p.op_start) for n, p in zip(plan.times, plan.patterns, strict=True)], axis=0
        )
        self.states: list[ArrayClocks] = []
        self.numbers: dict[bytes, int] = {}
        self.known: dict[tuple[int, int], Known] = {}

    def run(self, load: bool, before: Backlog) -> PassTiming:
        """The pass after *before*."""
        clocks, loaded = self._start(load, before)
        state, zero = self._intern(clocks)
        walked: list[tuple[int, Known]] = []
        read = 0
        for pattern in self.plan.sequence.tolist():
            if before.written.size:
                known = self._evaluate(state, pattern, before.written[read:] - zero)
                read += len(known.read)
            else:
                if (state, pattern) not in self.known:
                    self.known[state, pattern] = self._evaluate(state, pattern, _LONG_SINCE)
                known = self.known[state, pattern]
            walked.append((zero, known))
            state, zero = known.state, zero + known.advance
        return self._timing(walked, self.states[state], zero, loaded)

    def _start(self, load: bool, before: Backlog) -> tuple[ArrayClocks, int]:
        """The clocks at the start of a pass, and when its load, if any, has left its memory."""
        plan, count = self.plan, len(self.plan.pes)
        most = int(self.width.max())
        last, moves = np.zeros(len(BUSES), np.int64), np.full((len(BUSES), most), -1)
        slot = np.full(int(plan.capacity.sum()), NEVER)
        ring = before.ofmap_moves
        moves[OFMAP, : len(ring)] = np.maximum(ring, -1)
        last[OFMAP] = max(0, int(ring[-1]))
        for fifo, places in zip(self.outputs, before.places, strict=True):
            size = int(plan.capacity[fifo])
            first = int(self.wiring.start[fifo])
            slot[first : first + size] = places[len(places) - size :]
        kept, loaded = self._load(load)
        place, (head, held) = np.zeros(len(BUSES), np.int64), np.zeros((2, len(plan.capacity)), np.int64)
        free = np.zeros(count, np.int64)
        return ArrayClocks(head, held, slot, free, kept, last, moves, place, place + 1), loaded

    def _load(self, load: bool) -> tuple[IntArray, int]:
        """When each PE can use what it keeps, and when all of it has moved."""
        plan, operand = self.plan, self.plan.loaded_operand
        kept = np.zeros(len(plan.pes), np.int64)
        if not load or operand is None:
            return kept, 0
        bus = BUSES.index(operand)
        moves = load_moves(plan.load, int(self.width[bus]))
        latency = getattr(self.arch.noc, operand).latency_cycles
        kept[plan.load.fifos] = moves[-1] + latency + 1 if plan.shifted else moves + latency
        return kept, int(moves[-1]) + 1

    def _intern(self, clocks: ArrayClocks) -> tuple[int, int]:
        """The number of *clocks* once settled, and their zero."""
        zero = int(settle(clocks, self.wiring, self.ends))
        key = b"".join(part.tobytes() for part in clocks)
        if key not in self.numbers:
            self.numbers[key] = len(self.states)
            self.states.append(clocks)
        return self.numbers[key], zero

    def _evaluate(self, state: int, pattern: int, written: IntArray) -> Known:
        """The stretch *pattern* from the clocks *state*; *written* counts from their zero."""
        clocks = ArrayClocks(*(part.copy() for part in self.states[state]))
        made, read = self.sizes[pattern]
        log = Log(
            np.zeros((4, len(self.plan.pes)), np.int64),
            np.zeros(made, np.int64),
            np.zeros(read, np.int64),
            np.full(1, NEXT),
        )
        if not single_mac_kernel.run_stretch(
            clocks, self.wiring, self.stretches[pattern], written[:read], log
        ):
            raise SimulationError(self._stuck(clocks))
        number, zero = self._intern(clocks)
        return Known(number, zero, log.causes, log.made, log.read, int(log.turn[0]))

    def _stuck(self, clocks: ArrayClocks) -> str:
        """Which FIFO is full and will stay so."""
        plan = self.plan
        full = np.flatnonzero((clocks.held == plan.capacity) & (plan.capacity > 0))
        if not len(full):
            return "circular wait: the array waits for a word that no bus will bring"
        pe = divmod(int(plan.pes[full[0] % len(plan.pes)]), self.arch.array.cols)
        return (
            f"circular wait: the {plan.kind(int(full[0]))} waits for room in PE {pe},"
            " which waits for a word behind it"
        )

    def _timing(
        self, walked: list[tuple[int, Known]], final: ArrayClocks, zero: int, loaded: int
    ) -> PassTiming:
        plan, arch, stages = self.plan, self.arch, self.arch.pe.pipeline_stages
        causes = np.zeros((len(CAUSES), len(plan.pes)), np.int64)
        waits = self._waits(walked)
        for name, line in zip(("no_weight", "no_ifmap", "blocked", "no_psum"), waits, strict=True):
            causes[CAUSE[f"{name}.bus"]] = line
        causes[CAUSE["busy.mac"]] = self.busy
        causes[CAUSE["busy.pipeline"]] = (stages - 1) * (self.busy > 0)
        last = zero + int(final.last[OFMAP])
        end = zero + int(final.free[self.busy > 0].max()) - 1 + stages
        streamed = "weight" not in plan.keeps
        return PassTiming(
            end=(max(end, last + 1) if plan.drained else end) + plan.tail,
            loaded=zero + int(final.last[WEIGHT]) + 1 if streamed else loaded,
            written=last + arch.noc.ofmap.latency_cycles,
            causes=causes,
            ofmap_moves=zero + final.moves[OFMAP, : self.width[OFMAP]],
            freed=self._freed(final, zero),
            made=np.concatenate([at + known.made for at, known in walked]),
            read=np.concatenate([at + known.read for at, known in walked]),
            first_turn=min(at + known.turn for at, known in walked),
        )

    def _waits(self, walked: list[tuple[int, Known]]) -> IntArray:
        times = Counter(id(known) for _, known in walked)
        which = {id(known): known.causes for _, known in walked}
        waits: IntArray = np.sum([n * which[key] for key, n in times.items()], axis=0)
        return waits

    def _freed(self, final: ArrayClocks, zero: int) -> IntArray:
        fifos = self.outputs
        freed = np.full((len(fifos), int(self.plan.capacity[fifos].max())), NEVER)
        for line, fifo in zip(freed, fifos, strict=True):
            first, size = int(self.wiring.start[fifo]), int(self.plan.capacity[fifo])
            line[len(line) - size :] = zero + final.slot[first : first + size]
        return freed


_LONG_SINCE = np.zeros(0, np.int64)
