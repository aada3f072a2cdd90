"""What runs between layers, in numpy: exact integers in, exact integers out; no traffic, no time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar, Literal

import numpy as np

from accelsim.checks import STRICT, at_least
from accelsim.errors import ConfigError
from accelsim.nodes import Extent, OneInput, Shape, pair, sides
from accelsim.workload import IntArray

MAX_SHIFT = 62  # bits; the largest power of two that int64 holds as a divisor


@dataclass(frozen=True, kw_only=True)
class _Elementwise(OneInput):
    """One output value per input value."""

    def out_shape(self, shapes: Sequence[Shape]) -> Shape:
        """That of the input."""
        return shapes[0]


@dataclass(frozen=True, kw_only=True)
class Relu(_Elementwise):
    """``max(x, 0)``."""

    op: Literal["relu"] = "relu"


@dataclass(frozen=True, kw_only=True)
class Relu6(_Elementwise):
    """``min(max(x, 0), limit)``; *limit* in units of x (``6 * 2**frac`` in fixed point), has no default."""

    op: Literal["relu6"] = "relu6"
    limit: int

    def __post_init__(self) -> None:
        at_least(1, limit=self.limit)


@dataclass(frozen=True, kw_only=True)
class Lrn(_Elementwise):
    """Local response normalisation, left out and stated: the values pass unchanged."""

    op: Literal["lrn"] = "lrn"


@dataclass(frozen=True, kw_only=True)
class Requantise(_Elementwise):
    """:func:`requantise` to *bits*; without *shift*, the least at which no value saturates."""

    op: Literal["requantise"] = "requantise"
    bits: int
    shift: int | None = None

    def __post_init__(self) -> None:
        _check_requantise(self.bits, self.shift or 0)


@dataclass(frozen=True, kw_only=True)
class _Pool(OneInput):
    """A window per channel; *stride* left out is the kernel.

    With *ceil_mode* a last window may hang over the end, if it begins before the pixels end.
    """

    kernel: Extent
    stride: Extent | None = None
    pad: Extent = 0
    ceil_mode: bool = False

    def __post_init__(self) -> None:
        (r, s), _, (top, bottom, left, right) = self.window()
        if max(top, bottom) >= r or max(left, right) >= s:
            raise ConfigError(f"pad must be smaller than the kernel (got {self.pad}, {self.kernel})")

    def window(self) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int, int, int]]:
        """Kernel and stride per axis, pad per side."""
        stride = self.kernel if self.stride is None else self.stride
        return pair("kernel", self.kernel), pair("stride", stride), sides(self.pad)

    def out_shape(self, shapes: Sequence[Shape]) -> Shape:
        """``(C, E, F)``."""
        c, h, w = shapes[0]
        (r, s), (uy, ux), pad = self.window()
        return c, self._out(h, r, uy, pad[:2]), self._out(w, s, ux, pad[2:])

    def _out(self, size: int, kernel: int, stride: int, pad: tuple[int, int]) -> int:
        span = size + sum(pad) - kernel
        out = (-(-span // stride) if self.ceil_mode else span // stride) + 1
        if self.ceil_mode and (out - 1) * stride >= size + pad[0]:
            out -= 1
        if out < 1:
            raise ConfigError(f"the window must fit the padded input (got {kernel} over {size + sum(pad)})")
        return out


@dataclass(frozen=True, kw_only=True)
class MaxPool(_Pool):
    """The largest pixel of each window; padding never wins."""

    op: Literal["max_pool"] = "max_pool"


@dataclass(frozen=True, kw_only=True)
class AvgPool(_Pool):
    """The mean pixel of each window, rounded half to even; padding is not counted."""

    op: Literal["avg_pool"] = "avg_pool"


@dataclass(frozen=True, kw_only=True)
class _Join:
    """Two inputs or more, by name."""

    __pydantic_config__: ClassVar = STRICT
    name: str
    inputs: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.inputs) < 2:
            raise ConfigError(f"inputs must name at least two nodes (got {list(self.inputs)})")

    def sources(self, before: str) -> tuple[str, ...]:
        """Names of the inputs; the node *before* is never implied."""
        return self.inputs


@dataclass(frozen=True, kw_only=True)
class Add(_Join):
    """The sum of inputs of one shape."""

    op: Literal["add"] = "add"

    def out_shape(self, shapes: Sequence[Shape]) -> Shape:
        """That of every input."""
        if len(set(shapes)) > 1:
            raise ConfigError(f"inputs must have one shape (got {list(shapes)})")
        return shapes[0]


@dataclass(frozen=True, kw_only=True)
class Concat(_Join):
    """The channels of all inputs, in order."""

    op: Literal["concat"] = "concat"

    def out_shape(self, shapes: Sequence[Shape]) -> Shape:
        """``(sum of C, H, W)``."""
        if len({shape[1:] for shape in shapes}) > 1:
            raise ConfigError(f"inputs must share height and width (got {list(shapes)})")
        return (sum(shape[0] for shape in shapes), *shapes[0][1:])


Glue = Relu | Relu6 | Lrn | Requantise | MaxPool | AvgPool | Add | Concat
"""A node that runs beside the accelerator."""


def apply(node: Glue, inputs: Sequence[IntArray]) -> IntArray:
    """The output ``(N, C, H, W)`` of *node* for its *inputs*, each ``(N, C, H, W)`` int64."""
    x = inputs[0]
    match node:
        case Relu():
            return np.maximum(x, 0)
        case Relu6():
            return np.clip(x, 0, node.limit)
        case Lrn():
            return x
        case Requantise():
            shift = fitting_shift(x, node.bits) if node.shift is None else node.shift
            return requantise(x, shift, node.bits)
        case MaxPool():
            return max_pool(x, node)
        case AvgPool():
            return avg_pool(x, node)
        case Add():
            return reduce(np.add, inputs)
        case Concat():
            return np.concatenate(inputs, axis=1)


def max_pool(x: IntArray, pool: MaxPool) -> IntArray:
    """``(N, C, E, F)`` maxima of ``(N, C, H, W)``."""
    return reduce(np.maximum, _taps(x, pool, fill=np.iinfo(np.int64).min))


def avg_pool(x: IntArray, pool: AvgPool) -> IntArray:
    """``(N, C, E, F)`` means of ``(N, C, H, W)``, rounded half to even, over real pixels alone."""
    pixels = np.ones((1, 1, *x.shape[2:]), np.int64)
    return divide_to_even(reduce(np.add, _taps(x, pool)), reduce(np.add, _taps(pixels, pool)))


def _taps(x: IntArray, pool: _Pool, fill: int = 0) -> Iterator[IntArray]:
    (r, s), (uy, ux), (top, _, left, _) = pool.window()
    n, c, h, w = x.shape
    _, e, f = pool.out_shape([(c, h, w)])
    tall, wide = uy * (e - 1) + 1, ux * (f - 1) + 1
    padded = np.full((n, c, max(tall + r, top + h), max(wide + s, left + w)), fill, np.int64)
    padded[:, :, top : top + h, left : left + w] = x
    for i in range(r):
        for j in range(s):
            yield padded[:, :, i : i + tall : uy, j : j + wide : ux]


def requantise(x: IntArray, shift: int, bits: int) -> IntArray:
    """``x * 2**-shift`` rounded half to even, saturated to signed *bits*; exact, no float on the way.

    Raises:
        ConfigError: if *shift* is not in 0..62 or *bits* not in 2..62.
    """
    _check_requantise(bits, shift)
    top = 1 << (bits - 1)
    if shift:
        half, quotient = 1 << (shift - 1), x >> shift
        rest = x & (2 * half - 1)
        x = quotient + (rest + (quotient & 1) > half)  # a tie rounds up only from an odd quotient
    return np.clip(x, -top, top - 1)


def fitting_shift(x: IntArray, bits: int) -> int:
    """The least shift at which :func:`requantise` saturates no value of *x*, in bits."""
    top = 1 << (bits - 1)
    ends = np.array([x.min(initial=0), x.max(initial=0)], np.int64)
    for shift in range(MAX_SHIFT):
        low, high = divide_to_even(ends, 1 << shift)
        if -top <= low and high < top:
            return shift
    return MAX_SHIFT


def divide_to_even(total: IntArray, count: IntArray | int) -> IntArray:
    """``total / count`` rounded half to even in exact integers; *count* in 1..2**62."""
    quotient, rest = np.divmod(total, count)
    up = (rest > count - rest) | ((rest == count - rest) & (quotient % 2 == 1))
    return np.asarray(quotient + up, np.int64)


def _check_requantise(bits: int, shift: int) -> None:
    for name, value, low in (("bits", bits, 2), ("shift", shift, 0)):
        if not low <= value <= MAX_SHIFT:
            raise ConfigError(f"{name} must be in {low}..{MAX_SHIFT} (got {value})")
