"""Row stationary: a PE keeps a filter row and slides it over an ifmap row (Chen et al., ISCA 2016)."""

from dataclasses import dataclass

from accelsim.machine import Arch
from accelsim.mapping.nest import Loop, Mapping, parameters
from accelsim.network.layer import Layer
from dataflows.nests.limits import Needs, check_machine
from dataflows.nests.nest import check_sizes
from dataflows.rs.rules import folds, rules
from dataflows.rs.space import RowStationarySpace
from dataflows.rs.tiles import Seven

NEEDS = Needs(multicast=True, weights=False)
"""A PE keeps its weights, but each has ifmap words of its own, for whole windows."""


@dataclass(frozen=True)
class RowStationary:
    """Seven tile sizes, in the letters of JSSC 2017, Table III; m and the channels are those of one group.

    A PE runs 1-D primitives for p filters and q channels; a PE set is R x e PEs; r sets take
    different channels, t sets different filters; a pass holds n ifmaps and m psum planes in the GLB.

    Its passes are counted in ``dataflows.rs``, not by the rule for nests of single MACs: a PE does whole 1-D
    primitives, whose uses of words its datapath decides, and PEs on a diagonal share ifmap rows.
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
        check_sizes(self)
        check_machine(arch, NEEDS)
        for rule in rules(layer, arch, Seven(**parameters(self))):
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
        psum_words = self.n * self.m * self.e * layer.f
        return Mapping(layer, loops, psum_words, tops=self._tops(arch, rows))

    def _tops(self, arch: Arch, rows: int) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Top PE of every lane: sets wider than the array are cut into segments, r sets are stacked."""
        height, cols = rows * self.r, arch.array.cols
        if arch.array.placement == "pool":
            return tuple(tuple((0, (i * self.e + j) * height) for j in range(self.e)) for i in range(self.t))
        segments = -(-self.e // cols)
        bands = cols // self.e if segments == 1 else 1

        def top(i: int, j: int) -> tuple[int, int]:
            slot, band = divmod(i * segments + j // cols, bands)
            return slot * height, band * self.e + j % cols

        return tuple(tuple(top(i, j) for j in range(self.e)) for i in range(self.t))

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> RowStationarySpace:
        """Every choice of the seven, for the search."""
        check_machine(arch, NEEDS)
        return RowStationarySpace(layer, arch)
