"""Weight stationary: a PE keeps one weight, ifmap rows are broadcast, psums cross the array (ISCA 2016)."""

from collections.abc import Iterator
from dataclasses import dataclass

from accelsim.machine import Arch
from accelsim.mapping.nest import FetchLoops, Mapping, extents
from accelsim.mapping.rules import Rule
from accelsim.network.layer import Layer
from accelsim.search import Sizes
from dataflows.nests.limits import Needs
from dataflows.nests.nest import Choices, SingleMacs, around, on_array


@dataclass(frozen=True)
class WeightStationary(SingleMacs):
    """r channels and t filters of R x S weights at a time; ofmaps in strips of f columns.

    A lane holds one filter row of r channels. What it makes of an ifmap row goes through the GLB to the lane
    of the next filter row (Chen et al., ISCA 2016, section III: NeuFlow, Chakradhar et al.).
    """

    r: int
    t: int
    f: int

    needs = Needs(multicast=True, weights=False, ifmap=False)

    @staticmethod
    def nest(layer: Layer, arch: Arch, x: Sizes) -> Mapping:
        """Filters outermost, then channels, then strips; all ifmaps and ofmap rows in a pass."""
        loops = (
            *around("dram", g=1, m=x.t),
            *around("glb", c=x.r, f=x.f),
            *on_array(rows=("s", "c"), cols=("r", "m"), pe=("n", "e", "f")),
        )
        width = layer.stride[1] * (x.f - 1) + layer.dilation[1] * (layer.s - 1) + 1
        lines = x.r * x.t * ((width - layer.s) * (layer.r - 1))  # between filter rows: r t (w - S)(R - 1)
        psums = layer.n * layer.e * layer.f * x.t + lines
        fetches: FetchLoops = {"ifmap": ("glb", "f")}
        return Mapping(layer, loops, psums, keeps=("weight",), sharing="broadcast", fetches=fetches)

    @staticmethod
    def limits(layer: Layer, x: Sizes) -> Iterator[Rule]:
        """Sizes of one group."""
        size = extents(layer)
        yield Rule("channels, r <= C", x.r, size["c"], "channels")
        yield Rule("filters, t <= M", x.t, size["m"], "filters")
        yield Rule("ofmap columns, f <= F", x.f, size["f"], "columns")

    @staticmethod
    def choices(layer: Layer, arch: Arch) -> Choices:
        """Every r, t and f."""
        size = extents(layer)
        starting = {"r": range(1, size["c"] + 1), "t": range(1, size["m"] + 1)}
        return Choices(starting, inner={"f": range(1, size["f"] + 1)})
