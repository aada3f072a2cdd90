"""One pass of queues: activations broadcast one by one, PEs that work them off at their own pace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from accelsim.arch import Arch
from accelsim.control import WordCosts, control_of
from accelsim.fast import broadcast
from accelsim.fast.contents import Tally
from accelsim.fast.timing import NEVER, Boundary, PassTiming, last_moves
from accelsim.fast.windows import gathered
from accelsim.mapping import Mapping, Pass
from accelsim.queues import QueuePlan
from accelsim.stats import CAUSE, CAUSES
from accelsim.traffic import Operands, weight_columns
from accelsim.workload import IntArray, Lowered


@dataclass(frozen=True)
class Queued:
    """One pass as its values make it."""

    costs: WordCosts  # of one activation of each tap in each PE, (taps, PEs)
    taps: IntArray  # (activations,) broadcast in this order
    first: IntArray  # (pixels + 1,) where those of each pixel begin
    weights: IntArray  # (PEs,) moved on the bus, if they are new
    tally: Tally


def dense(plan: QueuePlan, arch: Arch) -> Queued:
    """The pass of *plan* if every word counts as it is."""
    taps, pixels = plan.shape.c, plan.shape.e
    control = control_of(arch, values=False)
    sizes = np.array([len(own) for own in plan.filters])
    cycles = np.array([control.mac_cycles(int(size), 1, 1)[0] for size in sizes])
    mac, none = np.tile(cycles, (taps, 1)), np.zeros((taps, len(sizes)), np.int64)
    return Queued(
        WordCosts(mac, none, none, none, none, none),
        np.tile(np.arange(taps), pixels),
        np.arange(pixels + 1) * taps,
        sizes * taps,
        Tally(),
    )


class QueueReader:
    """Finds what the values of one layer make of its passes."""

    def __init__(self, mapping: Mapping, arch: Arch, operands: Operands) -> None:
        self._mapping, self._arch, self._operands = mapping, arch, operands
        self._control = control_of(arch, values=True)
        self._box: tuple[range, ...] = ()
        self._costs = WordCosts(*(np.zeros((0, 0), np.int64) for _ in WordCosts._fields))
        self._moved = np.zeros(0, np.int64)

    def read(self, plan: QueuePlan, job: Pass, *, load: bool) -> Queued:
        """The pass *job* of *plan*; *load* says that its PEs get new weights."""
        layer = self._mapping.layer
        assert isinstance(layer, Lowered), "passes of queues are of products"
        self._keep(job)
        present = (gathered(layer, self._operands.ifmap, job.tile) != 0).T  # (pixels, taps)
        taken = self._control.taken(present)
        first = np.concatenate(([0], np.cumsum(taken.sum(axis=1))))
        tally = self._tally(present.sum(axis=0), taken.sum(axis=0), load=load)
        return Queued(self._costs, np.nonzero(taken)[1], first, self._moved, tally)

    def _keep(self, job: Pass) -> None:
        """Make the weights of *job* those at hand."""
        if job.tile.of("weight") == self._box:
            return
        self._box = job.tile.of("weight")
        costs, moved = [], []
        for own in weight_columns(self._mapping, self._arch, job.tile, self._operands.weight):
            present = own.reshape(-1, own.shape[-1]) != 0
            costs.append(self._control.word_costs(present))
            moved.append(int(self._control.carried(present).sum()))
        self._costs = WordCosts(*(np.stack(part, axis=1) for part in zip(*costs, strict=True)))
        self._moved = np.array(moved, np.int64)

    def _tally(self, present: IntArray, taken: IntArray, *, load: bool) -> Tally:
        """What the PEs do, if taps are *present* in, and *taken* to them for, so many pixels."""
        by_tap = WordCosts(*(part.sum(axis=1) for part in self._costs))
        weights, words = int(self._moved.sum()) * load, int(taken.sum())
        unread = int((taken - present) @ by_tap.macs) if self._control.gates else 0
        idle = int((np.minimum(taken, present) if self._control.gates else taken) @ by_tap.idle)
        return Tally(
            macs=int(taken @ by_tap.macs),
            gated=unread + idle,
            unread=unread,
            fillers=int(taken @ by_tap.fillers),
            psum_uses=int(taken @ (by_tap.macs + by_tap.fillers)),
            weight_entries=int(taken @ by_tap.entries),
            weight_places=weights,
            ifmap_places=words * len(self._moved),
        )


class Armed(NamedTuple):
    """When PEs have their weights, and when all of them have moved."""

    at: IntArray
    loaded: int


def run_queues(plan: QueuePlan, arch: Arch, queued: Queued, *, load: bool, before: Boundary) -> PassTiming:
    """Evaluate the recurrences of one pass."""
    noc, stages, pes = arch.noc, arch.pe.pipeline_stages, len(plan.filters)
    armed = _armed(queued.weights, arch, load=load)
    made = np.zeros(plan.shape.e * plan.shape.m, np.int64)
    causes = np.zeros((len(CAUSES), pes), np.int64)
    causes[CAUSE["no_weight.bus"]] = armed.at
    free = armed.at.copy()
    places = np.full((pes, noc.ofmap.fifo_words), NEVER)
    places[:] = before.places
    ofmap_moves = np.full(arch.words_per_cycle("ofmap"), NEVER)
    ofmap_moves[:] = before.ofmap_moves
    owner, _ = np.array(plan.psum_order).T
    waits = causes[[CAUSE["no_ifmap.bus"], CAUSE["blocked.bus"]]]
    first_turn = broadcast.run(
        queued.taps,
        queued.first,
        queued.costs.mac + queued.costs.overhead,
        owner,
        free,
        np.zeros((pes, noc.ifmap.fifo_words), np.int64),
        places,
        np.full(arch.words_per_cycle("ifmap"), NEVER),
        ofmap_moves,
        np.array([noc.ifmap.latency_cycles, stages]),
        waits,
        made,
    )
    times = np.bincount(queued.taps, minlength=plan.shape.c)
    causes[CAUSE["no_ifmap.bus"]], causes[CAUSE["blocked.bus"]] = waits
    causes[CAUSE["busy.mac"]] = times @ queued.costs.mac
    causes[CAUSE["busy.overhead"]] = times @ queued.costs.overhead
    causes[CAUSE["busy.accumulate"]] = plan.shape.e * np.bincount(owner, minlength=pes)
    causes[CAUSE["busy.pipeline"]] = stages - 1
    return PassTiming(
        end=int(free.max()) - 1 + stages,
        loaded=armed.loaded,
        written=int(made[-1]) + noc.ofmap.latency_cycles,
        causes=causes,
        ofmap_moves=last_moves(before.ofmap_moves, made),
        freed=np.sort(places, axis=1),
        made=made,
        read=np.zeros(0, np.int64),
        first_turn=int(first_turn),
    )


def _armed(weights: IntArray, arch: Arch, *, load: bool) -> Armed:
    if not load:
        return Armed(np.zeros(len(weights), np.int64), 0)
    last = np.cumsum(weights) - 1
    moves = last // arch.words_per_cycle("weight")
    at = np.where(weights > 0, moves + arch.noc.weight.latency_cycles, 0)
    return Armed(at, int(moves[-1]) + 1)
