"""What three dataflows move, by hand, for one choice of ints: oracles for the rule that counts nests.

The terms are those of Chen et al., "Eyeriss", ISCA 2016, section III (accesses by level of WS and OSA), and,
for the product, the fold arithmetic of Samajdar et al., "SCALE-Sim", 2018.
"""

from __future__ import annotations

from typing import Any

from accelsim.machine import Arch, PooledRF
from accelsim.mapping.nest import blocks
from accelsim.mapping.work import NOTHING, Work
from accelsim.network.layer import Layer


def strips(layer: Layer, axis: str, step: int, *, stored: bool) -> int:
    """Ifmap rows, or columns, that strips of *step* ofmap rows or columns touch."""
    if axis == "rows":
        parts = [layer.rows(strip, range(layer.r)) for strip in blocks(range(layer.e), step)]
        return sum(stored or not layer.is_pad_row(at) for part in parts for at in part)
    parts = [layer.columns(strip, range(layer.s)) for strip in blocks(range(layer.f), step)]
    return sum(stored or not layer.is_pad_column(at) for part in parts for at in part)


def psum_uses(macs: int, outs: int, arch: Arch) -> int:
    """ISCA 2016: an output accumulated d times in a PE costs 2 (d - 1) accesses of a pooled register file."""
    return macs - outs if isinstance(arch.rf, PooledRF) else macs


def weight_stationary(layer: Layer, arch: Arch, x: Any) -> Work:
    """A psum passes the GLB once a filter row and block of channels; ifmaps come once a block of filters."""
    stored = arch.padding == "stored"
    outs = layer.n * layer.m * layer.e * layer.f
    weights = layer.m * layer.group_c * layer.r * layer.s
    partial = layer.r * -(-layer.group_c // x.r)
    planes = layer.n * layer.c * -(-layer.group_m // x.t)
    words = (
        planes * strips(layer, "rows", layer.e, stored=stored) * strips(layer, "columns", x.f, stored=stored)
    )
    return NOTHING._replace(
        macs=layer.macs,
        hops=layer.macs - outs * partial,
        weight_uses=layer.macs,
        weight_stores=weights,
        weight_deliveries=weights,
        weight_loads=weights,
        ifmap_deliveries=layer.macs,
        ifmap_reads=words,
        psums_in=outs * (partial - 1),
        psums_out=outs * partial,
        ofmap_words=outs,
        ifmap_fills=words,
        weight_fills=weights,
    )


def output_stationary_soc_mop(layer: Layer, arch: Arch, x: Any) -> Work:
    """Weights come for every tile of pixels, ifmap words for every filter, and slide from PE to PE."""
    stored = arch.padding == "stored"
    outs = layer.n * layer.m * layer.e * layer.f
    weights = layer.m * layer.group_c * layer.r * layer.s
    planes = layer.n * layer.c
    box = planes * strips(layer, "rows", x.e, stored=stored) * strips(layer, "columns", x.f, stored=stored)
    touched = strips(layer, "rows", x.e, stored=True) * strips(layer, "columns", x.f, stored=True)
    delivered = planes * touched * layer.group_m
    return NOTHING._replace(
        macs=layer.macs,
        ifmap_hops=layer.macs - delivered,
        psum_uses=psum_uses(layer.macs, outs, arch),
        ifmap_deliveries=delivered,
        weight_deliveries=layer.macs,
        ifmap_reads=box * layer.group_m,
        weight_loads=weights * -(-layer.n // x.n) * -(-layer.e // x.e) * -(-layer.f // x.f),
        psums_out=outs,
        ofmap_words=outs,
        ifmap_fills=box * -(-layer.group_m // x.m),
        weight_fills=weights,
    )


def output_stationary_gemm(layer: Layer, arch: Arch, x: Any) -> Work:
    """A fold of e pixels x m filters; on a systolic array operands hop, psums leave by the rows above."""
    pixels, taps = layer.n * layer.e * layer.f, layer.group_c * layer.r * layer.s
    outs, weights, macs = layer.m * pixels, layer.m * taps, layer.macs
    filters = -(-layer.group_m // x.m)
    tiles = [len(tile) for block in blocks(range(pixels), x.t) for tile in blocks(block, x.e)]
    loads, streamed = weights * len(tiles), layer.groups * taps * pixels * filters
    positions = [_inside(layer, arch, pixel) for pixel in range(pixels)]
    boxes = [set().union(*(positions[pixel] for pixel in block)) for block in blocks(range(pixels), x.t)]
    systolic = arch.array.interconnect == "systolic"
    hops = (macs - streamed, macs - loads) if systolic else (0, 0)
    return NOTHING._replace(
        macs=macs,
        hops=layer.m * sum(rows * (rows - 1) // 2 for rows in tiles) if systolic else 0,
        ifmap_hops=hops[0],
        weight_hops=hops[1],
        psum_uses=psum_uses(macs, outs, arch),
        ifmap_deliveries=macs - hops[0],
        weight_deliveries=macs - hops[1],
        ifmap_reads=layer.c * sum(map(len, positions)) * filters,
        weight_loads=loads,
        psums_out=outs,
        ofmap_words=outs,
        ifmap_fills=layer.c * sum(map(len, boxes)),
        weight_fills=weights * (1 if filters == 1 else -(-pixels // x.t)),
    )


def _inside(layer: Layer, arch: Arch, pixel: int) -> set[tuple[int, int, int]]:
    """(image, row, column) under the window of *pixel*; of pad zeros only where they are stored."""
    rest, f = divmod(pixel, layer.f)
    n, e = divmod(rest, layer.e)
    rows, columns = (
        layer.rows(range(e, e + 1), range(layer.r)),
        layer.columns(range(f, f + 1), range(layer.s)),
    )
    if arch.padding != "stored":
        rows = [y for y in rows if not layer.is_pad_row(y)]
        columns = [x for x in columns if not layer.is_pad_column(x)]
    return {(n, y, x) for y in rows for x in columns}
