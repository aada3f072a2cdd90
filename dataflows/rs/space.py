"""Every row-stationary choice of a layer, counted in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import product

import numpy as np

from accelsim.machine import Arch, PooledRF
from accelsim.machine.control import control_of, psum_uses
from accelsim.machine.datapath import Amounts, Count
from accelsim.mapping.bounds import least_cycles
from accelsim.mapping.nest import extents
from accelsim.mapping.tiling import block_tiles, distinct_tilings, pairs_up_to
from accelsim.mapping.tiling import tiles as tiles_of
from accelsim.mapping.work import UNCOUNTED, Work
from accelsim.network.layer import IntArray, Layer
from accelsim.search import Batch
from accelsim.search.sizes import legal_rows
from dataflows.rs.rules import folds, pe_rules, primitive_array_rules, rules, strips
from dataflows.rs.tiles import FilterTiles, Seven, channel_tiles, filter_tiles


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

    def starts(self) -> tuple[Work[Count], IntArray]:
        """Bounds with the least blocks of filters that each number of ifmaps leaves room for: (start, n)."""
        size = self.size
        sizes = {name: getattr(self, name)[:, None] for name in "epqrt"}
        x = Seven(m=np.zeros((1, 1), np.int64), n=distinct_tilings(size["n"])[None, :], **sizes)
        blocks = -(-size["m"] // np.maximum(self._most_planes(x), 1))
        fewest = FilterTiles(
            blocks=blocks,
            passes=np.maximum(blocks, -(-size["m"] // (x.p * x.t))),
            sets=-(-size["m"] // x.p),
        )
        work = self._work(x, -(-size["n"] // x.n), fewest)
        channels = channel_tiles(self.size["c"], self.q, self.r)
        taps = -(-self.layer.s // self.taps) * -(-self.layer.r // self.rows)
        macs = channels.widest * self.layer.s * -(-self.layer.r // self.rows)
        macs = macs // self.arch.datapath.at_once(self.layer.s)
        least = macs + channels.number * taps * self.arch.pe.macs_per_cycle  # of one filter, over so many
        steps = size["g"] * size["n"] * self.layer.f * self.strips.number[self.e]
        floor = steps * least * size["m"] // (self.t * self.arch.pe.macs_per_cycle)
        return work, np.asarray(floor, np.int64)[:, None]

    def expand(self, index: IntArray, *, equal_counts_once: bool) -> Batch:
        """Axes: starting point, n, m."""
        a = Seven(
            *(np.zeros((1, 1, 1), np.int64) for _ in "mn"),
            *(getattr(self, name)[index][:, None, None] for name in "epqrt"),
        )
        n = distinct_tilings(self.size["n"]) if equal_counts_once else np.arange(1, self.size["n"] + 1)
        a = a._replace(n=n[None, :, None])
        m = self._planes(a) if equal_counts_once else np.arange(1, self.size["m"] + 1)[None, None, :]
        return self._batch(a._replace(m=m))

    def fan(self, *, equal_counts_once: bool) -> int:
        """Every n and m; or as many as ``expand`` keeps of them where t is largest."""
        if equal_counts_once:
            return len(distinct_tilings(self.size["n"])) * (1 + int(self.t.max(initial=1)))
        return self.size["n"] * self.size["m"]

    def at(self, choice: Mapping[str, int]) -> Batch:
        """The one candidate *choice*."""
        return self._batch(Seven(**{name: np.full((1, 1, 1), size) for name, size in choice.items()}))

    def _batch(self, x: Seven[IntArray]) -> Batch:
        """All of *x*, counted."""
        legal = np.ones(np.broadcast_shapes(*(v.shape for v in x)), bool)
        for rule in rules(self.layer, self.arch, x):
            legal &= rule.need <= rule.limit
        legal &= x.m >= 1
        safe = x._replace(m=np.maximum(x.m, 1))
        tiles = filter_tiles(self.size["m"], safe)
        work = self._work(safe, -(-self.size["n"] // safe.n), tiles)
        floor = partial(self._floor, safe, work)
        return Batch(safe._asdict(), legal, work, floor, self.rows * safe.e * safe.r * safe.t)

    def _array_choices(self) -> tuple[IntArray, ...]:
        """All (p, q, r, t, e) that the PE and the array allow."""
        arch, size = self.arch, self.size
        pooled = isinstance(arch.rf, PooledRF)
        p_max = min(size["m"], arch.rf_words("pooled" if pooled else "psum"))
        q_max = min(size["c"], arch.rf_words("pooled" if pooled else "ifmap"))
        p, q = pairs_up_to(p_max, q_max)
        one = np.ones_like(p)
        keep = legal_rows(pe_rules(self.layer, arch, Seven(one, one, one, p, q, one, one)), len(p))
        p, q = p[keep], q[keep]
        places = arch.array.pes // self.rows
        e, r = pairs_up_to(min(size["e"], places), min(size["c"], places))
        keep = e * r <= places
        e, r = e[keep], r[keep]
        t_max = np.minimum(places // (e * r), size["m"])
        e, r = np.repeat(e, t_max), np.repeat(r, t_max)
        t = np.arange(len(e)) - np.repeat(np.cumsum(t_max) - t_max, t_max) + 1
        one = np.ones_like(e)
        keep = legal_rows(primitive_array_rules(self.layer, arch, Seven(one, one, e, one, one, r, t)), len(e))
        e, r, t = e[keep], r[keep], t[keep]
        i, j = (axis.ravel() for axis in np.indices((len(p), len(e))))
        keep = (p[i] * t[j] <= size["m"]) & (q[i] * r[j] <= size["c"])
        i, j = i[keep], j[keep]
        return p[i], q[i], r[j], t[j], e[j]

    def _planes(self, x: Seven[IntArray]) -> IntArray:
        """The m that can be best: the most whole passes that fit, and what could save a block beyond them.

        Whole passes waste none; beyond the last whole pass only the number of filter sets and of
        blocks matter, which change at multiples of p and at the largest m that fits.
        """
        most = self._most_planes(x)
        whole = most // (x.p * x.t) * (x.p * x.t)
        extra = np.arange(int(x.t.max()))[None, None, :]
        return np.concatenate((np.minimum(whole + extra * x.p, most), most), axis=2)

    def _most_planes(self, x: Seven[IntArray]) -> IntArray:
        """The largest m that fits the GLB beside the ifmap strips."""
        paths, buffer = self.arch.paths, self.arch.buffer
        others: dict[str, Count] = {
            "ifmap": x.n * x.q * x.r * self.strips.largest[x.e],
            "weight": x.p * x.q * x.r * x.t * self.rows * self.taps,
            "psum": 0,
        }
        banks = buffer.banks - sum(path.banks(others[path.operand]) for path in paths.within(paths.glb))
        words = banks * buffer.bank_bytes * 8 // paths.psum.word_bits
        most: IntArray = np.clip(words // (x.n * x.e * self.layer.f), 0, self.size["m"])
        return most

    def _work(self, x: Seven[IntArray], n_tiles: Count, tiles: FilterTiles) -> Work[Count]:
        """The sum of the work of all passes, in closed form; equal to theirs one by one (tested)."""
        layer, size, strip = self.layer, self.size, self.strips
        channels = channel_tiles(size["c"], x.q, x.r)
        folded = -(-layer.r // self.rows) * -(-layer.s // self.taps)
        reductions = channels.number * folded
        outs = layer.n * layer.m * layer.e * layer.f
        images = size["g"] * layer.n * size["c"]
        resident = (tiles.blocks == 1) & (tiles.passes == 1) & (reductions == 1)  # weights stay put
        loads = np.where(resident, 1, n_tiles * strip.number[x.e])
        lanes = np.where(resident, x.e, n_tiles * layer.e)
        weights = layer.m * size["c"] * layer.r * layer.s
        sums = outs * channels.sets * layer.r * -(-layer.s // self.taps)
        fills = np.where(reductions == 1, 1, tiles.blocks)
        ifmap_deliveries = images * strip.columns * layer.r * layer.e * tiles.sets
        uses = self.arch.datapath.uses(self._amounts(x, tiles, sums))
        return UNCOUNTED._replace(
            macs=layer.macs,
            sums=sums,
            hops=sums - outs * reductions,
            ifmap_uses=uses.ifmap,
            weight_uses=uses.weight,
            psum_uses=psum_uses(uses.psum, sums, self.arch),
            extra_ops=uses.extra_ops,
            ifmap_stores=ifmap_deliveries,
            weight_stores=weights * lanes,
            ifmap_deliveries=ifmap_deliveries,
            weight_deliveries=weights * lanes,
            ifmap_reads=images * strip.pixels[x.e] * tiles.passes,
            weight_loads=weights * loads,
            psums_in=outs * (reductions - 1),
            psums_out=outs * reductions,
            ofmap_words=outs,
            ifmap_fills=images * strip.pixels[x.e] * fills,
            weight_fills=weights * loads,
        )

    def _amounts(self, x: Seven[IntArray], tiles: FilterTiles, sums: Count) -> Amounts[Count]:
        """What all PEs have to do, if nothing is skipped or reused."""
        layer, lanes, taps = self.layer, self.arch.datapath.lanes, self.taps
        pixels = layer.n * layer.e * layer.f
        words = pixels * layer.c * layer.r * layer.s * tiles.sets
        if lanes == 1:
            return Amounts(layer.macs, words, sums, layer.macs)
        chunks: Count = 0
        for (b, c), (g, s) in product(tiles_of(self.size["c"], x.q * x.r), tiles_of(layer.s, taps)):
            of_tile = c // x.q * -(-x.q * s // lanes) + -(-(c % x.q) * s // lanes)
            chunks = chunks + b * g * of_tile
        return Amounts(layer.macs, words, sums, pixels * layer.m * layer.r * chunks)

    def _floor(self, x: Seven[IntArray], work: Work[Count]) -> Count:
        """No simulation takes fewer cycles: PEs work after their weights came, buses move every word.

        In each pass the first PE row to be armed is a top one with the widest sets; the last one waits for
        all weights and sits at the bottom, from where its last psum still climbs the whole chain.
        """
        layer, arch, size = self.layer, self.arch, self.size
        n_tiles, pixels = -(-size["n"] // x.n), size["n"] * layer.f
        width, latency = arch.words_per_cycle("weight"), arch.noc.weight.latency_cycles
        reload = np.where(work.weight_loads > layer.m * size["c"] * layer.r * layer.s, n_tiles, 0)
        stages, control = arch.pe.pipeline_stages, control_of(arch, values=False)
        hop = stages + arch.noc.local.latency_cycles
        busy: Count = 0
        for (a, m), (b, c), (d, r), (g, s) in product(
            block_tiles(size["m"], x.m, x.p * x.t),
            tiles_of(size["c"], x.q * x.r),
            tiles_of(layer.r, self.rows),
            tiles_of(layer.s, self.taps),
        ):
            p, q = np.minimum(x.p, m), np.minimum(x.q, c)
            p_last, q_last = (m - 1) % x.p + 1, (c - 1) % x.q + 1
            work_first = sum(control.mac_cycles(p, q, s)) + p
            work_last = sum(control.mac_cycles(p_last, q_last, s)) + p_last
            first = reload * ((p * q * s - 1) // width + latency) + pixels * work_first
            last = reload * ((m * c * r * s - 1) // width + latency) + pixels * work_last
            climb = n_tiles * (r * -(-c // x.q) - 1) * hop
            busy = busy + a * b * d * g * (np.maximum(first, last + climb) + n_tiles * (stages - 1))
        busy = busy * size["g"] * self.strips.number[x.e]
        return least_cycles(arch, work, busy)
