"""Layers and their arithmetic, in the letters of the Eyeriss papers; no hardware in sight."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from accelsim.checks import at_least
from accelsim.errors import ConfigError

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Tensor = npt.NDArray[np.integer | np.floating]
"""An array of integers, or of floats where words are floats or values reals."""

Kind = Literal["conv", "fc", "gemm"]


def as_integers(tensor: Tensor) -> IntArray:
    """*tensor* of integers as int64, not copied if it is; floats raise TypeError."""
    return tensor.astype(np.int64, casting="safe", copy=False)


def as_reals(tensor: Tensor) -> FloatArray:
    """*tensor* as float64, not copied if it is."""
    return tensor.astype(np.float64, copy=False)


def conv_out(
    size: int, kernel: int, *, stride: int = 1, dilation: int = 1, pad: tuple[int, int] = (0, 0)
) -> int:
    """Output extent of a convolution along one axis, in pixels.

    Args:
        size: unpadded input extent (H or W), in pixels.
        kernel: filter extent (R or S), in taps.
        stride: step between windows, in pixels.
        dilation: distance between taps, in pixels.
        pad: zeros added before and after, in pixels.

    Raises:
        ConfigError: if the dilated kernel is larger than the padded input.

    Source:
        Chen, Emer, Sze, "Eyeriss", ISCA 2016: E = (H - R + U) / U, H already padded.

    >>> conv_out(227, 11, stride=4)   # AlexNet CONV1
    55
    """
    padded, reach = size + sum(pad), dilation * (kernel - 1) + 1
    if reach > padded:
        raise ConfigError(
            f"the filter must fit the padded ifmap: its extent is {reach}, the padded ifmap's {padded}"
        )
    return (padded - reach) // stride + 1


@dataclass(frozen=True)
class Layer:
    """One convolution: ``(N, C, H, W)`` ifmap, ``(M, C/G, R, S)`` weights, ``(N, M, E, F)`` ofmap.

    A fully connected layer is a convolution with H = R and W = S; a GEMM is a 1 x 1
    convolution over H rows (see :func:`gemm`). Extents are in words, strides in pixels.
    """

    name: str
    m: int
    c: int
    h: int
    w: int
    r: int
    s: int
    n: int = 1
    groups: int = 1
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    pad: tuple[int, int, int, int] = (0, 0, 0, 0)  # top, bottom, left, right
    kind: Kind = "conv"

    def __post_init__(self) -> None:
        at_least(1, n=self.n, m=self.m, c=self.c, h=self.h, w=self.w, r=self.r, s=self.s, groups=self.groups)
        at_least(1, stride=min(self.stride), dilation=min(self.dilation))
        at_least(0, pad=min(self.pad))
        for name in ("c", "m"):
            if getattr(self, name) % self.groups:
                raise ConfigError(
                    f"groups must divide {name} (got groups={self.groups}, {name}={getattr(self, name)})"
                )
        _ = self.e, self.f  # raises unless the filter fits

    @property
    def source(self) -> Layer:
        """The layer whose tensors this one computes on: itself, unless it is lowered."""
        return self

    @cached_property
    def e(self) -> int:
        """Rows of the ofmap (E)."""
        return conv_out(self.h, self.r, stride=self.stride[0], dilation=self.dilation[0], pad=self.pad[:2])

    @cached_property
    def f(self) -> int:
        """Columns of the ofmap (F)."""
        return conv_out(self.w, self.s, stride=self.stride[1], dilation=self.dilation[1], pad=self.pad[2:])

    @property
    def group_c(self) -> int:
        """Ifmap channels of one group (C/G)."""
        return self.c // self.groups

    @property
    def group_m(self) -> int:
        """Ofmap channels of one group (M/G)."""
        return self.m // self.groups

    @property
    def macs(self) -> int:
        """Algorithmic multiply-accumulates, pad zeros included (as the published figures count)."""
        return self.n * self.m * self.e * self.f * self.group_c * self.r * self.s

    @property
    def ifmap_shape(self) -> tuple[int, int, int, int]:
        """Shape of the unpadded ifmap, ``(N, C, H, W)``."""
        return (self.n, self.c, self.h, self.w)

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """Shape of the weights, ``(M, C/G, R, S)``."""
        return (self.m, self.group_c, self.r, self.s)

    @property
    def ofmap_shape(self) -> tuple[int, int, int, int]:
        """Shape of the ofmap, ``(N, M, E, F)``."""
        return (self.n, self.m, self.e, self.f)

    def rows(self, e: range, r: range) -> list[int]:
        """Padded ifmap rows that the windows of ofmap rows *e* under filter rows *r* touch, ascending."""
        return touched(e, r, self.stride[0], self.dilation[0])

    def columns(self, f: range, s: range) -> list[int]:
        """Padded ifmap columns that the windows of ofmap columns *f* under taps *s* touch, ascending."""
        return touched(f, s, self.stride[1], self.dilation[1])

    def is_pad_row(self, row: int) -> bool:
        """Whether padded row *row* is made of pad zeros."""
        return not self.pad[0] <= row < self.pad[0] + self.h

    def is_pad_column(self, column: int) -> bool:
        """Whether padded column *column* is made of pad zeros."""
        return not self.pad[2] <= column < self.pad[2] + self.w

    def padded(self, ifmap: Tensor) -> Tensor:
        """*ifmap* with its pad zeros: ``(N, C, H + top + bottom, W + left + right)``."""
        top, bottom, left, right = self.pad
        return np.pad(ifmap, ((0, 0), (0, 0), (top, bottom), (left, right)))

    def unpadded(self, ifmap: Tensor) -> Tensor:
        """The view ``(N, C, H, W)`` of a padded *ifmap* without its pad zeros."""
        top, _, left, _ = self.pad
        return ifmap[:, :, top : top + self.h, left : left + self.w]


@dataclass(frozen=True)
class Lowered(Layer):
    """A layer as one product: its R*S*C taps are channels, its N*E*F ofmap pixels are rows, in this order.

    What a systolic array sees: ``(M, C*R*S) @ (C*R*S, N*E*F)`` for every group. Only the loop bounds are
    those of the product; tensors and addresses stay the source's.
    """

    conv: Layer | None = None

    @property
    def source(self) -> Layer:
        """The convolution that was lowered, to which tensors and addresses belong."""
        assert self.conv is not None
        return self.conv

    def taps(self, c: range) -> tuple[IntArray, IntArray, IntArray]:
        """Channel within the group, filter row and tap of lowered channels *c*."""
        k = np.arange(c.start, c.stop)
        rest, s = np.divmod(k, self.source.s)
        channel, r = np.divmod(rest, self.source.r)
        return channel, r, s

    def pixels(self, e: range) -> tuple[IntArray, IntArray, IntArray]:
        """Image, ofmap row and ofmap column of lowered rows *e*."""
        x = np.arange(e.start, e.stop)
        rest, f = np.divmod(x, self.source.f)
        n, row = np.divmod(rest, self.source.e)
        return n, row, f


def lowered(layer: Layer) -> Lowered:
    """*layer* as one matrix product for each group."""
    return Lowered(
        layer.name,
        m=layer.m,
        c=layer.c * layer.r * layer.s,
        h=layer.n * layer.e * layer.f,
        w=1,
        r=1,
        s=1,
        groups=layer.groups,
        kind=layer.kind,
        conv=layer,
    )


def touched(out: range, taps: range, stride: int, dilation: int) -> list[int]:
    """Input positions of the windows of outputs *out* under *taps*, ascending, without repeats."""
    return sorted({o * stride + t * dilation for o in out for t in taps})


def fully_connected(name: str, *, m: int, c: int, h: int = 1, w: int = 1, n: int = 1) -> Layer:
    """A fully connected layer: a convolution whose filter covers the whole ``(C, H, W)`` ifmap."""
    return Layer(name, m=m, c=c, h=h, w=w, r=h, s=w, n=n, kind="fc")


def gemm(name: str, *, rows: int, inner: int, cols: int, groups: int = 1, n: int = 1) -> Layer:
    """*groups* products ``(rows, inner) @ (inner, cols)`` as one grouped 1 x 1 convolution.

    The left operand is the ifmap ``(N, groups*inner, rows, 1)``, the right one the weights
    ``(groups*cols, inner, 1, 1)``, the product the ofmap ``(N, groups*cols, rows, 1)``. A product of
    two activations (attention: groups = heads x batch) takes its weights from another layer.
    """
    return Layer(
        name, m=groups * cols, c=groups * inner, h=rows, w=1, r=1, s=1, n=n, groups=groups, kind="gemm"
    )
