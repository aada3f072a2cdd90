"""One pass of 1-D primitives spelled out: which PE takes which word, and how every bus orders its words.

Both engines run this description; neither finds any timing in it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from accelsim.machine import Arch
from accelsim.machine.control import psum_uses
from accelsim.machine.datapath import Amounts
from accelsim.mapping.footprint import ifmap_words
from accelsim.mapping.nest import Pass, blocks
from accelsim.mapping.work import NOTHING, Work
from accelsim.network.layer import IntArray, Layer
from accelsim.passes.content import ByContent
from accelsim.passes.protocol import Outputs, SumOrder
from accelsim.passes.shape import Shape


@dataclass(frozen=True, eq=False)
class PrimitivePlan(ByContent):
    """A pass of 1-D primitives as lanes of PEs, in step order.

    Axes: ``(depth, lanes)`` for PEs, depth 0 at the bottom; lane = filter set x e + ofmap row.
    A step is one ofmap column of one ifmap image. A stream is what one PE row of a diagonal
    receives: (channel set, ifmap row); a *column* counts touched ifmap columns over all images.
    """

    shape: Shape
    steps: int
    filters: IntArray  # (lanes,) psum words a lane makes per step (p)
    channels: IntArray  # (depth,) ifmap channels a PE row works on (q)
    mac_cycles: IntArray  # (depth, lanes) per step, with MACs
    other_cycles: IntArray  # (depth, lanes) per step, that the datapath takes beside them
    pes: IntArray  # (depth, lanes) index of the PE on the array, row-major
    weight_groups: tuple[tuple[int, int, int], ...]  # (filter set, depth, words) in bus order
    streams: IntArray  # (depth, lanes) the stream each PE takes
    stream_channels: IntArray  # (streams,) words of a stream per column
    rows: tuple[int, ...]  # touched ifmap rows, relative to the first
    columns: tuple[int, ...]  # touched ifmap columns of one image
    need: IntArray  # (steps,) columns that must have arrived before a step
    free: IntArray  # (steps,) columns that are done with after a step
    window: int  # columns that a PE must hold at once
    ifmap_column: IntArray  # (words,) the ifmap bus order: column,
    ifmap_stream: IntArray  # (words,) stream
    ifmap_channel: IntArray  # (words,) and channel within the stream
    psum_order: tuple[tuple[int, int], ...]  # (lane, filter) of one step, on the psum and the ofmap bus

    @property
    def depth(self) -> int:
        """PEs that a psum climbs through."""
        return len(self.channels)

    @property
    def lanes(self) -> int:
        """Columns of PEs that hand psums upwards."""
        return len(self.filters)

    def filter_row(self, depth: int) -> int:
        """Filter row (within the pass) of the PEs at *depth*."""
        return self.shape.r - 1 - depth % self.shape.r

    def channel_set(self, depth: int) -> int:
        """Channel set of the PEs at *depth*."""
        return len(self.channels) // self.shape.r - 1 - depth // self.shape.r

    @property
    def sum_order(self) -> SumOrder:
        """Each PE adds up its own products, then its sum to that of the PEs below it."""
        sizes = self.shape.c, self.shape.r, self.shape.s
        return SumOrder(_up_the_lane(sizes, int(self.channels.max())), apart=True)

    def outputs(self, arch: Arch) -> Outputs:
        """A FIFO at the top of every lane."""
        return Outputs(self.pes[-1], np.full(self.lanes, arch.noc.ofmap.fifo_words))

    def work(self, job: Pass, layer: Layer, arch: Arch, *, load: bool) -> Work[int]:
        """What *job* asks of the machine: p q S MACs a step in a PE, and p accumulations."""
        n, m, c, e, _, r, s = self.shape
        outs = n * m * e * layer.f
        weights = m * c * r * s if load else 0
        sums, deliveries = outs * self.depth, n * len(self.columns) * c * r * self.lanes
        uses = arch.datapath.uses(self.amounts(arch))
        return NOTHING._replace(
            macs=job.tile.macs,
            sums=sums,
            hops=outs * (self.depth - 1),
            ifmap_uses=uses.ifmap,
            weight_uses=uses.weight,
            psum_uses=psum_uses(uses.psum, sums, arch),
            extra_ops=uses.extra_ops,
            ifmap_stores=deliveries,
            weight_stores=weights * e,
            ifmap_deliveries=deliveries,
            weight_deliveries=weights * e,
            ifmap_reads=ifmap_words(layer, job.tile, arch),
            weight_loads=weights,
            psums_in=0 if job.first else outs,
            psums_out=outs,
            ofmap_words=outs if job.last else 0,
        )

    def amounts(self, arch: Arch) -> Amounts[int]:
        """How much its PEs have to do, if nothing is skipped or reused."""
        filters, window = self.filters, self.channels[:, None] * self.shape.s
        issues = filters * -(-window // arch.datapath.lanes)
        words, sums = int(window.sum()) * self.lanes, int(filters.sum()) * self.depth
        each = Amounts(int((filters * window).sum()), words, sums, int(issues.sum()))
        return Amounts(*(self.steps * amount for amount in each))


@lru_cache(maxsize=64)
def _up_the_lane(sizes: tuple[int, int, int], channels: int) -> tuple[IntArray, ...]:
    """Places in ``(c, r, s)`` of *sizes* by PE: the last channel set and filter row are at the bottom."""
    places = np.arange(sizes[0] * sizes[1] * sizes[2]).reshape(sizes)
    sets = tuple(blocks(range(sizes[0]), channels))
    return tuple(
        places[c.start : c.stop, row].ravel() for c in reversed(sets) for row in reversed(range(sizes[1]))
    )
