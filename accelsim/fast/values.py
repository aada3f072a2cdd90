"""The ofmap, put together pass by pass: matrix products of the boxes, added where the mapping says."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

from accelsim.arch import Arch
from accelsim.datapath import accumulated
from accelsim.mapping import Pass, Tile
from accelsim.workload import IntArray, Layer, Lowered

Values = npt.NDArray[Any]  # float64 where BLAS sums are exact, else int64


def assemble(
    layer: Layer, passes: Iterable[Pass], arch: Arch, ifmap: IntArray, weight: IntArray
) -> tuple[IntArray, int]:
    """Every pass adds its partial sums to its box of the ofmap; nothing else is added.

    Args:
        layer: the shape.
        passes: in any order; passes of one ifmap box that follow each other share its windows.
        arch: for the accumulator's width and what it does on overflow.
        ifmap: ``(N, C, H, W)`` with its padding.
        weight: ``(M, C/G, R, S)``.

    Returns:
        The psums ``(N, M, E, F)``, and the number of MACs whose ifmap value is zero.

    Raises:
        SimulationError: if a psum that leaves the array overflows the accumulator.
    """
    conv = layer.source
    bound = max_abs(ifmap) * max_abs(weight) * conv.group_c * conv.r * conv.s
    exact = np.float64 if bound < 2**53 else np.int64 if bound < 2**63 else object  # BLAS where it is exact
    x, w = ifmap.astype(exact), weight.reshape(layer.weight_shape).astype(exact)
    psums = np.zeros((layer.groups, layer.group_m, layer.n, layer.e, layer.f), exact)
    limit = 1 << (arch.accumulator_bits - 1)
    gated, zeros = 0, 0
    with _blas().limit(limits=1, user_api="blas"):  # threads would only wait
        for box, sharing in groupby(passes, key=lambda p: _ifmap_box(p.tile)):
            windows = _windows(layer, x, box)
            zeros = windows.size - int(np.count_nonzero(windows))
            for m in _runs([p.tile.m for p in sharing]):
                gated += zeros * len(m)
                target = _box_of(psums, box, m)
                target += (_filters(layer, w, box, m) @ windows).reshape(target.shape)
                if bound >= limit:
                    target[...] = accumulated(target, arch.accumulator_bits, arch.overflow)
    ofmap = psums.reshape(conv.m, conv.n, conv.e, conv.f).transpose(1, 0, 2, 3)
    return ofmap.astype(np.int64, order="C"), gated


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    """What holds numpy's BLAS to one thread; finding the library takes longer than a small layer."""
    return ThreadpoolController()


def max_abs(values: IntArray) -> int:
    """The largest magnitude in *values*."""
    return max(int(values.max()), -int(values.min()))


def _ifmap_box(tile: Tile) -> Tile:
    return tile._replace(m=range(0))


def _runs(tiles: list[range]) -> list[range]:
    """*tiles* with those that continue each other joined."""
    runs: list[range] = []
    for m in tiles:
        if runs and runs[-1].stop == m.start:
            runs[-1] = range(runs[-1].start, m.stop)
        else:
            runs.append(m)
    return runs


def _box_of(psums: Values, box: Tile, m: range) -> Values:
    """The psums of *box* and filters *m*, to be added to in place: ``(m, n, e, f)``."""
    images, rows, columns = (slice(part.start, part.stop) for part in (box.n, box.e, box.f))
    return psums[box.g.start, m.start : m.stop, images, rows, columns]


def _windows(layer: Layer, x: Values, box: Tile) -> Values:
    """The ifmap values under every tap: ``(c*r*s, n*e*f)``."""
    if isinstance(layer, Lowered):
        return gathered(layer, x, box)
    (uy, ux), (dy, dx) = layer.stride, layer.dilation
    first = box.g.start * layer.group_c + box.c.start
    origin = x[
        box.n.start :,
        first:,
        box.e.start * uy + box.r.start * dy :,
        box.f.start * ux + box.s.start * dx :,
    ]
    sn, sc, sy, sx = origin.strides
    view = np.lib.stride_tricks.as_strided(
        origin,
        (len(box.c), len(box.r), len(box.s), len(box.n), len(box.e), len(box.f)),
        (sc, sy * dy, sx * dx, sn, sy * uy, sx * ux),
        writeable=False,
    )
    return view.reshape(len(box.c) * len(box.r) * len(box.s), -1)


def gathered(layer: Lowered, x: Values, box: Tile) -> Values:
    """The same of a lowered layer: ``(taps, pixels)``."""
    conv = layer.source
    (channel, r, s), (n, e, f) = layer.taps(box.c), layer.pixels(box.e)
    channel = channel + box.g.start * conv.group_c
    y = e * conv.stride[0] + (r * conv.dilation[0])[:, None]
    windows: Values = x[n, channel[:, None], y, f * conv.stride[1] + (s * conv.dilation[1])[:, None]]
    return windows


def _filters(layer: Layer, w: Values, box: Tile, m: range) -> Values:
    """The weights of filters *m* in *box*: ``(m, c*r*s)``."""
    first = box.g.start * layer.group_m
    part = w[
        first + m.start : first + m.stop,
        box.c.start : box.c.stop,
        box.r.start : box.r.stop,
        box.s.start : box.s.stop,
    ]
    return part.reshape(len(m), -1)
