"""The values of a box as matrices: ifmap values under every tap, weights of every filter."""

import numpy as np

from accelsim.mapping.nest import Tile
from accelsim.network.layer import Layer, Lowered, Tensor


def box_of(psums: Tensor, box: Tile, m: range) -> Tensor:
    """The psums of *box* and filters *m*, to be added to in place: ``(m, n, e, f)``."""
    images, rows, columns = (slice(part.start, part.stop) for part in (box.n, box.e, box.f))
    return psums[box.g.start, m.start : m.stop, images, rows, columns]


def windows_of(layer: Layer, x: Tensor, box: Tile) -> Tensor:
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


def gathered(layer: Lowered, x: Tensor, box: Tile) -> Tensor:
    """What lies under each tap of *box* of a lowered layer, pixel by pixel: ``(taps, pixels)``."""
    conv = layer.source
    (channel, r, s), (n, e, f) = layer.taps(box.c), layer.pixels(box.e)
    channel = channel + box.g.start * conv.group_c
    y = e * conv.stride[0] + (r * conv.dilation[0])[:, None]
    windows: Tensor = x[n, channel[:, None], y, f * conv.stride[1] + (s * conv.dilation[1])[:, None]]
    return windows


def filters_of(layer: Layer, w: Tensor, box: Tile, m: range) -> Tensor:
    """The weights of filters *m* in *box*: ``(m, c*r*s)``."""
    first = box.g.start * layer.group_m
    part = w[
        first + m.start : first + m.stop,
        box.c.start : box.c.stop,
        box.r.start : box.r.stop,
        box.s.start : box.s.stop,
    ]
    return part.reshape(len(m), -1)
