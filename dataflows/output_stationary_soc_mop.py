"""Output stationary, one ofmap channel and many pixels (SOC-MOP): a PE keeps a psum, ifmap words slide by."""

from collections.abc import Iterator
from dataclasses import dataclass

from accelsim.machine import Arch
from accelsim.mapping.nest import FetchLoops, Mapping, extents
from accelsim.mapping.rules import Rule
from accelsim.network.layer import Layer
from accelsim.search import Sizes
from dataflows.nests.limits import Needs, extent_rules, ofmap_words
from dataflows.nests.nest import Choices, SingleMacs, around, on_array


@dataclass(frozen=True)
class OutputStationarySocMop(SingleMacs):
    """n x e x f pixels of one ofmap channel at a time, weights of m filters in the GLB.

    A word comes to the last PE of a row and column that uses it, and slides from there to its neighbours
    (Chen et al., ISCA 2016: OSA; Du et al., "ShiDianNao", ISCA 2015).
    """

    m: int
    n: int
    e: int
    f: int

    needs = Needs(multicast=True)

    @staticmethod
    def nest(layer: Layer, arch: Arch, x: Sizes) -> Mapping:
        """Filters that stay in the GLB outermost, then pixels, then one filter after the other."""
        loops = (
            *around("dram", g=1, m=x.m, n=x.n, e=x.e, f=x.f),
            *around("glb", m=1),
            *on_array(rows=("n", "e"), cols=("f",), pe=("c", "r", "s")),
        )
        psums = ofmap_words(arch, 2 * x.n * x.e * x.f * x.m)
        fetches: FetchLoops = {"weight": ("dram", "m"), "ifmap": ("dram", "f")}
        return Mapping(layer, loops, psums, psum_blocks=2, keeps=("psum",), sharing="slide", fetches=fetches)

    @staticmethod
    def limits(layer: Layer, x: Sizes) -> Iterator[Rule]:
        """No tile is larger than the layer."""
        return extent_rules(layer, x, "n", "e", "f", "m")

    @staticmethod
    def choices(layer: Layer, arch: Arch) -> Choices:
        """Every n, e, f and m; at best the weights of all filters are in the GLB."""
        size = extents(layer)
        starting = {dim: range(1, size[dim] + 1) for dim in ("n", "e", "f")}
        return Choices(starting, {"m": range(1, size["m"] + 1)}, best={"m": size["m"]})
