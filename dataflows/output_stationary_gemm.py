"""Output stationary as a product: ofmap pixels down the rows, filters along the columns, taps in time."""

from collections.abc import Iterator
from dataclasses import dataclass

from accelsim.machine import Arch
from accelsim.mapping.nest import Mapping
from accelsim.mapping.rules import Rule
from accelsim.network.layer import Layer, lowered
from accelsim.search import Sizes
from dataflows.nests.limits import most_columns, most_rows, ofmap_words
from dataflows.nests.nest import Choices, SingleMacs, around, on_array
from dataflows.nests.steps import few_blocks, tilings_up_to


@dataclass(frozen=True)
class OutputStationaryGemm(SingleMacs):
    """A fold of e pixels x m filters stays while all taps stream through it; t pixels stay in the GLB.

    On a systolic array this is the output-stationary form of SCALE-Sim (Samajdar et al., 2018).
    """

    t: int
    m: int
    e: int

    seen = staticmethod(lowered)

    @staticmethod
    def nest(layer: Layer, arch: Arch, x: Sizes) -> Mapping:
        """Blocks of t pixels outermost, then filters, then e pixels after e pixels."""
        loops = (
            *around("dram", g=1, e=x.t, m=x.m),
            *around("glb", e=x.e),
            *on_array(rows=("e",), cols=("m",), pe=("c",)),
        )
        psums = ofmap_words(arch, 2 * x.t * x.m)
        return Mapping(layer, loops, psums, psum_blocks=2, keeps=("psum",), fetches={"ifmap": ("dram", "e")})

    @staticmethod
    def limits(layer: Layer, x: Sizes) -> Iterator[Rule]:
        """A fold has some of the filters, and of the pixels of a block."""
        yield Rule("filters of a fold, m <= M", x.m, layer.group_m, "filters")
        yield Rule("pixels of a block, t <= N*E*F", x.t, layer.e, "pixels")
        yield Rule("pixels of a fold, e <= t", x.e, x.t, "pixels")

    @staticmethod
    def choices(layer: Layer, arch: Arch) -> Choices:
        """Every e, the smallest m of each number of folds, and few t."""
        m = tilings_up_to(layer.group_m, most_columns(arch))
        e = range(1, min(layer.e, most_rows(arch)) + 1)
        return Choices({"m": m, "e": e}, {"t": few_blocks(layer.e)})
