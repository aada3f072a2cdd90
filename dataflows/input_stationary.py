"""Input stationary: a PE keeps one ifmap word of a window; taps down the rows, pixels along the columns."""

from collections.abc import Iterator
from dataclasses import dataclass

from accelsim.machine import Arch
from accelsim.mapping.nest import Mapping
from accelsim.mapping.rules import Rule
from accelsim.network.layer import Layer, lowered
from accelsim.search import Sizes
from dataflows.nests.limits import most_columns, most_rows
from dataflows.nests.nest import Choices, SingleMacs, around, on_array
from dataflows.nests.steps import few_blocks, tilings_up_to


@dataclass(frozen=True)
class InputStationary(SingleMacs):
    """A fold of k taps x e pixels stays while all filters stream through it; t pixels stay in the GLB.

    On a systolic array this is the input-stationary form of SCALE-Sim (Samajdar et al., 2018); with
    multicast a weight reaches all pixels at once.
    """

    t: int
    k: int
    e: int

    seen = staticmethod(lowered)

    @staticmethod
    def nest(layer: Layer, arch: Arch, x: Sizes) -> Mapping:
        """Blocks of t pixels outermost, then taps, then e pixels after e pixels."""
        loops = (
            *around("dram", g=1, e=x.t),
            *around("glb", c=x.k, e=x.e),
            *on_array(rows=("c",), cols=("e",), pe=("m",)),
        )
        psums = 2 * x.t * layer.group_m
        return Mapping(layer, loops, psums, psum_blocks=2, keeps=("ifmap",), fetches={"ifmap": ("dram", "e")})

    @staticmethod
    def limits(layer: Layer, x: Sizes) -> Iterator[Rule]:
        """A fold has some of the taps, and of the pixels of a block."""
        yield Rule("taps of a fold, k <= C*R*S", x.k, layer.group_c, "taps")
        yield Rule("pixels of a block, t <= N*E*F", x.t, layer.e, "pixels")
        yield Rule("pixels of a fold, e <= t", x.e, x.t, "pixels")

    @staticmethod
    def choices(layer: Layer, arch: Arch) -> Choices:
        """Every e, the smallest k of each number of folds, and few t."""
        k = tilings_up_to(layer.group_c, most_rows(arch))
        e = range(1, min(layer.e, most_columns(arch)) + 1)
        return Choices({"k": k, "e": e}, {"t": few_blocks(layer.e)})
