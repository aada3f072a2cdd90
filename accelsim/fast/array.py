"""One pass on the array as max-plus recurrences over (PE, step): when every word moves, and why PEs wait.

Times count from the start of the pass. ``at`` is the cycle of an action; a place is free from the
cycle after its word has gone.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from accelsim.arch import Arch
from accelsim.fast.maxplus import NEVER, issue, last_moves, serve
from accelsim.fast.schedule import Block, Group, Schedule, make_schedule
from accelsim.fast.timing import Boundary, PassTiming
from accelsim.plan import Plan
from accelsim.stats import CAUSE, CAUSES
from accelsim.workload import IntArray


@lru_cache(maxsize=64)
def run_pass(plan: Plan, arch: Arch, *, load: bool, reads: bool, before: Boundary) -> PassTiming:
    """Evaluate the recurrences of one pass, step by step; equal passes of any layer are evaluated once."""
    schedule = make_schedule(plan, arch)
    state = _State(schedule, arch, load=load, reads=reads, before=before)
    for step in range(plan.steps):
        state.mac_phase(step)
        for block in schedule.blocks:
            state.accumulate(step, block)
        state.finish_step(step)
    return state.timing()


class _State:
    """The frontier of the recurrences: what the next step can depend on."""

    def __init__(self, schedule: Schedule, arch: Arch, *, load: bool, reads: bool, before: Boundary) -> None:
        plan, noc = schedule.plan, arch.noc
        self.s, self.plan, self.arch, self.reads, self.before = schedule, plan, arch, reads, before
        shape = (plan.depth, plan.lanes)
        self.free = np.zeros(shape, np.int64)  # the adder and multiplier are free
        self.causes = np.zeros((len(CAUSES), *shape), np.int64)
        self.weights = np.zeros(shape, np.int64)
        self.loaded = 0
        if load:
            moves = schedule.weight_last // arch.words_per_cycle("weight")
            self.weights = moves + noc.weight.latency_cycles
            self.loaded = int(moves.max()) + 1
        self.ifmap_width, self.psum_width, self.ofmap_width = (
            arch.words_per_cycle(bus) for bus in ("ifmap", "psum", "ofmap")
        )
        self.ifmap_moves = np.full(self.ifmap_width, NEVER)
        self.psum_moves = np.full(self.psum_width, NEVER)
        self.ofmap_moves = before.ofmap_moves
        streams = len(plan.stream_channels)
        self.arrived = np.zeros(streams, np.int64)
        self.step_ends = np.zeros((plan.steps + 1, streams), np.int64)  # row k+1: step k; row 0: the start
        self.places = [self._places(group) for group in schedule.groups]
        words = len(plan.psum_order)
        self.written = before.written.reshape(-1, words)
        self.ofmap_log = np.zeros((plan.steps, words), np.int64)
        self.psum_log = np.zeros((plan.steps, words) if reads else (0, 0), np.int64)
        self.first_turn = 0

    def _places(self, group: Group) -> list[IntArray]:
        """For each FIFO of a chain (psum bus, local links, ofmap bus): when its next words find room."""
        noc, depth = self.arch.noc, self.plan.depth
        lanes, words = group.lanes.stop - group.lanes.start, self.plan.steps * group.filters
        fifos = [noc.psum.fifo_words, *[noc.local.fifo_words] * (depth - 1), noc.ofmap.fifo_words]
        places = [np.full((lanes, fifo + words), NEVER) for fifo in fifos]
        places[-1][:, : noc.ofmap.fifo_words] = self.before.places[group.lanes]
        return places

    def mac_phase(self, step: int) -> None:
        """Ifmap words up to this step's window move; PEs wait for them and multiply."""
        stage, plan = self.s.stages[step], self.plan
        if len(stage.streams):
            moves = serve(self.step_ends[stage.room + 1, stage.streams], self.ifmap_width, self.ifmap_moves)
            self.ifmap_moves = last_moves(self.ifmap_moves, moves)
            self.arrived[stage.fed] = moves[stage.last] + self.arch.noc.ifmap.latency_cycles
        armed = np.maximum(self.free, self.weights)
        start = np.maximum(armed, self.arrived[plan.streams])
        self.causes[CAUSE["no_weight.bus"]] += armed - self.free
        self.causes[CAUSE["no_ifmap.bus"]] += start - armed
        self.free = start + plan.mac_cycles
        if step == 0:
            self.first_turn = int(self.free[-1].min())

    def accumulate(self, step: int, block: Block) -> None:
        """Psums of the block climb the chain, from the psum bus to the ofmap bus."""
        spans = [self._span(step, block, group) for group in self.s.groups]
        below = self._psum_bus(step, block, spans) if self.reads else None
        tops = [self._climb(i, span, None if below is None else below[i]) for i, span in enumerate(spans)]
        self._ofmap_bus(step, block, spans, tops)

    def _span(self, step: int, block: Block, group: Group) -> slice:
        """The block's words of a group, counted in each lane from the start of the pass."""
        first = step * group.filters
        return slice(first + min(block.start, group.filters), first + min(block.stop, group.filters))

    def _psum_bus(self, step: int, block: Block, spans: list[slice]) -> list[IntArray]:
        """When the bottom PEs can use the block's psums."""
        ready = self._gather([places[0][:, span] for places, span in zip(self.places, spans, strict=True)])
        ready = np.maximum(ready[block.order], 0)
        log = slice(block.offset, block.offset + len(ready))
        if self.written.size:
            ready = np.maximum(ready, self.written[step, log])
        moves = serve(ready, self.psum_width, self.psum_moves)
        self.psum_moves = last_moves(self.psum_moves, moves)
        self.psum_log[step, log] = moves
        usable = np.empty_like(moves)
        usable[block.order] = moves + self.arch.noc.psum.latency_cycles
        return self._scatter(usable, spans)

    def _climb(self, i: int, span: slice, below: IntArray | None) -> IntArray:
        """Accumulate from the bottom PE to the top one; the cycles in which the top PEs issue."""
        group, places = self.s.groups[i], self.places[i]
        noc, stages = self.arch.noc, self.arch.pe.pipeline_stages
        fifos = (noc.psum.fifo_words, *[noc.local.fifo_words] * (self.plan.depth - 1))
        at = np.empty((0, 0), np.int64)
        for depth in range(self.plan.depth):
            room = places[depth + 1][:, span]
            at = self._issue(depth, group, room, below)
            places[depth][:, span.start + fifos[depth] : span.stop + fifos[depth]] = at + 1
            below = at + stages + noc.local.latency_cycles
        return at

    def _issue(self, depth: int, group: Group, room: IntArray, below: IntArray | None) -> IntArray:
        """Issue cycles of one PE row: room above first, then the psum from below."""
        free = self.free[depth, group.lanes]
        words = room.shape[1]
        if not words:
            return room
        full = bool((room[:, -1] > free).any())  # places come free in order: the last word's comes last
        ready = room if below is None else np.maximum(room, below) if full else below
        at = issue(ready, free)
        done = at[:, -1] + 1
        waits = done - free - words
        if full:
            turn = np.empty_like(at)  # when the adder could have issued each word
            turn[:, 0], turn[:, 1:] = free, at[:, :-1] + 1
            blocked = np.maximum(room - turn, 0).sum(axis=1)
            self.causes[CAUSE["blocked.bus"], depth, group.lanes] += blocked
            waits -= blocked
        self.causes[CAUSE["no_psum.bus"], depth, group.lanes] += waits
        self.free[depth, group.lanes] = done
        return at

    def _ofmap_bus(self, step: int, block: Block, spans: list[slice], tops: list[IntArray]) -> None:
        ready = self._gather(tops)[block.order]
        moves = serve(ready + self.arch.pe.pipeline_stages, self.ofmap_width, self.ofmap_moves)
        self.ofmap_moves = last_moves(self.ofmap_moves, moves)
        self.ofmap_log[step, block.offset : block.offset + len(moves)] = moves
        freed = np.empty_like(moves)
        freed[block.order] = moves + 1
        fifo = self.arch.noc.ofmap.fifo_words
        for places, span, part in zip(self.places, spans, self._scatter(freed, spans), strict=True):
            places[-1][:, span.start + fifo : span.stop + fifo] = part

    def _gather(self, parts: list[IntArray]) -> IntArray:
        return parts[0].ravel() if len(parts) == 1 else np.concatenate([part.ravel() for part in parts])

    def _scatter(self, flat: IntArray, spans: list[slice]) -> list[IntArray]:
        parts, used = [], 0
        for group, span in zip(self.s.groups, spans, strict=True):
            lanes, words = group.lanes.stop - group.lanes.start, span.stop - span.start
            parts.append(flat[used : used + lanes * words].reshape(lanes, words))
            used += lanes * words
        return parts

    def finish_step(self, step: int) -> None:
        """Window columns are given back: note when, per stream, the slowest of its PEs did."""
        ends = self.free.ravel()[self.s.stream_sort]
        self.step_ends[step + 1] = np.maximum.reduceat(ends, self.s.stream_starts)

    def timing(self) -> PassTiming:
        plan, stages = self.plan, self.arch.pe.pipeline_stages
        self.causes[CAUSE["busy.mac"]] = plan.steps * plan.mac_cycles
        self.causes[CAUSE["busy.accumulate"]] = plan.steps * plan.filters
        self.causes[CAUSE["busy.pipeline"]] = stages - 1
        return PassTiming(
            end=int(self.free.max()) - 1 + stages,
            loaded=self.loaded,
            written=int(self.ofmap_log[-1, -1]) + self.arch.noc.ofmap.latency_cycles,
            causes=self.causes.reshape(len(CAUSES), -1),
            ofmap_moves=self.ofmap_moves,
            freed=np.concatenate(
                [places[-1][:, -self.arch.noc.ofmap.fifo_words :] for places in self.places]
            ),
            made=self.ofmap_log.ravel(),
            read=self.psum_log.ravel(),
            first_turn=self.first_turn,
        )
