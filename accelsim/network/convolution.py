"""The plain convolution in numpy, with which engines are compared; they never call it."""

import numpy as np

from accelsim.network.layer import IntArray, Layer


def reference_ofmap(layer: Layer, ifmap: IntArray, weight: IntArray) -> IntArray:
    """The plain convolution of *layer* in exact int64, ``(N, M, E, F)``.

    Args:
        layer: the shape.
        ifmap: ``(N, C, H, W)`` integers.
        weight: ``(M, C/G, R, S)`` integers.
    """
    x = layer.padded(ifmap).astype(np.int64)
    w = weight.astype(np.int64)
    (uy, ux), (dy, dx) = layer.stride, layer.dilation
    out = np.zeros(layer.ofmap_shape, np.int64)
    for g in range(layer.groups):
        m = slice(g * layer.group_m, (g + 1) * layer.group_m)
        c = slice(g * layer.group_c, (g + 1) * layer.group_c)
        for i in range(layer.r):
            for j in range(layer.s):
                rows = slice(i * dy, i * dy + uy * (layer.e - 1) + 1, uy)
                cols = slice(j * dx, j * dx + ux * (layer.f - 1) + 1, ux)
                out[:, m] += np.einsum("ncef,mc->nmef", x[:, c, rows, cols], w[m, :, i, j])
    return out
