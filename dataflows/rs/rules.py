"""The legality of row stationary as named rules, one home for the mapping and for the search."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from accelsim.errors import LegalityError
from accelsim.machine import Arch, PooledRF
from accelsim.machine.datapath import Count
from accelsim.mapping.footprint import kept_pixels
from accelsim.mapping.nest import Tile, blocks, extents
from accelsim.mapping.rules import Kept, Rule, memory_rules
from accelsim.network.layer import IntArray, Layer
from accelsim.passes.lanes import window_columns
from dataflows.nests.limits import most_rows
from dataflows.rs.tiles import Seven


def rules(layer: Layer, arch: Arch, x: Seven[Count]) -> Iterator[Rule]:
    """The legality of row stationary: tile sizes *x* (ints or arrays) against the layer and the machine."""
    size = extents(layer)
    yield Rule("m, psum planes of a block", x.m, size["m"], "planes")
    yield Rule("n, ifmaps of a pass", x.n, size["n"], "ifmaps")
    yield Rule("e, ofmap rows of a strip", x.e, size["e"], "rows")
    yield Rule("filters of a pass, p*t <= m", x.p * x.t, x.m, "filters")
    yield Rule("channels of a pass, q*r <= C", x.q * x.r, size["c"], "channels")
    yield from pe_rules(layer, arch, x)
    yield from primitive_array_rules(layer, arch, x)
    yield from primitive_buffer_rules(layer, arch, x)


def pe_rules(layer: Layer, arch: Arch, x: Seven[Count]) -> Iterator[Rule]:
    """What fits one PE."""
    _, taps = folds(layer, arch)
    weights, window = x.p * x.q * taps, x.q * window_columns(layer, taps)
    sums = arch.datapath.sums_per_psum
    if isinstance(arch.rf, PooledRF):
        what = "register file, p*q*S + q*window + p" + times(sums)
        yield Rule(what, weights + window + x.p * sums, arch.rf_words("pooled"))
        return
    yield Rule("filter spad, p*q*S", weights, arch.rf_words("weight"))
    yield Rule("ifmap spad, q*window", window, arch.rf_words("ifmap"))
    yield Rule(f"psum spad, p{times(sums)}", x.p * sums, arch.rf_words("psum"))


def times(sums: int) -> str:
    """What a rule says of *sums* words for each psum."""
    return "" if sums == 1 else f"*{sums} (words for each psum)"


def primitive_array_rules(layer: Layer, arch: Arch, x: Seven[Count]) -> Iterator[Rule]:
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


def primitive_buffer_rules(layer: Layer, arch: Arch, x: Seven[Count]) -> Iterator[Rule]:
    """What fits the memories, in whole banks."""
    rows, taps = folds(layer, arch)
    ifmap = x.n * x.q * x.r * strips(layer, arch).largest[x.e]
    psums = x.n * x.m * x.e * layer.f
    weights = x.p * x.q * x.r * x.t * rows * taps
    return memory_rules(
        arch,
        weight=Kept("p*q*r*t*R*S", weights),
        ifmap=Kept("ifmap strips", ifmap),
        psum=Kept("psum planes", psums),
    )


def folds(layer: Layer, arch: Arch) -> tuple[int, int]:
    """Filter rows and taps of one pass: all, unless the array is too low or the spads too narrow.

    Raises:
        LegalityError: if the register file cannot hold one weight, one ifmap word and one psum.
    """
    for taps in range(layer.s, 0, -1):
        window = window_columns(layer, taps)
        if isinstance(arch.rf, PooledRF):
            fits = taps + window + arch.datapath.sums_per_psum <= arch.rf_words("pooled")
        else:
            fits = taps <= arch.rf_words("weight") and window <= arch.rf_words("ifmap")
        if fits:
            return min(layer.r, most_rows(arch)), taps
    raise LegalityError("the register file must hold one weight, one ifmap word and one psum")


class Strips(NamedTuple):
    """By e, the ofmap rows of a strip (index 0 unused): number of strips and the ifmap pixels they keep."""

    number: IntArray
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
