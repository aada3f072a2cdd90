"""Weight stationary as a product: C*R*S taps down the rows, filters along the columns, pixels in time."""

from collections.abc import Iterator
from dataclasses import dataclass

from accelsim.machine import Arch
from accelsim.mapping.nest import Mapping
from accelsim.mapping.rules import Rule
from accelsim.network.layer import Layer, lowered
from accelsim.search import Sizes
from dataflows.nests.limits import Needs, most_columns, most_rows
from dataflows.nests.nest import Choices, SingleMacs, around, on_array
from dataflows.nests.steps import few_blocks, tilings_up_to


@dataclass(frozen=True)
class WeightStationaryGemm(SingleMacs):
    """A fold of k taps x m filters stays while t pixels stream through it.

    On a systolic array this is the weight-stationary form of the TPU (Jouppi et al., ISCA 2017) and of
    SCALE-Sim (Samajdar et al., 2018). The ifmap of t pixels stays in the GLB for all folds.
    """

    t: int
    m: int
    k: int

    needs = Needs(weights=False)
    seen = staticmethod(lowered)

    @staticmethod
    def nest(layer: Layer, arch: Arch, x: Sizes) -> Mapping:
        """Blocks of pixels outermost, then filters, then taps."""
        loops = (
            *around("dram", g=1, e=x.t, m=x.m),
            *around("glb", c=x.k),
            *on_array(rows=("c",), cols=("m",), pe=("e",)),
        )
        psums = 2 * x.t * x.m
        return Mapping(
            layer, loops, psums, psum_blocks=2, keeps=("weight",), fetches={"ifmap": ("dram", "e")}
        )

    @staticmethod
    def limits(layer: Layer, x: Sizes) -> Iterator[Rule]:
        """A fold has some of the taps, filters and pixels."""
        yield Rule("taps of a fold, k <= C*R*S", x.k, layer.group_c, "taps")
        yield Rule("filters of a fold, m <= M", x.m, layer.group_m, "filters")
        yield Rule("pixels of a block, t <= N*E*F", x.t, layer.e, "pixels")

    @staticmethod
    def choices(layer: Layer, arch: Arch) -> Choices:
        """The smallest k and m of each number of folds, and few t."""
        m = tilings_up_to(layer.group_m, most_columns(arch))
        k = tilings_up_to(layer.group_c, most_rows(arch))
        return Choices({"m": m, "k": k}, {"t": few_blocks(layer.e)})
