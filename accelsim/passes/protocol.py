"""What a pass is to everybody who runs, counts or checks it; nobody finds any timing in it."""

from typing import NamedTuple, Protocol

from accelsim.machine import Arch
from accelsim.mapping.nest import Pass
from accelsim.mapping.work import Work
from accelsim.network.layer import IntArray, Layer
from accelsim.passes.shape import Shape
from accelsim.passes.work import Tally


class Outputs(NamedTuple):
    """The FIFOs between PEs and the ofmap bus, which stay from pass to pass."""

    pes: IntArray  # (outputs,) index on the array of the PE that fills each
    places: IntArray  # (outputs,) words


class SumOrder(NamedTuple):
    """In which order the products of a psum are added in a pass, as places in ``(c, r, s)`` of its tile."""

    groups: tuple[IntArray, ...]  # (products,) each
    apart: bool  # a group is summed up by itself before it meets the psum; else product by product into it


class Plan(Protocol):
    """A pass spelled out: its FIFOs, the words on its buses in order, the steps of its PEs.

    Plans that say the same are equal, whatever layer they serve.
    """

    def __hash__(self) -> int: ...

    @property
    def shape(self) -> Shape:
        """The extents of its tile."""

    @property
    def pes(self) -> IntArray:
        """Indices on the array, row-major, of the PEs that take part; any axes."""

    @property
    def sum_order(self) -> SumOrder:
        """How its PEs add up a psum."""

    def outputs(self, arch: Arch) -> Outputs:
        """The FIFOs that its psums leave through."""

    def work(self, job: Pass, layer: Layer, arch: Arch, *, load: bool) -> Work[int]:
        """What *job*, a pass of this shape, asks of the machine, but for what DRAM gives it.

        No value is looked at: words and MACs count as they are. *load* says that the pass before did not
        leave what its PEs keep.
        """


class PassCosts(Protocol):
    """What values make of one pass."""

    @property
    def tally(self) -> Tally:
        """What PEs do in it, and what moves into them."""


class ValueReader(Protocol):
    """Finds what the values of one layer make of its passes, asked in their order."""

    def read(self, plan: Plan, job: Pass, *, load: bool) -> PassCosts:
        """The costs of *job*, a pass of *plan*; *load* says that its PEs get new weights."""
