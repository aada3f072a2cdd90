"""What a pass of single MACs asks of the machine."""

from __future__ import annotations

from accelsim.machine import Arch
from accelsim.machine.control import psum_uses
from accelsim.mapping.footprint import ifmap_words, inner_taps
from accelsim.mapping.nest import Pass, Tile
from accelsim.mapping.work import NOTHING, Work
from accelsim.network.layer import Layer
from accelsim.passes.plan import StreamPlan


def stream_work(plan: StreamPlan, job: Pass, layer: Layer, arch: Arch, *, load: bool) -> Work:
    """What *job*, a pass of *plan*'s shape, asks of the machine, but for what DRAM gives it.

    *load* says that the pass before did not leave what its PEs keep.
    """
    tile = job.tile
    outs = len(tile.n) * len(tile.m) * len(tile.e) * len(tile.f)
    kept, moved = plan.loaded_operand, plan.moved
    loads = len(plan.load.beat) if load else 0
    hops = plan.load_hops if load else 0
    ifmap_words_ = loads if kept == "ifmap" else moved.ifmap_words
    weight_words_ = loads if kept == "weight" else moved.weight_words
    return NOTHING._replace(
        macs=tile.macs,
        hops=moved.psum_hops,
        ifmap_hops=hops if kept == "ifmap" else moved.ifmap_hops,
        weight_hops=hops if kept == "weight" else moved.weight_hops,
        ifmap_uses=tile.macs if kept == "ifmap" else 0,
        weight_uses=tile.macs if kept == "weight" else 0,
        psum_uses=psum_uses(tile.macs, outs, arch) if "psum" in plan.keeps else 0,
        ifmap_stores=loads if kept == "ifmap" else 0,
        weight_stores=loads if kept == "weight" else 0,
        ifmap_deliveries=loads if kept == "ifmap" else moved.ifmap_deliveries,
        weight_deliveries=loads if kept == "weight" else moved.weight_deliveries,
        ifmap_reads=ifmap_words_ - _made(plan, job.tile, layer, arch, ifmap_words_),
        weight_loads=weight_words_,
        psums_in=moved.line_words + (0 if job.first else moved.psum_words),
        psums_out=moved.line_words + outs,
        ofmap_words=outs if job.last else 0,
    )


def _made(plan: StreamPlan, tile: Tile, layer: Layer, arch: Arch, words: int) -> int:
    """Of *words* on the ifmap bus, the pad zeros that it makes itself."""
    if arch.padding == "stored":
        return 0
    shape = plan.shape
    pairs = shape.n * shape.c * shape.e * shape.f * shape.r * shape.s
    if plan.sharing != "step":
        whole = shape.n * shape.c * len(layer.rows(tile.e, tile.r)) * len(layer.columns(tile.f, tile.s))
        return whole - ifmap_words(layer, tile, arch)
    return (pairs - inner_taps(layer, tile)) * words // pairs
