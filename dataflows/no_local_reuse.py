"""No local reuse: PEs keep nothing, every operand comes from the GLB for every MAC (ISCA 2016: NLR)."""

from collections.abc import Iterator
from dataclasses import dataclass

from accelsim.machine import Arch
from accelsim.mapping.nest import Mapping, extents
from accelsim.mapping.rules import Rule
from accelsim.mapping.tiling import distinct_tilings
from accelsim.network.layer import Layer
from accelsim.search import Sizes
from dataflows.nests.limits import Needs, extent_rules
from dataflows.nests.nest import Choices, SingleMacs, around, on_array
from dataflows.nests.steps import even_blocks


@dataclass(frozen=True)
class NoLocalReuse(SingleMacs):
    """p filters x q channels of one tap at a time, reduced over q; a block of n m e f psums stays in the GLB.

    Chen et al., ISCA 2016, section III: DianNao, Zhang et al.
    """

    n: int
    m: int
    p: int
    q: int
    e: int
    f: int

    needs = Needs(multicast=True)

    @staticmethod
    def nest(layer: Layer, arch: Arch, x: Sizes) -> Mapping:
        """Blocks of ofmap outermost, filters in even blocks of at most m; then channels, taps and filters."""
        block = even_blocks(layer.group_m, x.m, x.p)
        loops = (
            *around("dram", g=1, n=x.n, e=x.e, f=x.f, m=block),
            *around("glb", c=x.q, r=1, s=1, m=x.p),
            *on_array(rows=("c",), cols=("m",), pe=("n", "e", "f")),
        )
        psums = x.n * x.e * x.f * block
        return Mapping(layer, loops, psums, keeps=(), fetches={"weight": ("glb", "c"), "ifmap": ("glb", "c")})

    @staticmethod
    def limits(layer: Layer, x: Sizes) -> Iterator[Rule]:
        """A pass has some of the channels, and of the filters of a block."""
        yield from extent_rules(layer, x, "n", "m", "e", "f")
        yield Rule("channels of a pass, q <= C", x.q, layer.group_c, "channels")
        yield Rule("filters of a pass, p <= m", x.p, x.m, "filters")

    @staticmethod
    def choices(layer: Layer, arch: Arch) -> Choices:
        """Every p, q and m, and the smallest n, e and f of each number of tiles; at best one block is all."""
        n, m, e, f = (extents(layer)[dim] for dim in ("n", "m", "e", "f"))
        starting = {"p": range(1, m + 1), "q": range(1, layer.group_c + 1)}
        tilings = {"n": distinct_tilings(n), "e": distinct_tilings(e), "f": distinct_tilings(f)}
        return Choices(starting, {**tilings, "m": starting["p"]}, best={"n": n, "m": m, "e": e, "f": f})
