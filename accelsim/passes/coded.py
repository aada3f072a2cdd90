"""Which words of a pass of 1-D primitives move, where PEs keep them coded: zeros do not, but for fillers.

Both engines run this description.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from accelsim.machine import Arch, SplitRF
from accelsim.mapping.nest import Pass
from accelsim.network.layer import BoolArray, IntArray, Layer, Tensor
from accelsim.passes.primitive import PrimitivePlan


def window_places(plan: PrimitivePlan, arch: Arch, *, coded: bool) -> IntArray:
    """BusWords of a PE's window, ``(streams,)``: all that it spans or, *coded*, as many as fit the spad."""
    whole = plan.stream_channels * plan.window
    if not coded:
        return whole
    assert isinstance(arch.rf, SplitRF), "words are coded in scratch pads of their own"
    return np.minimum(whole, 8 * arch.rf.ifmap_bytes // arch.entry_bits("ifmap"))


def carried_ifmap(plan: PrimitivePlan, job: Pass, layer: Layer, arch: Arch, ifmap: Tensor) -> BoolArray:
    """Which ifmap words of *job* the bus moves, ``(words,)`` in its order, of the padded ``(N, C, H, W)``.

    The column of a code is what one stream takes of one ifmap column: a word for each of its channels.
    """
    present = ifmap[ifmap_axes(plan, job, layer)] != 0
    coded = arch.sparsity.formats.ifmap.spad
    if coded is None:
        return np.ones_like(present)
    streams, channels = len(plan.stream_channels), int(plan.stream_channels.max())
    at = plan.ifmap_column * streams + plan.ifmap_stream, plan.ifmap_channel
    columns = np.zeros((int(at[0].max()) + 1, channels), bool)
    columns[at] = present
    carried: BoolArray = coded.entries(columns)[at]
    return carried


def ifmap_axes(plan: PrimitivePlan, job: Pass, layer: Layer) -> tuple[IntArray, ...]:
    """Where the words on the ifmap bus of *job* are: ``(N, C, padded H, padded W)``, ``(words,)`` each."""
    tile, stride, dilation = job.tile, layer.stride, layer.dilation
    image, x = np.divmod(plan.ifmap_column, len(plan.columns))
    channel_set, y = np.divmod(plan.ifmap_stream, len(plan.rows))
    first = tile.g.start * layer.group_c + tile.c.start
    widest = int(plan.stream_channels.max())  # all sets but the last have as many channels
    row = np.array(plan.rows)[y] + tile.e.start * stride[0] + tile.r.start * dilation[0]
    column = np.array(plan.columns)[x] + tile.f.start * stride[1] + tile.s.start * dilation[1]
    return tile.n.start + image, first + channel_set * widest + plan.ifmap_channel, row, column


def group_weights(plan: PrimitivePlan, job: Pass, layer: Layer, weight: Tensor) -> Iterator[Tensor]:
    """The weights of each group on the weight bus of *job*, in its order: ``(q, S, p)``, columns last."""
    tile, most, widest = job.tile, int(plan.filters.max()), int(plan.channels.max())
    for lane_set, depth, _ in plan.weight_groups:
        m = tile.g.start * layer.group_m + tile.m.start + lane_set * most
        c = tile.c.start + plan.channel_set(depth) * widest
        p, q = int(plan.filters[lane_set * plan.shape.e]), int(plan.channels[depth])
        row = tile.r.start + plan.filter_row(depth)
        box = weight[m : m + p, c : c + q, row, tile.s.start : tile.s.stop]
        yield box.transpose(1, 2, 0)


def carried_columns(plan: PrimitivePlan, stream: int, moving: BoolArray) -> BoolArray:
    """Which words of *stream* move, ``(columns, channels)``, of all that the ifmap bus has, ``(words,)``."""
    ours = plan.ifmap_stream == stream
    carried = np.ones((plan.shape.n * len(plan.columns), int(plan.stream_channels[stream])), bool)
    carried[plan.ifmap_column[ours], plan.ifmap_channel[ours]] = moving[ours]
    return carried


class FullestWindow(NamedTuple):
    """What the fullest PE has of its ifmap at once."""

    held: int  # words that a step needs
    places: int  # for them
    words: int  # that they would be if they were not coded


def fullest_window(
    plan: PrimitivePlan, job: Pass, layer: Layer, arch: Arch, ifmap: IntArray
) -> FullestWindow:
    """The window of *job*, a pass of *plan* whose words are coded, that exceeds its places most."""
    carried = carried_ifmap(plan, job, layer, arch, ifmap)
    columns = int(plan.ifmap_column.max()) + 1
    by_column = np.zeros((columns + 1, len(plan.stream_channels)), np.int64)
    np.add.at(by_column, (plan.ifmap_column + 1, plan.ifmap_stream), carried)
    until = by_column.cumsum(axis=0)
    freed = np.concatenate(([0], plan.free[:-1]))
    held = until[plan.need] - until[freed]  # (steps, streams)
    places = window_places(plan, arch, coded=True)
    worst = int((held - places).max(axis=0).argmax())
    words = int(plan.stream_channels[worst]) * plan.window
    return FullestWindow(int(held[:, worst].max()), int(places[worst]), words)
