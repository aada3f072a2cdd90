"""What is known of every PE of a pass, whatever its nest."""

from collections.abc import Callable

import numpy as np

from accelsim.machine import Arch, Operand
from accelsim.mapping.nest import DIMS, Dim, Mapping
from accelsim.network.layer import IntArray
from accelsim.passes.patterns import COORDS, FIFO_KINDS, NO_WORDS, BusWords, Pattern, points_of, words
from accelsim.passes.shape import Shape
from accelsim.passes.stream import StreamPlan

REDUCED: tuple[Dim, ...] = ("c", "r", "s")
"""The loops over which products are added up to one psum."""


class Builder:
    """What is known of every PE of a pass, whatever its nest."""

    def __init__(self, mapping: Mapping, arch: Arch, shape: Shape) -> None:
        self.mapping, self.arch, self.shape, self.layer = mapping, arch, shape, mapping.layer
        self.net = arch.interconnect
        rows, lanes = points_of(mapping.at("rows"), shape), points_of(mapping.at("cols"), shape)
        self.depth, self.lanes = len(rows), len(lanes)
        self.count = self.depth * self.lanes
        self.at: IntArray = (rows[:, None] + lanes[None, :]).reshape(-1, len(COORDS))
        self.index = np.arange(self.count)
        self.row, self.lane = np.divmod(self.index, self.lanes)
        self.kept_psums = "psum" in mapping.keeps
        self.capacity = np.zeros((len(FIFO_KINDS), self.count), np.int64)
        self.latency = np.zeros((len(FIFO_KINDS), self.count), np.int64)
        self._sizes()

    def fifo(self, kind: str) -> IntArray:
        """The FIFOs of *kind*, by PE."""
        return FIFO_KINDS.index(kind) * self.count + self.index

    def sharers(self, operand: Operand) -> IntArray:
        """The class of each PE: PEs that use the same words of *operand*, counted by the first of each."""
        columns = [COORDS.index(dim) for dim in DIMS[operand] if dim != "g"]
        _, first, inverse = np.unique(self.at[:, columns], axis=0, return_index=True, return_inverse=True)
        order = np.argsort(first)
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        classes: IntArray = rank[inverse.ravel()]
        return classes

    def feed(self, operand: Operand, taken: IntArray, users: IntArray, at: IntArray) -> BusWords:
        """One word for each class among *users* (PEs), into the FIFOs *taken* of all of them."""
        classes = self.sharers(operand)
        order = np.argsort(classes[users], kind="stable")
        found = classes[users][order]
        cuts = np.flatnonzero(np.diff(found)) + 1
        groups = np.split(users[order], cuts) if len(users) else []
        places = np.array([self.at[group[0]] + at for group in groups])
        return words([taken[group] for group in groups], places, self.net.step_beats(len(groups)))

    def _sizes(self) -> None:
        """Capacities and latencies; there is room at the edge for what must wait there for its turn."""
        noc, skew, late = self.arch.noc, self.net.skew(self.row, self.lane), self.net.lag(self.lane)
        onward = 1 + noc.local.latency_cycles
        bottom = self.row == 0
        self._kind("ifmap bus", noc.ifmap.fifo_words + skew, noc.ifmap.latency_cycles)
        self._kind("weight bus", noc.weight.fifo_words + skew, noc.weight.latency_cycles)
        climb = self.arch.pe.pipeline_stages + noc.local.latency_cycles
        self._kind(
            "psum",
            np.where(bottom, noc.psum.fifo_words + skew, noc.local.fifo_words),
            np.where(bottom, noc.psum.latency_cycles, climb),
        )
        for kind in ("ifmap right", "ifmap down", "weight down"):
            self._kind(kind, noc.local.fifo_words, onward)
        self._kind("output", noc.ofmap.fifo_words + late, self.arch.pe.pipeline_stages)
        self._kind("line", 0, noc.ofmap.latency_cycles)

    def _kind(self, kind: str, capacity: IntArray | int, latency: IntArray | int) -> None:
        self.capacity[FIFO_KINDS.index(kind)] = capacity
        self.latency[FIFO_KINDS.index(kind)] = latency

    def plan(self, patterns: list[Pattern], sequence: IntArray, base: IntArray) -> StreamPlan:
        """The plan of *patterns* in *sequence*."""
        arch, mapping = self.arch, self.mapping
        used = np.zeros(self.capacity.size, bool)
        for one in patterns:
            for part in (one.ifmap.fifos, one.weight.fifos, one.ops.ravel(), one.psum_line, one.ofmap_line):
                used[part[part >= 0]] = True
        return StreamPlan(
            shape=self.shape,
            lanes=self.lanes,
            pes=self._pes(),
            capacity=np.where(used, self.capacity.ravel(), 0),
            latency=np.where(used, self.latency.ravel(), 0),
            patterns=tuple(patterns),
            sequence=sequence,
            base=base,
            keeps=mapping.keeps,
            once=mapping.sharing != "step",
            summed=self._summed(),
            load=self._load(),
            shifted=not self.net.at_once,
            drained=self.kept_psums and arch.array.drain == "serial",
            tail=self._tail(),
            load_hops=self._hops(lambda: self.row),
            psum_hops=self._hops(lambda: self.depth - 1 - self.row) * self.kept_psums,
        )

    def _hops(self, crossed: Callable[[], IntArray]) -> IntArray:
        """Hops of a word for each PE that has *crossed* so many rows."""
        return np.broadcast_to(self.net.hops(crossed), self.count)

    def _summed(self) -> tuple[Dim, ...]:
        at = self.mapping.at
        within = [dim for dim in at("pe") + at("cols") + at("rows") if dim in REDUCED]
        return (*(dim for dim in REDUCED if dim not in within), *within)

    def _pes(self) -> IntArray:
        if self.arch.array.placement == "pool":
            return self.index
        return self.row * self.arch.array.cols + self.lane

    def _load(self) -> BusWords:
        """One word for each PE, in its turn."""
        if not {"ifmap", "weight"} & set(self.mapping.keeps):
            return NO_WORDS
        order, beat = self.net.turns(self.row, self.lane)
        return words(list(order[:, None]), self.at[order], beat)

    def _tail(self) -> int:
        """What a whole fold takes longer: its load and its psums pass all rows, its operands all columns."""
        serial = not self.kept_psums or self.arch.array.drain == "serial"
        return self.net.tail(self.depth, self.lanes, sweeps=2 if serial else 1)
