"""Where the words of a primitive pass are in the layer's tensors: from a plan's places to addresses; pure."""

from typing import NamedTuple

from accelsim.mapping.footprint import Address
from accelsim.network.layer import Layer
from accelsim.passes.primitive import PrimitivePlan
from accelsim.program.jobs import Job, Program


class Step(NamedTuple):
    """One ofmap column of one image: what a PE needs for it and what it can forget after it."""

    need: int  # columns that must have come
    free: int  # columns that are done with afterwards
    taps: tuple[int, ...]  # columns under the taps


def steps_of(plan: PrimitivePlan, layer: Layer) -> list[Step]:
    """The steps of a pass of *plan*, the same for all its PEs."""
    (_, stride), (_, dilation) = layer.stride, layer.dilation
    index = {column: k for k, column in enumerate(plan.columns)}

    def taps(step: int) -> tuple[int, ...]:
        image, f = divmod(step, layer.f)
        first = image * len(plan.columns)
        return tuple(first + index[f * stride + tap * dilation] for tap in range(plan.shape.s))

    return [Step(int(plan.need[k]), int(plan.free[k]), taps(k)) for k in range(plan.steps)]


class Addresses:
    """The addresses of one pass of *plan*; lane = filter set x e + ofmap row, depth 0 at the bottom."""

    def __init__(self, program: Program, job: Job, plan: PrimitivePlan) -> None:
        self._plan = plan
        self._layer, self._tile, tile = program.layer, job.work.tile, job.work.tile
        self._set_m = program.mapping.step("cols", "m")
        self._set_c = program.mapping.step("rows", "c")
        self._first_m = tile.g.start * program.layer.group_m + tile.m.start
        self._generated = program.arch.padding == "generated"

    def weight(self, lane_set: int, depth: int, place: tuple[int, int, int]) -> Address:
        """Weight at *place* (filter, channel, tap) of the PEs of *lane_set* at *depth*."""
        tile, (j, c, tap) = self._tile, place
        m = self._first_m + lane_set * self._set_m + j
        channel = tile.c.start + self._plan.channel_set(depth) * self._set_c + c
        return m, channel, tile.r.start + self._plan.filter_row(depth), tile.s.start + tap

    def ifmap(self, column: int, stream: int, channel: int) -> Address | None:
        """Word of *stream*, None if the bus makes it; the channel counts within its channel set."""
        layer, tile = self._layer, self._tile
        (stride_h, stride_w), (dilation_h, dilation_w) = layer.stride, layer.dilation
        image, x = divmod(column, len(self._plan.columns))
        channel_set, y = divmod(stream, len(self._plan.rows))
        c = tile.g.start * layer.group_c + tile.c.start + channel_set * self._set_c + channel
        row = self._plan.rows[y] + tile.e.start * stride_h + tile.r.start * dilation_h
        pixel = self._plan.columns[x] + tile.f.start * stride_w + tile.s.start * dilation_w
        if self._generated and (layer.is_pad_row(row) or layer.is_pad_column(pixel)):
            return None
        return tile.n.start + image, c, row, pixel

    def psum(self, step: int, lane: int, j: int) -> Address:
        """Psum of filter *j* of *lane* at *step*."""
        tile = self._tile
        lane_set, e = divmod(lane, self._plan.shape.e)
        image, f = divmod(step, self._layer.f)
        m = self._first_m + lane_set * self._set_m + j
        return tile.n.start + image, m, tile.e.start + e, tile.f.start + f
