"""Row stationary: a PE keeps a filter row and slides it over an ifmap row (Chen et al., ISCA 2016, JSSC 2017)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from accelsim.arch import Arch, DramLink, PooledRF
from accelsim.counts import Work
from accelsim.errors import LegalityError
from accelsim.mapping import Loop, Mapping, Tile, blocks, extents
from accelsim.plan import kept_pixels, window_columns
from accelsim.search import Batch
from accelsim.workload import IntArray, Layer


@dataclass(frozen=True)
class RowStationary:
    """Seven tile sizes, in the letters of JSSC 2017, Table III; m and the channels are those of one group.

    A PE runs 1-D primitives for p filters and q channels; a PE set is R x e PEs; r sets take
    different channels, t sets different filters; a pass holds n ifmaps and m psum planes in the GLB.
    """

    m: int
    n: int
    e: int
    p: int
    q: int
    r: int
    t: int

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """The nest of JSSC 2017: N/n, E/e, M/m, C/(q r), m/(p t); groups outermost.

        A filter taller than the array or wider than the spads folds over passes.

        Raises:
            LegalityError: the first rule that is broken, with the limit and by how much.
        """
        for name in ("m", "n", "e", "p", "q", "r", "t"):
            if getattr(self, name) < 1:
                raise LegalityError(f"{name} must be at least 1 (got {getattr(self, name)})")
        for rule in rules(layer, arch, self):
            rule.check()
        rows, taps = folds(layer, arch)
        loops = (
            Loop("dram", "g", 1),
            Loop("dram", "n", self.n),
            Loop("dram", "e", self.e),
            Loop("dram", "m", self.m),
            Loop("glb", "c", self.q * self.r),
            Loop("glb", "r", rows),
            Loop("glb", "s", taps),
            Loop("glb", "m", self.p * self.t),
            Loop("rows", "c", self.q),
            Loop("rows", "r", 1),
            Loop("cols", "m", self.p),
            Loop("cols", "e", 1),
            Loop("pe", "n", 1),
            Loop("pe", "f", 1),
            Loop("pe", "c", 1),
            Loop("pe", "s", 1),
            Loop("pe", "m", 1),
        )
        return Mapping(layer, loops, self._tops(arch, rows))

    def _tops(self, arch: Arch, rows: int) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Top PE of every lane: sets wider than the array are cut into segments, r sets are stacked."""
        height, cols = rows * self.r, arch.array.cols
        if arch.array.placement == "pool":
            return tuple(
                tuple((0, (i * self.e + j) * height) for j in range(self.e)) for i in range(self.t)
            )
        segments = -(-self.e // cols)
        bands = cols // self.e if segments == 1 else 1

        def top(i: int, j: int) -> tuple[int, int]:
            slot, band = divmod(i * segments + j // cols, bands)
            return slot * height, band * self.e + j % cols

        return tuple(tuple(top(i, j) for j in range(self.e)) for i in range(self.t))

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> RowStationarySpace:
        """Every choice of the seven, for the search."""
        return RowStationarySpace(layer, arch)


class Rule(NamedTuple):
    """One limit; *need* may be an array with one entry per candidate."""

    name: str
    need: Any
    limit: Any
    unit: str = "words"

    def check(self) -> None:
        """Raise LegalityError if a single candidate breaks the rule."""
        if self.need > self.limit:
            raise LegalityError(
                f"{self.name}: needs {self.need} {self.unit}, has {self.limit}"
                f" ({self.need - self.limit} too many)"
            )


def rules(layer: Layer, arch: Arch, x: Any) -> Iterator[Rule]:
    """The legality of row stationary: tile sizes *x* (ints or arrays) against the layer and the machine."""
    size = extents(layer)
    yield Rule("m, psum planes of a block", x.m, size["m"], "planes")
    yield Rule("n, ifmaps of a pass", x.n, size["n"], "ifmaps")
    yield Rule("e, ofmap rows of a strip", x.e, size["e"], "rows")
    yield Rule("filters of a pass, p*t <= m", x.p * x.t, x.m, "filters")
    yield Rule("channels of a pass, q*r <= C", x.q * x.r, size["c"], "channels")
    yield from pe_rules(layer, arch, x)
    yield from array_rules(layer, arch, x)
    yield from buffer_rules(layer, arch, x)


def pe_rules(layer: Layer, arch: Arch, x: Any) -> Iterator[Rule]:
    """What fits one PE."""
    _, taps = folds(layer, arch)
    weights, window = x.p * x.q * taps, x.q * window_columns(layer, taps)
    if isinstance(arch.rf, PooledRF):
        yield Rule("register file, p*q*S + q*window + p", weights + window + x.p, arch.rf_words("pooled"))
        return
    yield Rule("filter spad, p*q*S", weights, arch.rf_words("weight"))
    yield Rule("ifmap spad, q*window", window, arch.rf_words("ifmap"))
    yield Rule("psum spad, p", x.p, arch.rf_words("psum"))


def array_rules(layer: Layer, arch: Arch, x: Any) -> Iterator[Rule]:
    """Where PE sets may sit: as they are on a grid, anywhere in a pool (ISCA 2016)."""
    rows, _ = folds(layer, arch)
    array = arch.array
    if array.placement == "pool":
        yield Rule("PEs, R*e*r*t", rows * x.e * x.r * x.t, array.pes, "PEs")
        return
    yield Rule("array height, R*r", rows * x.r, array.rows, "rows")
    segments = -(-x.e // array.cols)
    bands = np.maximum(array.cols // x.e, 1)
    yield Rule(
        "PE sets, t*segments", x.t * segments, array.rows // (rows * x.r) * bands, "places on the array"
    )


def buffer_rules(layer: Layer, arch: Arch, x: Any) -> Iterator[Rule]:
    """What fits the GLB, in whole banks, and the filter GLB."""
    rows, taps = folds(layer, arch)
    ifmap = x.n * x.q * x.r * strips(layer, arch).largest[x.e]
    psums = x.n * x.m * x.e * layer.f
    need = arch.glb.banks_for(ifmap, arch.word_bits) + arch.glb.banks_for(psums, arch.psum_word_bits)
    yield Rule("GLB, ifmap strips and psum planes", need, arch.glb.banks, "banks")
    if arch.filter_glb is not None:
        weights = x.p * x.q * x.r * x.t * rows * taps
        need = arch.filter_glb.banks_for(weights, arch.word_bits)
        yield Rule("filter GLB, p*q*r*t*R*S", need, arch.filter_glb.banks, "banks")


def folds(layer: Layer, arch: Arch) -> tuple[int, int]:
    """Filter rows and taps of one pass: all, unless the array is too low or the spads too narrow.

    Raises:
        LegalityError: if the register file cannot hold one weight, one ifmap word and one psum.
    """
    height = arch.array.pes if arch.array.placement == "pool" else arch.array.rows
    for taps in range(layer.s, 0, -1):
        window = window_columns(layer, taps)
        if isinstance(arch.rf, PooledRF):
            fits = taps + window + 1 <= arch.rf_words("pooled")
        else:
            fits = taps <= arch.rf_words("weight") and window <= arch.rf_words("ifmap")
        if fits:
            return min(layer.r, height), taps
    raise LegalityError("the register file must hold one weight, one ifmap word and one psum")


class _Sizes(NamedTuple):
    """Tile sizes side by side, for the rules."""

    m: IntArray
    n: IntArray
    e: IntArray
    p: IntArray
    q: IntArray
    r: IntArray
    t: IntArray


class RowStationarySpace:
    """Every choice of the seven; a starting point fixes what the array sees (p q r t e), n and m follow.

    Counts never fall when the number of m blocks, passes or filter sets rises, and depend on m
    through these three alone; so of all m that fit the GLB only a few can be best (``_planes``).
    """

    def __init__(self, layer: Layer, arch: Arch) -> None:
        self.layer, self.arch = layer, arch
        self.rows, self.taps = folds(layer, arch)
        self.size = extents(layer)
        self.strips = strips(layer, arch)
        self.p, self.q, self.r, self.t, self.e = self._array_choices()

    def starts(self) -> tuple[Work, IntArray]:
        """Bounds with all ifmaps in one pass and all filters in one block."""
        size = self.size
        everything = _Tiles(
            blocks=np.int64(1),
            passes=-(-size["m"] // (self.p * self.t)),
            sets=-(-size["m"] // self.p),
        )
        work = self._work(self, np.int64(1), everything)
        channels = self._channel_tiles(self)
        taps = -(-self.layer.s // self.taps) * -(-self.layer.r // self.rows)
        least = channels.widest * self.layer.s * -(-self.layer.r // self.rows) + channels.count * taps
        steps = size["g"] * size["n"] * self.layer.f * self.strips.count[self.e]
        return work, np.asarray(steps * least * size["m"] // self.t, np.int64)

    def expand(self, index: IntArray, *, equal_counts_once: bool) -> Batch:
        """Axes: starting point, n, m."""
        a = _Sizes(
            *(np.zeros((1, 1, 1), np.int64) for _ in "mn"),
            *(getattr(self, name)[index][:, None, None] for name in "epqrt"),
        )
        n = _distinct_tilings(self.size["n"]) if equal_counts_once else np.arange(1, self.size["n"] + 1)
        a = a._replace(n=n[None, :, None])
        m = self._planes(a) if equal_counts_once else np.arange(1, self.size["m"] + 1)[None, None, :]
        x = a._replace(m=m)
        legal = np.ones(np.broadcast_shapes(*(v.shape for v in x)), bool)
        for rule in rules(self.layer, self.arch, x):
            legal &= rule.need <= rule.limit
        legal &= m >= 1
        safe = x._replace(m=np.maximum(m, 1))
        tiles = self._filter_tiles(safe)
        work = self._work(safe, -(-self.size["n"] // safe.n), tiles)
        return Batch(safe._asdict(), legal, work, self._floor(safe, work), self.rows * safe.e * safe.r * safe.t)

    def _array_choices(self) -> tuple[IntArray, ...]:
        """All (p, q, r, t, e) that the PE and the array allow."""
        arch, size = self.arch, self.size
        pooled = isinstance(arch.rf, PooledRF)
        p_max = min(size["m"], arch.rf_words("pooled" if pooled else "psum"))
        q_max = min(size["c"], arch.rf_words("pooled" if pooled else "ifmap"))
        p, q = _grid(p_max, q_max)
        one = np.ones_like(p)
        keep = _legal(pe_rules(self.layer, arch, _Sizes(one, one, one, p, q, one, one)))
        p, q = p[keep], q[keep]
        places = arch.array.pes // self.rows
        e, r = _grid(min(size["e"], places), min(size["c"], places))
        keep = e * r <= places
        e, r = e[keep], r[keep]
        t_max = np.minimum(places // (e * r), size["m"])
        e, r = np.repeat(e, t_max), np.repeat(r, t_max)
        t = np.arange(len(e)) - np.repeat(np.cumsum(t_max) - t_max, t_max) + 1
        one = np.ones_like(e)
        keep = _legal(array_rules(self.layer, arch, _Sizes(one, one, e, one, one, r, t)))
        e, r, t = e[keep], r[keep], t[keep]
        i, j = (axis.ravel() for axis in np.indices((len(p), len(e))))
        keep = (p[i] * t[j] <= size["m"]) & (q[i] * r[j] <= size["c"])
        i, j = i[keep], j[keep]
        return p[i], q[i], r[j], t[j], e[j]

    def _planes(self, x: _Sizes) -> IntArray:
        """The m that can be best: the most whole passes that fit, and what could save a block beyond them.

        Whole passes waste none; beyond the last whole pass only the number of filter sets and of
        blocks matter, which change at multiples of p and at the largest m that fits.
        """
        banks = self.arch.glb.banks - self.arch.glb.banks_for(
            x.n * x.q * x.r * self.strips.largest[x.e], self.arch.word_bits
        )
        words = banks * self.arch.glb.bank_bytes * 8 // self.arch.psum_word_bits
        most = np.clip(words // (x.n * x.e * self.layer.f), 0, self.size["m"])
        whole = most // (x.p * x.t) * (x.p * x.t)
        extra = np.arange(int(x.t.max()))[None, None, :]
        return np.concatenate((np.minimum(whole + extra * x.p, most), most), axis=2)

    def _filter_tiles(self, x: _Sizes) -> _Tiles:
        """Blocks of m, passes of p*t and sets of p over all filters of a group."""
        count, rest, step = self.size["m"] // x.m, self.size["m"] % x.m, x.p * x.t

        def sets(block: IntArray) -> IntArray:
            return block // step * x.t + -(-(block % step) // x.p)

        return _Tiles(
            blocks=-(-self.size["m"] // x.m),
            passes=count * -(-x.m // step) + -(-rest // step),
            sets=count * sets(x.m) + sets(rest),
        )

    def _channel_tiles(self, x: Any) -> _Channels:
        """Tiles of q*r channels of a group, their channel sets, and the sum of their widest sets."""
        step, c = x.q * x.r, self.size["c"]
        rest = c % step
        return _Channels(
            count=-(-c // step),
            sets=c // step * x.r + -(-rest // x.q),
            widest=c // step * x.q + np.minimum(rest, x.q),
        )

    def _work(self, x: Any, n_tiles: IntArray, tiles: _Tiles) -> Work:
        """The sum of the work of all passes, in closed form; equal to theirs one by one (tested)."""
        layer, size, strip = self.layer, self.size, self.strips
        channels = self._channel_tiles(x)
        folded = -(-layer.r // self.rows) * -(-layer.s // self.taps)
        reductions = channels.count * folded
        outs = layer.n * layer.m * layer.e * layer.f
        images = size["g"] * layer.n * size["c"]
        resident = (tiles.blocks == 1) & (tiles.passes == 1) & (reductions == 1)  # weights stay put
        loads = np.where(resident, 1, n_tiles * strip.count[x.e])
        lanes = np.where(resident, x.e, n_tiles * layer.e)
        weights = layer.m * size["c"] * layer.r * layer.s
        sums = outs * channels.sets * layer.r * -(-layer.s // self.taps)
        fills = np.where(reductions == 1, 1, tiles.blocks)
        return Work(
            macs=layer.macs,
            sums=sums,
            hops=sums - outs * reductions,
            ifmap_deliveries=images * strip.columns * layer.r * layer.e * tiles.sets,
            weight_deliveries=weights * lanes,
            ifmap_reads=images * strip.pixels[x.e] * tiles.passes,
            weight_loads=weights * loads,
            psums_in=outs * (reductions - 1),
            psums_out=outs * reductions,
            ofmap_words=outs,
            ifmap_fills=images * strip.pixels[x.e] * fills,
            weight_fills=weights * loads,
        )

    def _floor(self, x: _Sizes, work: Work) -> IntArray:
        """No simulation takes fewer cycles: PEs work after their weights came, buses move every word.

        In each pass the first PE row to be armed has the widest sets, the last one waits for all weights.
        """
        layer, arch, size = self.layer, self.arch, self.size
        n_tiles, pixels = -(-size["n"] // x.n), size["n"] * layer.f
        width, latency = arch.words_per_cycle("weight"), arch.noc.weight.latency_cycles
        reload = np.where(work.weight_loads > layer.m * size["c"] * layer.r * layer.s, n_tiles, 0)
        busy: Any = 0
        for (a, m), (b, c), (d, r), (g, s) in product(
            _block_tiles(size["m"], x.m, x.p * x.t),
            _tiles(size["c"], x.q * x.r),
            _tiles(layer.r, self.rows),
            _tiles(layer.s, self.taps),
        ):
            p, q = np.minimum(x.p, m), np.minimum(x.q, c)
            p_last, q_last = (m - 1) % x.p + 1, (c - 1) % x.q + 1
            first = reload * ((p * q * s - 1) // width + latency) + pixels * p * (q * s + 1)
            last = reload * ((m * c * r * s - 1) // width + latency) + pixels * p_last * (q_last * s + 1)
            busy = busy + a * b * d * g * np.maximum(first, last)
        busy = busy * size["g"] * self.strips.count[x.e]
        cycles = np.maximum(busy, work.ifmap_reads // arch.words_per_cycle("ifmap"))
        cycles = np.maximum(cycles, work.psums_in // arch.words_per_cycle("psum"))
        cycles = np.maximum(cycles, work.psums_out // arch.words_per_cycle("ofmap"))
        return arch.configuration_cycles + np.maximum(cycles, self._link_floor(work))

    def _link_floor(self, work: Work) -> Any:
        dram = self.arch.dram
        if not isinstance(dram, DramLink):
            return 0
        words = work.ifmap_fills + work.weight_fills
        bits = words * self.arch.word_bits + work.ofmap_words * self.arch.psum_word_bits
        return bits // dram.bits_per_cycle * self.arch.clock_hz // dram.clock_hz


class _Tiles(NamedTuple):
    """How the filters of a group are cut: DRAM blocks, passes in all, filter sets in all."""

    blocks: IntArray
    passes: IntArray
    sets: IntArray


class _Channels(NamedTuple):
    """How the channels of a group are cut: tiles, channel sets in all, and the sum of the widest sets."""

    count: IntArray
    sets: IntArray
    widest: IntArray


class Strips(NamedTuple):
    """By e, the ofmap rows of a strip (index 0 unused): number of strips and the ifmap pixels they keep."""

    count: IntArray
    pixels: IntArray  # over all strips and folds of the filter
    largest: IntArray  # of one pass
    columns: int  # touched ifmap columns over all folds of the filter, pad zeros included


@lru_cache(maxsize=64)
def strips(layer: Layer, arch: Arch) -> Strips:
    """The strips of *layer* for every e."""
    rows, taps = folds(layer, arch)
    whole = Tile(*(range(size) for size in extents(layer).values()))
    widths = [whole._replace(s=s) for s in blocks(whole.s, taps)]
    count, pixels, largest = [0], [0], [0]
    for e in range(1, layer.e + 1):
        kept = [
            len(rows_) * len(columns)
            for tile in widths
            for r in blocks(whole.r, rows)
            for strip in blocks(whole.e, e)
            for rows_, columns in [kept_pixels(layer, tile._replace(e=strip, r=r), arch)]
        ]
        count.append(-(-layer.e // e))
        pixels.append(sum(kept))
        largest.append(max(kept))
    columns = sum(len(layer.columns(tile.f, tile.s)) for tile in widths)
    return Strips(np.array(count), np.array(pixels), np.array(largest), columns)


def _tiles(size: int, step: Any) -> list[tuple[Any, Any]]:
    """(how many, how large) of the whole tiles and of the ragged one, if any."""
    rest = size % step
    return [(size // step, step), (rest > 0, np.maximum(rest, 1))]


def _block_tiles(size: int, block: IntArray, step: IntArray) -> list[tuple[Any, Any]]:
    """The same for tiles of *step* within blocks of *block*."""
    rest, inner = size % block, block % step
    whole = size // block * (block // step) + rest // step
    last = rest % step
    return [
        (whole, step),
        (size // block * (inner > 0), np.maximum(inner, 1)),
        (last > 0, np.maximum(last, 1)),
    ]


def _grid(a: int, b: int) -> tuple[IntArray, IntArray]:
    i, j = np.indices((a, b)) + 1
    return i.ravel(), j.ravel()


def _legal(limits: Iterator[Rule]) -> npt.NDArray[np.bool_]:
    return np.logical_and.reduce([rule.need <= rule.limit for rule in limits])


def _distinct_tilings(size: int) -> IntArray:
    """The smallest step for every number of tiles."""
    steps = np.arange(1, size + 1)
    return np.unique(-(-size // steps), return_index=True)[1] + 1
