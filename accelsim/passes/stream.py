"""The plan of a pass of single MACs: PEs, FIFOs, and stretches of steps that repeat."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np

from accelsim.machine import Arch, Operand
from accelsim.machine.control import psum_uses
from accelsim.mapping.footprint import ifmap_words, inner_taps
from accelsim.mapping.nest import Dim, Pass, Tile
from accelsim.mapping.work import NOTHING, Work
from accelsim.network.layer import IntArray, Layer
from accelsim.passes.content import ByContent
from accelsim.passes.patterns import FIFO_KINDS, BusWords, Pattern
from accelsim.passes.protocol import Outputs, SumOrder
from accelsim.passes.shape import Shape
from accelsim.passes.work import Moved, moved_in


@dataclass(frozen=True, eq=False)
class StreamPlan(ByContent):
    """A pass as PEs, FIFOs and buses; plans that say the same are equal.

    PE p = depth x lanes + lane; psums pass through the PEs of a lane from depth 0 up. FIFO kind x PEs + p
    belongs to PE p (:data:`FIFO_KINDS`). A word that goes into a FIFO can be taken *latency* cycles later, a
    place is free again the cycle after. A line holds psums that one lane writes for the next one.
    """

    shape: Shape
    lanes: int
    pes: IntArray  # (PEs,) index on the array, row-major
    capacity: IntArray  # (FIFOs,) words; 0: unused
    latency: IntArray  # (FIFOs,) cycles
    patterns: tuple[Pattern, ...]
    sequence: IntArray  # (stretches,) their patterns in order
    base: IntArray  # (stretches, COORDS) what to add to the places in each
    keeps: tuple[Operand, ...]
    once: bool  # every ifmap word comes once in a pass, not anew in every step that uses it
    summed: tuple[Dim, ...]  # of c, r and s, the loops over which psums are added, outermost first
    load: BusWords  # of the kept operand, before the first step; its fifos are PEs
    shifted: bool  # the load is usable in all PEs together, the cycle after all of it is in
    drained: bool  # the pass lasts until its psums have left the PEs
    tail: int  # cycles that a ragged fold waits to take as long as a whole one
    load_hops: IntArray  # (PEs,) of the word that each loads
    psum_hops: IntArray  # (PEs,) of each psum on its way out, beside those from PE to PE in a step

    @property
    def loaded_operand(self) -> Literal["ifmap", "weight"] | None:
        """The operand that PEs keep and a bus brings before the first step."""
        if "weight" in self.keeps:
            return "weight"
        return "ifmap" if "ifmap" in self.keeps else None

    def kind(self, fifo: int) -> str:
        """What FIFO *fifo* is for."""
        return FIFO_KINDS[fifo // len(self.pes)]

    @cached_property
    def moved(self) -> Moved:
        """BusWords moved in a pass, each kind."""
        total = np.zeros(len(Moved._fields), np.int64)
        for pattern, times in zip(self.patterns, self.times, strict=True):
            total += times * np.array(moved_in(pattern, len(self.pes)))
        moved = Moved(*(int(n) for n in total))
        return moved._replace(psum_hops=moved.psum_hops + int(self.psum_hops.sum()))

    @cached_property
    def times(self) -> IntArray:
        """How often each pattern runs."""
        return np.bincount(self.sequence, minlength=len(self.patterns))

    @property
    def sum_order(self) -> SumOrder:
        """One product after another: over the loops in a PE, over the columns, then up the rows."""
        return SumOrder((_nested((self.shape.c, self.shape.r, self.shape.s), self.summed),), apart=False)

    @cached_property
    def output_fifos(self) -> IntArray:
        """The FIFOs to the ofmap bus that it uses."""
        output = FIFO_KINDS.index("output") * len(self.pes)
        used: IntArray = np.flatnonzero(self.capacity[output : output + len(self.pes)]) + output
        return used

    def outputs(self, arch: Arch) -> Outputs:
        """The FIFOs of PEs whose psums leave, deeper on a systolic array."""
        fifos = self.output_fifos
        return Outputs(self.pes[fifos % len(self.pes)], self.capacity[fifos])

    def work(self, job: Pass, layer: Layer, arch: Arch, *, load: bool) -> Work[int]:
        """What *job* asks of the machine: a MAC a step, on words that PEs keep or take."""
        tile = job.tile
        outs = len(tile.n) * len(tile.m) * len(tile.e) * len(tile.f)
        kept, moved = self.loaded_operand, self.moved
        loads = len(self.load.beat) if load else 0
        hops = int(self.load_hops.sum()) if load else 0
        from_ifmap_bus = loads if kept == "ifmap" else moved.ifmap_words
        return NOTHING._replace(
            macs=tile.macs,
            hops=moved.psum_hops,
            ifmap_hops=hops if kept == "ifmap" else moved.ifmap_hops,
            weight_hops=hops if kept == "weight" else moved.weight_hops,
            ifmap_uses=tile.macs if kept == "ifmap" else 0,
            weight_uses=tile.macs if kept == "weight" else 0,
            psum_uses=psum_uses(tile.macs, outs, arch) if "psum" in self.keeps else 0,
            ifmap_stores=loads if kept == "ifmap" else 0,
            weight_stores=loads if kept == "weight" else 0,
            ifmap_deliveries=loads if kept == "ifmap" else moved.ifmap_deliveries,
            weight_deliveries=loads if kept == "weight" else moved.weight_deliveries,
            ifmap_reads=from_ifmap_bus - self._made(tile, layer, arch, from_ifmap_bus),
            weight_loads=loads if kept == "weight" else moved.weight_words,
            psums_in=moved.line_words + (0 if job.first else moved.psum_words),
            psums_out=moved.line_words + outs,
            ofmap_words=outs if job.last else 0,
        )

    def _made(self, tile: Tile, layer: Layer, arch: Arch, words: int) -> int:
        """The pad zeros among *words* on the ifmap bus that it makes itself."""
        if arch.padding == "stored":
            return 0
        n, _, c, e, f, r, s = self.shape
        if self.once:
            whole = n * c * len(layer.rows(tile.e, tile.r)) * len(layer.columns(tile.f, tile.s))
            return whole - ifmap_words(layer, tile, arch)
        pairs = n * c * e * f * r * s
        return (pairs - inner_taps(layer, tile)) * words // pairs


@lru_cache(maxsize=64)
def _nested(sizes: tuple[int, int, int], dims: tuple[Dim, ...]) -> IntArray:
    """Places in ``(c, r, s)`` of *sizes*, walked over *dims*, outermost first."""
    places = np.arange(sizes[0] * sizes[1] * sizes[2]).reshape(sizes)
    return places.transpose(["crs".index(dim) for dim in dims]).ravel()
