"""How 1-D primitives lie on the array, and in which order every bus serves them."""

import numpy as np

from accelsim.machine import Arch
from accelsim.machine.control import control_of
from accelsim.mapping.nest import Dim, Level, Mapping, blocks
from accelsim.network.layer import IntArray, Layer
from accelsim.passes.primitive import PrimitivePlan
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


def is_primitive(mapping: Mapping) -> bool:
    """Whether the PEs of *mapping* run 1-D primitives: its loops on the array and in them are SPATIAL."""
    return [(loop.level, loop.dim) for loop in mapping.loops if loop.level not in ("dram", "glb")] == SPATIAL


def primitives(mapping: Mapping, arch: Arch, shape: Shape) -> PrimitivePlan:
    """The plan of every pass of *mapping*, whose PEs run 1-D primitives, that has *shape*.

    It puts filter rows and channel sets down the array, ofmap rows and filter sets across it.
    """
    layer = mapping.layer
    p = [len(part) for part in blocks(range(shape.m), mapping.step("cols", "m"))]
    q = [len(part) for part in blocks(range(shape.c), mapping.step("rows", "c"))]
    filters = np.repeat(p, shape.e)
    channels = np.repeat(q[::-1], shape.r)
    cycles = control_of(arch, values=False).mac_cycles(filters, channels[:, None], shape.s)
    mac, other, _ = np.broadcast_arrays(*cycles, filters * channels[:, None])  # a PE a place
    rows = layer.rows(range(shape.e), range(shape.r))
    columns = layer.columns(range(layer.f), range(shape.s))
    need, free = window_sequence(layer, shape.s)
    images = np.repeat(np.arange(shape.n) * len(columns), layer.f)
    column, stream, channel = _ifmap_order(shape.n * len(columns), q, len(rows))
    return PrimitivePlan(
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
