"""Row stationary: a PE keeps a filter row and slides it over an ifmap row (Chen et al., ISCA 2016, JSSC 2017)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from accelsim.arch import Arch, PooledRF
from accelsim.counts import Work
from accelsim.errors import LegalityError
from accelsim.mapping import Loop, Mapping, blocks, extents
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
    ifmap = x.n * x.q * x.r * Strips(layer, arch).largest[x.e]
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
