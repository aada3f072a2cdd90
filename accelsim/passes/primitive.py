"""One pass spelled out: which PE takes which word, and the fixed order in which every bus serves.

Both engines run this description; neither finds any timing in it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import sha256

import numpy as np

from accelsim.machine import Arch
from accelsim.machine.control import control_of, psum_uses
from accelsim.machine.datapath import Amounts
from accelsim.mapping.footprint import ifmap_words
from accelsim.mapping.nest import Dim, Level, Mapping, Pass, blocks
from accelsim.mapping.work import NOTHING, Work
from accelsim.network.layer import IntArray, Layer
from accelsim.passes.shape import Shape

SPATIAL: list[tuple[Level, Dim]] = [
    ("rows", "c"),
    ("rows", "r"),
    ("cols", "m"),
    ("cols", "e"),
    ("pe", "n"),
    ("pe", "f"),
    ("pe", "c"),
    ("pe", "s"),
    ("pe", "m"),
]
"""The loops that a plan spells out, outermost first."""


@dataclass(frozen=True, eq=False)
class Plan:
    """A pass as lanes of PEs, in step order; plans that say the same are equal, whatever layer they serve.

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

    @cached_property
    def digest(self) -> bytes:
        """Equal for plans that say the same."""
        said = sha256()
        for part in fields(self):
            value = getattr(self, part.name)
            said.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
        return said.digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

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


def is_primitive(mapping: Mapping) -> bool:
    """Whether the PEs of *mapping* run 1-D primitives: its loops on the array and in them are SPATIAL."""
    return [(loop.level, loop.dim) for loop in mapping.loops if loop.level not in ("dram", "glb")] == SPATIAL


def make_plan(mapping: Mapping, arch: Arch, shape: Shape) -> Plan:
    """The plan of every pass of *mapping*, a primitive one, that has *shape*.

    It puts filter rows and channel sets down the array, ofmap rows and filter sets across it.
    """
    layer = mapping.layer
    p = [len(part) for part in blocks(range(shape.m), mapping.step("cols", "m"))]
    q = [len(part) for part in blocks(range(shape.c), mapping.step("rows", "c"))]
    filters = np.repeat(p, shape.e)
    channels = np.repeat(q[::-1], shape.r)
    mac, other = control_of(arch, values=False).mac_cycles(filters, channels[:, None], shape.s)
    rows = layer.rows(range(shape.e), range(shape.r))
    columns = layer.columns(range(layer.f), range(shape.s))
    need, free = window_sequence(layer, shape.s)
    images = np.repeat(np.arange(shape.n) * len(columns), layer.f)
    column, stream, channel = _ifmap_order(shape.n * len(columns), q, len(rows))
    return Plan(
        shape=shape,
        steps=shape.n * layer.f,
        filters=filters,
        channels=channels,
        mac_cycles=mac,
        other_cycles=other,
        pes=_pe_index(mapping, arch, shape, len(p), len(channels)),
        weight_groups=tuple(
            (i, _depth(len(q), shape.r, j, row), p[i] * q[j] * shape.s)
            for i in range(len(p))
            for j in range(len(q))
            for row in range(shape.r)
        ),
        streams=_streams(layer, shape, rows, len(p), len(q)),
        stream_channels=np.repeat(q, len(rows)),
        rows=tuple(rows),
        columns=tuple(columns),
        need=images + np.tile(need, shape.n),
        free=images + np.tile(free, shape.n),
        window=window_columns(layer, shape.s),
        ifmap_column=column,
        ifmap_stream=stream,
        ifmap_channel=channel,
        psum_order=_psum_order(filters),
    )


def _depth(sets: int, rows: int, channel_set: int, row: int) -> int:
    """Depth (0 = bottom) of filter row *row* of *channel_set*; set 0, row 0 is at the top."""
    return sets * rows - 1 - (channel_set * rows + row)


def _pe_index(mapping: Mapping, arch: Arch, shape: Shape, sets: int, depth: int) -> IntArray:
    tops = [mapping.tops[i][j] for i in range(sets) for j in range(shape.e)]
    if arch.array.placement == "pool":  # any PE takes any place: lanes are laid end to end
        return np.array([[top[1] + depth - 1 - d for top in tops] for d in range(depth)])
    return np.array(
        [[(top[0] + depth - 1 - d) * arch.array.cols + top[1] for top in tops] for d in range(depth)]
    )


def _streams(layer: Layer, shape: Shape, rows: list[int], p_sets: int, q_sets: int) -> IntArray:
    """Stream of the PE at (filter row i, ofmap row j): ifmap row j*U + i*dilation, its channel set's."""
    row_index = {row: k for k, row in enumerate(rows)}
    (stride, _), (dilation, _) = layer.stride, layer.dilation
    one_set = [
        [row_index[j * stride + i * dilation] for j in range(shape.e)] for i in reversed(range(shape.r))
    ]
    stack = np.concatenate([np.array(one_set) + k * len(rows) for k in reversed(range(q_sets))])
    return np.tile(stack, (1, p_sets))


def window_sequence(layer: Layer, taps: int) -> tuple[IntArray, IntArray]:
    """Columns of one image that step f needs arrived, and that are done with after it, for every f."""
    columns = layer.columns(range(layer.f), range(taps))
    index = {column: k for k, column in enumerate(columns)}
    stride, reach = layer.stride[1], layer.dilation[1] * (taps - 1)
    need = np.array([index[f * stride + reach] + 1 for f in range(layer.f)])
    free = np.array([index[f * stride] for f in range(1, layer.f)] + [len(columns)])
    return need, free


def window_columns(layer: Layer, taps: int) -> int:
    """Columns that a PE must hold at once for 1-D primitives of *taps* taps; S where taps are adjacent."""
    need, free = window_sequence(layer, taps)
    return int((need - np.concatenate(([0], free[:-1]))).max())


def _ifmap_order(columns: int, q: list[int], rows: int) -> tuple[IntArray, IntArray, IntArray]:
    """Consumption order: column outermost, then channel, then row (other orders can deadlock)."""
    slot = [
        (k * rows + row, c) for k, channels in enumerate(q) for c in range(channels) for row in range(rows)
    ]
    stream, channel = np.array(slot).T
    return np.repeat(np.arange(columns), len(slot)), np.tile(stream, columns), np.tile(channel, columns)


def _psum_order(filters: IntArray) -> tuple[tuple[int, int], ...]:
    """Psums of one step as they leave the adders: filter outermost, then lane.

    The order must not follow from widths or depths: only then can a wider bus never be slower.
    """
    return tuple(
        (lane, j) for j in range(int(filters.max())) for lane in range(len(filters)) if j < filters[lane]
    )


def work_of(plan: Plan, job: Pass, layer: Layer, arch: Arch, *, load: bool) -> Work:
    """What *job*, a pass of *plan*'s shape, asks of the machine, but for what DRAM gives it.

    *load* says that the pass before did not leave its weights.
    """
    n, m, c, e, _, r, s = plan.shape
    outs = n * m * e * layer.f
    weights = m * c * r * s if load else 0
    sums, deliveries = outs * plan.depth, n * len(plan.columns) * c * r * plan.lanes
    uses = arch.datapath.uses(amounts_of(plan, arch))
    return NOTHING._replace(
        macs=job.tile.macs,
        sums=sums,
        hops=outs * (plan.depth - 1),
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


def amounts_of(plan: Plan, arch: Arch) -> Amounts:
    """How much the PEs of a pass of *plan* have to do, if nothing is skipped or reused."""
    filters, window = plan.filters, plan.channels[:, None] * plan.shape.s
    issues = filters * -(-window // arch.datapath.lanes)
    words = int(window.sum()) * plan.lanes
    each = Amounts(int((filters * window).sum()), words, int(filters.sum()) * plan.depth, int(issues.sum()))
    return Amounts(*(plan.steps * amount for amount in each))
