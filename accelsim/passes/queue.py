"""A pass of queues spelled out: activations broadcast one by one, each PE with the filters dealt to it.

Both engines run this description; neither finds any timing in it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accelsim.machine import Arch
from accelsim.mapping.footprint import inner_taps
from accelsim.mapping.nest import Mapping, Pass, dealt
from accelsim.mapping.work import NOTHING, Work
from accelsim.network.layer import IntArray, Layer
from accelsim.passes.protocol import Outputs, SumOrder
from accelsim.passes.shape import Shape


@dataclass(frozen=True)
class QueuePlan:
    """A pass of a layer seen as a product: *shape* has c taps, m filters and e pixels.

    PEs hold one psum for each filter that is dealt to them, *block* filters at a time in turn.
    """

    shape: Shape
    block: int
    on_array: int  # PEs to deal to

    @cached_property
    def filters(self) -> tuple[IntArray, ...]:
        """The filters of each PE, counted from the first of the pass."""
        return tuple(dealt(self.shape.m, self.block, self.on_array))

    @property
    def pes(self) -> IntArray:
        """Indices on the array of the PEs that have filters."""
        return np.arange(len(self.filters))

    @cached_property
    def psum_order(self) -> tuple[tuple[int, int], ...]:
        """(PE, rank among its filters) of the psums of one pixel on the ofmap bus."""
        most = max(len(own) for own in self.filters)
        return tuple(
            (pe, rank) for rank in range(most) for pe, own in enumerate(self.filters) if rank < len(own)
        )

    @property
    def sum_order(self) -> SumOrder:
        """One product after another, tap by tap as the activations come."""
        return SumOrder((np.arange(self.shape.c),), apart=False)

    def outputs(self, arch: Arch) -> Outputs:
        """A FIFO of each PE that has filters."""
        return Outputs(self.pes, np.full(len(self.filters), arch.noc.ofmap.fifo_words))

    def work(self, job: Pass, layer: Layer, arch: Arch, *, load: bool) -> Work[int]:
        """What *job* asks of the machine if no zero is skipped."""
        _, m, taps, pixels, *_ = self.shape
        moved, outs = taps * pixels * len(self.filters), m * pixels
        weights = m * taps if load else 0
        macs = job.tile.macs
        return NOTHING._replace(
            macs=macs,
            ifmap_uses=macs,
            weight_uses=macs,
            psum_uses=macs,
            ifmap_stores=moved,
            weight_stores=weights,
            ifmap_deliveries=moved,
            weight_deliveries=weights,
            ifmap_reads=taps * pixels if arch.padding == "stored" else inner_taps(layer, job.tile),
            weight_loads=weights,
            psums_out=outs,
            ofmap_words=outs,
        )


def queues(mapping: Mapping, arch: Arch, shape: Shape) -> QueuePlan:
    """The plan of every pass of *mapping*, whose PEs have queues, that has *shape*."""
    return QueuePlan(shape, mapping.step("cols", "m"), arch.array.pes)
