"""Output stationary, many ofmap channels and many pixels (MOC-MOP): a PE keeps a psum of a row of pixels."""

from collections.abc import Iterator
from dataclasses import dataclass

from accelsim.machine import Arch
from accelsim.mapping.nest import FetchLoops, Mapping, extents
from accelsim.mapping.rules import Rule
from accelsim.network.layer import Layer
from accelsim.search import Sizes
from dataflows.nests.limits import Needs, extent_rules, ofmap_words
from dataflows.nests.nest import Choices, SingleMacs, around, on_array
from dataflows.nests.steps import even_blocks


@dataclass(frozen=True)
class OutputStationaryMocMop(SingleMacs):
    """f pixels of one ofmap row of n images, p filters each; weights of m filters in the GLB.

    A word slides along the row from PE to PE (Chen et al., ISCA 2016: OSB).
    """

    m: int
    n: int
    p: int
    f: int

    needs = Needs(multicast=True)

    @staticmethod
    def nest(layer: Layer, arch: Arch, x: Sizes) -> Mapping:
        """Filters in even blocks of at most m outermost, then pixels, then p filters after p filters."""
        block = even_blocks(layer.group_m, x.m, x.p)
        loops = (
            *around("dram", g=1, m=block, n=x.n, e=1, f=x.f),
            *around("glb", m=x.p),
            *on_array(rows=("n", "f"), cols=("m",), pe=("c", "r", "s")),
        )
        psums = ofmap_words(arch, 2 * x.n * x.f * block)
        fetches: FetchLoops = {"weight": ("dram", "m"), "ifmap": ("dram", "f")}
        return Mapping(layer, loops, psums, psum_blocks=2, keeps=("psum",), sharing="slide", fetches=fetches)

    @staticmethod
    def limits(layer: Layer, x: Sizes) -> Iterator[Rule]:
        """A pass has some of the filters in the GLB."""
        yield from extent_rules(layer, x, "n", "f", "m")
        yield Rule("filters of a pass, p <= m", x.p, x.m, "filters")

    @staticmethod
    def choices(layer: Layer, arch: Arch) -> Choices:
        """Every n, p, f and m; at best the weights of all filters are in the GLB."""
        n, m, f = (range(1, extents(layer)[dim] + 1) for dim in ("n", "m", "f"))
        return Choices({"n": n, "p": m, "f": f}, {"m": m}, best={"m": layer.group_m})
