"""What values make of a pass of queues: activations that are broadcast, cycles in every PE, counts."""

from dataclasses import dataclass

import numpy as np

from accelsim.machine import Arch
from accelsim.machine.control import WordCosts, control_of
from accelsim.mapping.im2col import gathered
from accelsim.mapping.nest import Mapping, Pass
from accelsim.mapping.operands import Operands, weight_columns
from accelsim.network.layer import IntArray, Lowered
from accelsim.passes.protocol import Plan
from accelsim.passes.queue import QueuePlan
from accelsim.passes.work import Tally


@dataclass(frozen=True)
class QueueCosts:
    """One pass as its values make it."""

    costs: WordCosts[IntArray]  # of one activation of each tap in each PE, (taps, PEs)
    taps: IntArray  # (activations,) broadcast in this order
    first: IntArray  # (pixels + 1,) where those of each pixel begin
    weights: IntArray  # (PEs,) moved on the bus, if they are new
    tally: Tally


def dense(plan: QueuePlan, arch: Arch) -> QueueCosts:
    """The pass of *plan* if every word counts as it is."""
    taps, pixels = plan.shape.c, plan.shape.e
    control = control_of(arch, values=False)
    sizes = np.array([len(own) for own in plan.filters])
    cycles = np.array([control.mac_cycles(int(size), 1, 1)[0] for size in sizes])
    mac, none = np.tile(cycles, (taps, 1)), np.zeros((taps, len(sizes)), np.int64)
    return QueueCosts(
        WordCosts(mac, none, none, none, none, none),
        np.tile(np.arange(taps), pixels),
        np.arange(pixels + 1) * taps,
        sizes * taps,
        Tally(),
    )


class QueueReader:
    """Finds what the values of one layer make of its passes."""

    def __init__(self, mapping: Mapping, arch: Arch, operands: Operands) -> None:
        self._layer, self._operands = mapping.layer, operands
        self._control = control_of(arch, values=True)
        self._box: tuple[range, ...] = ()
        self._costs = WordCosts(*(np.zeros((0, 0), np.int64) for _ in WordCosts._fields))
        self._moved = np.zeros(0, np.int64)

    def read(self, plan: Plan, job: Pass, *, load: bool) -> QueueCosts:
        """The pass *job* of *plan*; *load* says that its PEs get new weights."""
        layer = self._layer
        assert isinstance(layer, Lowered), "passes of queues are of products"
        assert isinstance(plan, QueuePlan), "only its passes are read here"
        self._keep(job, plan)
        present = (gathered(layer, self._operands.ifmap, job.tile) != 0).T  # (pixels, taps)
        taken = self._control.taken(present)
        first = np.concatenate(([0], np.cumsum(taken.sum(axis=1))))
        tally = self._tally(present.sum(axis=0), taken.sum(axis=0), load=load)
        return QueueCosts(self._costs, np.nonzero(taken)[1], first, self._moved, tally)

    def _keep(self, job: Pass, plan: QueuePlan) -> None:
        """Make the weights of *job* those at hand."""
        if job.tile.of("weight") == self._box:
            return
        self._box = job.tile.of("weight")
        costs, moved = [], []
        filters = (job.tile.m.start + own for own in plan.filters)
        for own in weight_columns(self._layer, job.tile, self._operands.weight, filters):
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
