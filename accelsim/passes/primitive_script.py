"""A pass of 1-D primitives word by word; words that PEs keep coded do not move where they are zero."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import product

import numpy as np

from accelsim.machine import Operand
from accelsim.machine.control import control_of
from accelsim.mapping.footprint import Address
from accelsim.network.layer import BoolArray, IntArray
from accelsim.passes.addresses import at_places, places_of
from accelsim.passes.coded import carried_columns, carried_ifmap, group_weights, ifmap_axes, window_places
from accelsim.passes.given import Given
from accelsim.passes.patterns import KEPT, NOWHERE
from accelsim.passes.primitive import PrimitivePlan
from accelsim.passes.script import Collected, Fifo, Load, Numbers, Sent, Step


class PrimitiveScript:
    """One pass of *plan*; PE = depth x lanes + lane, depth 0 at the bottom."""

    keeps: tuple[Operand, ...] = ("ifmap", "weight", "psum")
    together = drained = False
    tail = 0

    def __init__(self, plan: PrimitivePlan, given: Given) -> None:
        self._plan, self._given = plan, given
        self._layer, self._arch, self._job = given.layer, given.arch, given.job
        self._number = Numbers(plan.pes.size)
        self._places = places_of(given.layer, generated=given.arch.padding == "generated")

    def fifos(self) -> dict[int, Fifo]:
        """A window for each PE, and a FIFO below it."""
        port, found, noc = self._number.port, dict[int, Fifo](), self._arch.noc
        streams = self._plan.streams.ravel().tolist()
        columns = [
            carried_columns(self._plan, i, self._moving) for i in range(len(self._plan.stream_channels))
        ]
        climb = self._arch.pe.pipeline_stages + noc.local.latency_cycles
        for pe, stream in enumerate(streams):
            places, latency = int(self._window_places[stream]), noc.ifmap.latency_cycles
            counts = "rf.write:ifmap"
            found[port("ifmap bus", pe)] = Fifo("ifmap", None, pe, places, latency, counts, columns[stream])
            below = pe - self._plan.lanes
            if below < 0:
                found[port("psum", pe)] = Fifo("psum", None, pe, noc.psum.fifo_words, noc.psum.latency_cycles)
            else:
                found[port("psum", pe)] = Fifo("psum", below, pe, noc.local.fifo_words, climb, "noc.hop:psum")
        return found

    def loads(self) -> list[Load]:
        """The weights of each PE, ``(p, q, S)``."""
        if not self._given.load:
            return []
        latency, lanes = self._arch.noc.weight.latency_cycles, range(self._plan.lanes)
        places = product(range(self._plan.depth), lanes)
        return [Load("weight", self._carried[lane // self._plan.shape.e, d], latency) for d, lane in places]

    def words(self, bus: Operand) -> Iterator[Sent]:
        """In the order of the plan."""
        if bus == "weight":
            return self._weights()
        if bus == "ifmap":
            return self._ifmap()
        return iter(()) if self._job.first else self._psums()

    def steps(self, pe: int) -> Iterable[Step]:
        """The primitives of an ofmap column, then its psums, one after another."""
        plan, port = self._plan, self._number.port
        depth, lane = divmod(pe, plan.lanes)
        below = port("psum", pe) if depth or not self._job.first else NOWHERE
        top = depth == plan.depth - 1
        above = port("output", pe) if top else port("psum", pe + plan.lanes)
        gives = [Step("give", above=above, psum=below)] * int(plan.filters[lane])
        window, done = port("ifmap bus", pe), 0
        for need, free, taps in zip(plan.need.tolist(), plan.free.tolist(), self._taps, strict=True):
            yield Step("primitive", KEPT, window, need, done=done, taps=taps)
            yield from gives
            done = free

    def collected(self) -> Iterator[Collected]:
        """Step by step, in the order of the plan."""
        bypass = self._given.leaves
        for address, lane in self._psum_words():
            yield Collected(address, (self._plan.depth - 1) * self._plan.lanes + lane, bypass)

    def _weights(self) -> Iterator[Sent]:
        """Each to all lanes of a filter set."""
        plan = self._plan
        for (lane_set, depth), carried in self._carried.items() if self._given.load else ():
            j, c, tap = np.nonzero(carried)
            m, r = lane_set * int(plan.filters.max()) + j, np.full_like(j, plan.filter_row(depth))
            channel = plan.channel_set(depth) * int(plan.channels.max()) + c
            first = depth * plan.lanes + lane_set * plan.shape.e
            ports = tuple(self._number.kept(pe) for pe in range(first, first + plan.shape.e))
            for address in self._places.weight(self._job.tile, at_places(m=m, c=channel, r=r, s=tap)):
                yield Sent(address, ports)

    def _ifmap(self) -> Iterator[Sent]:
        """Each to all PEs of its stream."""
        streams, readers = self._plan.streams.ravel().tolist(), dict[int, list[int]]()
        for pe, stream in enumerate(streams):
            readers.setdefault(stream, []).append(self._number.port("ifmap bus", pe))
        ports = {stream: tuple(found) for stream, found in readers.items()}
        moved = np.flatnonzero(self._moving)
        axes = (axis[moved] for axis in ifmap_axes(self._plan, self._job, self._layer))
        order = self._plan.ifmap_stream[moved].tolist()
        for address, stream in zip(self._places.kept(*axes), order, strict=True):
            yield Sent(address, ports[stream])

    def _psums(self) -> Iterator[Sent]:
        for address, lane in self._psum_words():
            yield Sent(address, (self._number.port("psum", lane),))

    def _psum_words(self) -> Iterator[tuple[Address, int]]:
        """All psums in the order of both buses, each with its lane."""
        plan = self._plan
        lane, j = np.tile(np.array(plan.psum_order).T, plan.steps)
        image, f = np.divmod(np.repeat(np.arange(plan.steps), len(plan.psum_order)), self._layer.f)
        lane_set, e = np.divmod(lane, plan.shape.e)
        m = lane_set * int(plan.filters.max()) + j
        addresses = self._places.psum(self._job.tile, at_places(n=image, m=m, e=e, f=f))
        return zip(addresses, lane.tolist(), strict=True)

    @cached_property
    def _carried(self) -> dict[tuple[int, int], BoolArray]:
        """The weights that move to each (filter set, depth), in bus order, ``(p, q, S)``."""
        plan, operands = self._plan, self._given.operands
        groups = [(lane_set, depth) for lane_set, depth, _ in plan.weight_groups]
        if operands is None:
            sizes = [(int(plan.filters[i * plan.shape.e]), int(plan.channels[d])) for i, d in groups]
            return {at: np.ones((*size, plan.shape.s), bool) for at, size in zip(groups, sizes, strict=True)}
        control = control_of(self._arch, values=True)
        columns = group_weights(plan, self._job, self._layer, operands.weight)
        carried = [control.carried(part != 0).transpose(2, 0, 1) for part in columns]
        return dict(zip(groups, carried, strict=True))

    @cached_property
    def _moving(self) -> BoolArray:
        """Which ifmap words move, ``(words,)``, in bus order."""
        if self._given.operands is None:
            return np.ones(len(self._plan.ifmap_column), bool)
        return carried_ifmap(self._plan, self._job, self._layer, self._arch, self._given.operands.ifmap)

    @cached_property
    def _window_places(self) -> IntArray:
        """BusWords that a PE of each stream holds in its window and the FIFO before it, ``(streams,)``."""
        coded = self._given.operands is not None and self._arch.sparsity.formats.ifmap.spad is not None
        return window_places(self._plan, self._arch, coded=coded) + self._arch.noc.ifmap.fifo_words

    @cached_property
    def _taps(self) -> list[tuple[int, ...]]:
        """The columns under the taps in each step."""
        plan, (_, stride), (_, dilation) = self._plan, self._layer.stride, self._layer.dilation
        index = {column: k for k, column in enumerate(plan.columns)}
        images, reach = range(plan.shape.n), range(0, plan.shape.s * dilation, dilation)
        return [
            tuple(image * len(plan.columns) + index[f * stride + tap] for tap in reach)
            for image, f in product(images, range(self._layer.f))
        ]
