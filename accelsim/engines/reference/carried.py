"""Which words of a primitive pass move, and the room that PEs have for them; pure."""

from __future__ import annotations

import numpy as np

from accelsim.machine.control import Control
from accelsim.mapping.operands import Operands
from accelsim.network.layer import BoolArray, IntArray
from accelsim.passes.coded import carried_ifmap, group_weights, window_places
from accelsim.passes.primitive import PrimitivePlan
from accelsim.program.jobs import Job, Program


class Moving:
    """The words that the buses move in one pass of *plan*: all of them, where PEs do not keep them coded."""

    def __init__(self, program: Program, job: Job, plan: PrimitivePlan, operands: Operands | None) -> None:
        self._program, self._job, self._plan, self._operands = program, job, plan, operands

    def weights(self, control: Control) -> dict[tuple[int, int], BoolArray]:
        """Of each (filter set, depth) in bus order, ``(p, q, s)``."""
        groups = [(lane_set, depth) for lane_set, depth, _ in self._plan.weight_groups]
        if self._operands is None:
            shape = self._plan.shape
            sizes = [(self._plan.filters[i * shape.e], self._plan.channels[depth]) for i, depth in groups]
            every = [np.ones((int(p), int(q), shape.s), bool) for p, q in sizes]
            return dict(zip(groups, every, strict=True))
        columns = group_weights(self._plan, self._job.work, self._program.layer, self._operands.weight)
        carried = [control.carried(part != 0).transpose(2, 0, 1) for part in columns]
        return dict(zip(groups, carried, strict=True))

    def ifmap(self) -> BoolArray:
        """In the order of the bus, ``(words,)``."""
        if self._operands is None:
            return np.ones(len(self._plan.ifmap_column), bool)
        one = self._program
        return carried_ifmap(self._plan, self._job.work, one.layer, one.arch, self._operands.ifmap)

    def places(self) -> IntArray:
        """Words that a PE of each stream holds, ``(streams,)``, in its window and the FIFO before it."""
        arch = self._program.arch
        coded = self._operands is not None and arch.sparsity.formats.ifmap.spad is not None
        return window_places(self._plan, arch, coded=coded) + arch.noc.ifmap.fifo_words


def columns_of(plan: PrimitivePlan, stream: int, moving: BoolArray) -> BoolArray:
    """Which words of *stream* move, ``(columns, channels)``, of all that the ifmap bus has, ``(words,)``."""
    ours = plan.ifmap_stream == stream
    carried = np.ones((plan.shape.n * len(plan.columns), int(plan.stream_channels[stream])), bool)
    carried[plan.ifmap_column[ours], plan.ifmap_channel[ours]] = moving[ours]
    return carried
