"""What zeros do to a pass, recounted in naive loops over its words, without the datapath of the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product

from accelsim.machine import Arch
from accelsim.machine.formats import Csc
from accelsim.mapping.nest import Tile
from accelsim.network.layer import Lowered
from accelsim.program.jobs import Job
from tests.laws.zero_cases import Case

Counts = Counter[str]


def kept(column: Sequence[int], coded: Csc | None) -> list[bool]:
    """The words of *column* that an entry is stored for."""
    if coded is None:
        return [True] * len(column)
    entries, zeros = [], 0
    for value in column:
        zeros = 0 if value else zeros + 1
        filler = zeros == 1 << coded.index_bits
        zeros = 0 if filler else zeros
        entries.append(bool(value) or filler)
    last = max((i for i, value in enumerate(column) if value), default=-1)
    return [entry and i <= last for i, entry in enumerate(entries)]


def word(value: int, column: Sequence[int], arch: Arch) -> Counts:
    """What a PE does with an activation and the weights of one tap."""
    zeros, width = arch.sparsity, arch.pe.macs_per_cycle
    coded = zeros.formats.weight.spad
    if zeros.skip in ("ifmap", "both") and not value:
        return Counter(skipped=len(column))
    skips = zeros.skip in ("weight", "both")
    macs = sum(weight != 0 for weight in column) if skips else len(column)
    stored = sum(kept(column, coded)) if coded else macs
    went = stored if skips else macs
    cycles, busy = -(-went // width), -(-macs // width)
    return Counter(
        macs=macs,
        skipped=len(column) - macs,
        gated=macs if zeros.gate == "ifmap" and not value else 0,
        fillers=went - macs,
        entries=stored if coded else 0,
        mac=busy,
        overhead=cycles - busy if went else zeros.unmatched_cycles,
    )


class Recount:
    """The counts of a layer under the names of ``word``, and ``mac``, ``overhead`` by PE."""

    def __init__(self, case: Case) -> None:
        self.case, self.arch, self.layer = case, case.program.arch, case.program.layer
        self.counts: Counts = Counter()
        self.mac: Counts = Counter()
        self.overhead: Counts = Counter()
        for job in case.program.jobs:
            (self._queues if case.program.mapping.sharing == "queue" else self._primitives)(job)

    def _take(self, pe: int, done: Counts) -> None:
        self.mac[pe] += done.pop("mac", 0)
        self.overhead[pe] += done.pop("overhead", 0)
        self.counts += done

    def _primitives(self, job: Job) -> None:
        tile, layer, zeros = job.work.tile, self.layer, self.arch.sparsity
        columns = sorted({f * layer.stride[1] + s * layer.dilation[1] for f, s in product(tile.f, tile.s)})
        for pe, m, c, r, e in places(self.case, tile):
            row = e * layer.stride[0] + r * layer.dilation[0]
            window = {(n, x): self._channels(tile, c, n, row, x) for n, x in product(tile.n, columns)}
            carried = {at: kept(values, zeros.formats.ifmap.spad) for at, values in window.items()}
            self.counts["ifmap words"] += sum(map(sum, carried.values()))
            weights = {at: self._filters(tile, m, at[0], r, at[1]) for at in product(c, tile.s)}
            if job.load:
                moved = (kept(column, zeros.formats.weight.spad) for column in weights.values())
                self.counts["weight words"] += sum(map(sum, moved))
            for n, f in product(tile.n, tile.f):
                taps = {s: (n, f * layer.stride[1] + s * layer.dilation[1]) for s in tile.s}
                self._step(pe, [(window[at], carried[at], s) for s, at in taps.items()], weights, c)

    def _step(
        self,
        pe: int,
        taps: list[tuple[list[int], list[bool], int]],
        weights: dict[tuple[int, int], list[int]],
        channels: range,
    ) -> None:
        """One ofmap column of one PE."""
        zeros, done = self.arch.sparsity, Counts()
        coded = zeros.formats.ifmap.spad is not None
        for values, carried, s in taps:
            for value, there, c in zip(values, carried, channels, strict=True):
                done += word(value, weights[c, s], self.arch)
                done["ifmap entries"] += coded and there
                if coded and there and not value and zeros.skip in ("ifmap", "both"):
                    done["overhead"] += zeros.unmatched_cycles
        if not done["mac"] + done["overhead"]:
            done["overhead"] = zeros.empty_window_cycles
        self._take(pe, done)

    def _queues(self, job: Job) -> None:
        tile, arch = job.work.tile, self.arch
        pes = arch.array.pes
        block = self.case.program.mapping.step("cols", "m")
        coded = arch.sparsity.formats.weight.spad
        skips = arch.sparsity.skip in ("ifmap", "both")
        filters = [[m for i, m in enumerate(tile.m) if i // block % pes == pe] for pe in range(pes)]
        for pe, own in enumerate(filters):
            columns = {tap: self._lowered_filters(tile, own, tap) for tap in tile.c} if own else {}
            if job.load:
                self.counts["weight words"] += sum(sum(kept(column, coded)) for column in columns.values())
            for tap, pixel in product(columns, tile.e):
                value = self._activation(tile, tap, pixel)
                self.counts["ifmap words"] += bool(value) or not skips
                self._take(pe, word(value, columns[tap], arch))

    def _channels(self, tile: Tile, c: range, n: int, y: int, x: int) -> list[int]:
        first = tile.g.start * self.layer.group_c
        return [int(self.case.operands.ifmap[n, first + channel, y, x]) for channel in c]

    def _filters(self, tile: Tile, m: range | list[int], c: int, r: int, s: int) -> list[int]:
        first = tile.g.start * self.layer.group_m
        return [int(self.case.operands.weight[first + one, c, r, s]) for one in m]

    def _lowered_filters(self, tile: Tile, own: list[int], tap: int) -> list[int]:
        conv = self.layer.source
        rest, s = divmod(tap, conv.s)
        return self._filters(tile, own, *divmod(rest, conv.r), s)

    def _activation(self, tile: Tile, tap: int, pixel: int) -> int:
        conv = self.layer.source
        assert isinstance(self.layer, Lowered)
        rest, s = divmod(tap, conv.s)
        c, r = divmod(rest, conv.r)
        rest, f = divmod(pixel, conv.f)
        n, e = divmod(rest, conv.e)
        y, x = e * conv.stride[0] + r * conv.dilation[0], f * conv.stride[1] + s * conv.dilation[1]
        return int(self.case.operands.ifmap[n, tile.g.start * conv.group_c + c, y, x])


def places(case: Case, tile: Tile) -> Iterator[tuple[int, range, range, int, int]]:
    """Of each PE of a primitive pass: its index, filters, channels, filter row and ofmap row."""
    mapping, arch = case.program.mapping, case.program.arch
    p, q = mapping.step("cols", "m"), mapping.step("rows", "c")
    for i, j in product(range(0, len(tile.m), p), range(len(tile.e))):
        row, col = mapping.tops[i // p][j]
        for k, r in product(range(0, len(tile.c), q), tile.r):
            down = k // q * len(tile.r) + r - tile.r.start
            pe = col + down if arch.array.placement == "pool" else (row + down) * arch.array.cols + col
            yield pe, tile.m[i : i + p], tile.c[k : k + q], r, tile.e[j]
