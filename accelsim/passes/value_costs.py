"""What values make of a primitive pass: cycles of every step in every PE, words that move, counts."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from accelsim.machine import Arch
from accelsim.machine.control import WordCosts, control_of
from accelsim.mapping.nest import Mapping, Pass, Tile, blocks
from accelsim.mapping.operands import Operands
from accelsim.network.layer import BoolArray, IntArray, Layer, Tensor
from accelsim.passes.coded import carried_ifmap
from accelsim.passes.primitive import PrimitivePlan
from accelsim.passes.protocol import Plan
from accelsim.passes.work import Tally

Seen = TypeVar("Seen", np.bool_, np.integer | np.floating)
"""What matters of a weight: whether it is not zero or, where kernels repeat, its value."""

Sums = npt.NDArray[np.float32]
"""Counts far below 2**24, so that float32 has them exactly."""


@dataclass(frozen=True)
class ValueCosts:
    """One pass of 1-D primitives as its values make it."""

    mac: IntArray  # (steps, depth, lanes) cycles with a MAC
    overhead: IntArray  # the same without
    carried: BoolArray | None  # (words,) ifmap words in bus order that move; None: all
    group_words: IntArray | None  # (groups,) weights of each group on the bus that move; None: all
    tally: Tally


class UnderTaps(NamedTuple):
    """The words of a channel set under the taps of each filter row, ``(R, n*e*f, q*S)``, ones and zeros."""

    present: Sums
    carried: Sums


class PrimitiveReader(ABC, Generic[Seen]):
    """Finds the contents of the passes of one layer, by what matters of its weights."""

    def __init__(self, mapping: Mapping, arch: Arch, operands: Operands) -> None:
        self._layer, self._arch, self._operands = mapping.layer, arch, operands
        self._filters, self._channels = mapping.step("cols", "m"), mapping.step("rows", "c")
        self._control = control_of(arch, values=True)
        self._present = operands.ifmap != 0
        self._weights: npt.NDArray[Seen] = self._seen(operands.weight)
        self._box: tuple[range, ...] = ()
        self._windows: list[UnderTaps] = []

    def read(self, plan: Plan, job: Pass, *, load: bool) -> ValueCosts:
        """The contents of *job*, a pass of *plan*; *load* says that its PEs get new weights."""
        assert isinstance(plan, PrimitivePlan), "only its passes are read here"
        formats = self._arch.sparsity.formats
        windows = self._windows_of(job.tile)
        columns = self._columns(job.tile)
        shape: tuple[int, ...] = (plan.shape.n, plan.shape.e, self._layer.f, plan.shape.r, len(columns))
        mac, overhead = (np.empty((*shape, len(windows)), np.int64) for _ in range(2))
        tally = Tally()
        for k, (window, own) in enumerate(zip(windows, self._by_channels(columns), strict=True)):
            mac[..., k], overhead[..., k], done = self._channel_set(window, own, shape)
            tally += done
        overhead = self._control.with_empty(mac, overhead)
        groups = self._group_words(plan, columns) if formats.weight.spad is not None else None
        carried = None
        if formats.ifmap.spad is not None:
            carried = carried_ifmap(plan, job, self._layer, self._arch, self._operands.ifmap)
        moved = self._moved(plan, carried, groups, load=load)
        return ValueCosts(_laid_out(mac), _laid_out(overhead), carried, groups, tally + moved)

    def _windows_of(self, tile: Tile) -> list[UnderTaps]:
        """By channel set; those of the last box are kept, for the next pass is likely to use them again."""
        if tile.of("ifmap") != self._box:
            self._box = tile.of("ifmap")
            first = tile.g.start * self._layer.group_c
            self._windows = [self._under_taps(tile, first, c) for c in blocks(tile.c, self._channels)]
        return self._windows

    def _under_taps(self, tile: Tile, first: int, c: range) -> UnderTaps:
        box = self._present[tile.n.start : tile.n.stop, first + c.start : first + c.stop]
        coded = self._arch.sparsity.formats.ifmap.spad
        carried = box if coded is None else coded.entries(box.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
        return UnderTaps(*(_under_taps(self._layer, tile, part) for part in (box, carried)))

    @abstractmethod
    def _seen(self, weight: Tensor) -> npt.NDArray[Seen]:
        """What matters of *weight*, same shape."""

    @abstractmethod
    def _channel_set(
        self, window: UnderTaps, columns: list[npt.NDArray[Seen]], shape: tuple[int, ...]
    ) -> tuple[IntArray, IntArray, Tally]:
        """Cycles with and without MACs, ``(n, e, f, R, sets)``, and what is done."""

    def _columns(self, tile: Tile) -> list[npt.NDArray[Seen]]:
        """The weights of each filter set as they are kept, ``(c, R, S, p)``."""
        first = tile.g.start * self._layer.group_m
        return [
            self._weights[
                first + m.start : first + m.stop,
                tile.c.start : tile.c.stop,
                tile.r.start : tile.r.stop,
                tile.s.start : tile.s.stop,
            ].transpose(1, 2, 3, 0)
            for m in blocks(tile.m, self._filters)
        ]

    def _by_channels(self, columns: list[npt.NDArray[Seen]]) -> list[list[npt.NDArray[Seen]]]:
        """For each channel set, its part of each filter set's."""
        sets = blocks(range(len(columns[0])), self._channels)
        return [[own[c.start : c.stop] for own in columns] for c in sets]

    def _group_words(self, plan: PrimitivePlan, columns: list[npt.NDArray[Seen]]) -> IntArray:
        """Weights of each group on the bus that move."""
        by_row = [self._control.carried(own != 0).sum(axis=(2, 3)) for own in columns]  # (c, R) each
        channels = int(plan.channels.max())
        words = []
        for lane_set, depth, _ in plan.weight_groups:
            c = plan.channel_set(depth) * channels
            words.append(by_row[lane_set][c : c + int(plan.channels[depth]), plan.filter_row(depth)].sum())
        return np.array(words, np.int64)

    def _moved(
        self, plan: PrimitivePlan, carried: BoolArray | None, groups: IntArray | None, *, load: bool
    ) -> Tally:
        if groups is None:
            groups = np.array([words for *_, words in plan.weight_groups])
        weights = int(groups.sum()) * load
        kept = np.ones(len(plan.ifmap_stream), bool) if carried is None else carried
        readers = np.bincount(plan.streams.ravel(), minlength=len(plan.stream_channels))
        places = int(readers[plan.ifmap_stream[kept]].sum())
        return Tally(weight_places=weights * plan.shape.e, ifmap_places=places)


class ZeroReader(PrimitiveReader[np.bool_]):
    """Finds the contents of passes whose cycles depend on which words are zero."""

    def _seen(self, weight: Tensor) -> BoolArray:
        present: BoolArray = weight != 0
        return present

    def _channel_set(
        self, window: UnderTaps, columns: list[BoolArray], shape: tuple[int, ...]
    ) -> tuple[IntArray, IntArray, Tally]:
        costs = self._costs(columns)
        return *self._cycles(window, costs, shape), self._done(window, costs)

    def _costs(self, columns: list[BoolArray]) -> WordCosts[Sums]:
        """What each window word costs in each filter set: ``(R, q*S, sets)``."""
        parts = [self._control.word_costs(own) for own in columns]

        def stacked(name: str) -> Sums:
            every = np.stack([getattr(part, name) for part in parts], axis=-1)  # (q, R, S, sets)
            by_row = every.transpose(1, 0, 2, 3)
            out: Sums = by_row.reshape(by_row.shape[0], -1, len(parts)).astype(np.float32)
            return out

        return WordCosts(*(stacked(name) for name in WordCosts._fields))

    def _cycles(
        self, window: UnderTaps, costs: WordCosts[Sums], shape: tuple[int, ...]
    ) -> tuple[IntArray, IntArray]:
        """Cycles with and without a MAC, ``(n, e, f, R, sets)``, before empty windows."""
        skips, unmatched = self._arch.sparsity.skips_ifmap, self._arch.sparsity.unmatched_cycles

        def total(cost: Sums) -> IntArray:
            if not skips:  # every word is taken
                return np.broadcast_to(_exact(cost.sum(axis=1)), shape)
            by_row = window.present @ cost  # (R, n*e*f, sets)
            return _exact(by_row).transpose(1, 0, 2).reshape(shape)

        mac, overhead = total(costs.mac), total(costs.overhead)
        if skips and unmatched:
            idle = _exact((window.carried - window.present).sum(axis=-1)).T.reshape(*shape[:-1], 1)
            overhead = overhead + unmatched * idle
        return mac, overhead

    def _done(self, window: UnderTaps, costs: WordCosts[Sums]) -> Tally:
        """What the PEs of one channel set do."""
        sparsity = self._arch.sparsity
        steps = window.present.shape[1]
        present = window.present.sum(axis=1, dtype=np.float64)  # steps in which a word is not zero
        taken = present if sparsity.skips_ifmap else np.full_like(present, steps)

        def over(times: npt.NDArray[np.float64], cost: Sums) -> int:
            return int((times[..., None] * cost).sum())

        unread = over(taken - present, costs.macs) if self._control.gates else 0
        idle = over(present if self._control.gates else taken, costs.idle)
        coded = sparsity.formats.ifmap.spad is not None
        sets = costs.macs.shape[-1]
        return Tally(
            macs=over(taken, costs.macs),
            gated=unread + idle,
            unread=unread,
            fillers=over(taken, costs.fillers),
            psum_uses=over(taken, costs.macs + costs.fillers),
            weight_entries=over(taken, costs.entries),
            ifmap_entries=int(window.carried.sum(dtype=np.float64)) * sets * coded,
        )


def _exact(sums: Sums) -> IntArray:
    return sums.astype(np.int64)


def _laid_out(cycles: IntArray) -> IntArray:
    """From ``(n, e, f, R, filter sets, channel sets)`` to ``(steps, depth, lanes)``, bottom first."""
    n, e, f, rows, sets, channel_sets = cycles.shape
    down = cycles.transpose(0, 2, 5, 3, 4, 1).reshape(n * f, channel_sets * rows, sets * e)
    return np.ascontiguousarray(down[:, ::-1])


def _under_taps(layer: Layer, tile: Tile, box: BoolArray) -> Sums:
    """What of *box*, ``(n, q, H, W)`` padded, is under the taps of every filter row: ``(R, n*e*f, q*S)``."""
    (uy, ux), (dy, dx) = layer.stride, layer.dilation
    origin = box[:, :, tile.e.start * uy + tile.r.start * dy :, tile.f.start * ux + tile.s.start * dx :]
    sn, sc, sy, sx = origin.strides
    n, q = box.shape[:2]
    rows, taps, e, f = len(tile.r), len(tile.s), len(tile.e), len(tile.f)
    view = np.lib.stride_tricks.as_strided(
        origin,
        (rows, n, e, f, q, taps),
        (sy * dy, sn, sy * uy, sx * ux, sc, sx * dx),
        writeable=False,
    )
    return view.reshape(rows, n * e * f, q * taps).astype(np.float32)
