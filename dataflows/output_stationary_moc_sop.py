"""Output stationary, many ofmap channels, one pixel (MOC-SOP): a PE keeps one filter's psum of an image."""

from collections.abc import Iterator
from dataclasses import dataclass

from accelsim.machine import Arch
from accelsim.mapping.nest import FetchLoops, Mapping
from accelsim.mapping.rules import Rule
from accelsim.network.layer import Layer
from accelsim.search import Sizes
from dataflows.nests.limits import extent_rules, ofmap_words
from dataflows.nests.nest import Choices, SingleMacs, around, on_array
from dataflows.nests.steps import even_blocks


@dataclass(frozen=True)
class OutputStationaryMocSop(SingleMacs):
    """One pixel of n images, p filters each; m filters' weights in the GLB (Chen et al., ISCA 2016: OSC)."""

    m: int
    n: int
    p: int

    @staticmethod
    def nest(layer: Layer, arch: Arch, x: Sizes) -> Mapping:
        """Filters in even blocks of at most m outermost, then pixels, then p filters after p filters."""
        block = even_blocks(layer.group_m, x.m, x.p)
        loops = (
            *around("dram", g=1, m=block, n=x.n, e=1, f=1),
            *around("glb", m=x.p),
            *on_array(rows=("n",), cols=("m",), pe=("c", "r", "s")),
        )
        psums = ofmap_words(arch, 2 * x.n * block)
        fetches: FetchLoops = {"weight": ("dram", "m"), "ifmap": ("dram", "f")}
        return Mapping(layer, loops, psums, psum_blocks=2, keeps=("psum",), fetches=fetches)

    @staticmethod
    def limits(layer: Layer, x: Sizes) -> Iterator[Rule]:
        """A pass has some of the filters in the GLB."""
        yield from extent_rules(layer, x, "n", "m")
        yield Rule("filters of a pass, p <= m", x.p, x.m, "filters")

    @staticmethod
    def choices(layer: Layer, arch: Arch) -> Choices:
        """Every n, p and m."""
        n, m = range(1, layer.n + 1), range(1, layer.group_m + 1)
        return Choices({"n": n, "p": m}, {"m": m})
