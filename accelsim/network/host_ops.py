"""What runs between layers, in numpy: exact integers or reals, out as they came in; no traffic, no time."""

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import reduce
from typing import Literal

import numpy as np

from accelsim.checks import at_least, description
from accelsim.errors import ConfigError
from accelsim.network.layer import Tensor, as_integers, as_reals
from accelsim.network.nodes import Extent, ImageShape, OneInput, pair, sides
from accelsim.network.rounding import check_requantise, divide_to_even, fitting_shift, requantise

SIX = 6.0
"""The limit of ReLU6. Source: Sandler et al., "MobileNetV2", CVPR 2018, section 4."""


@dataclass(frozen=True, kw_only=True)
class _Elementwise(OneInput):
    """One output value per input value."""

    def out_shape(self, shapes: Sequence[ImageShape]) -> ImageShape:
        """Shape ``(C, H, W)`` of the output: the input's."""
        return shapes[0]


@dataclass(frozen=True, kw_only=True)
class Relu(_Elementwise):
    """A rectifier: ``max(x, 0)``."""

    op: Literal["relu"] = "relu"


@dataclass(frozen=True, kw_only=True)
class Relu6(_Elementwise):
    """A clipped rectifier: ``min(max(x, 0), limit)``, *limit* in units of x (``6 * 2**frac`` in fixed point).

    Reals are clipped at 6 instead.
    """

    op: Literal["relu6"] = "relu6"
    limit: int

    def __post_init__(self) -> None:
        at_least(1, limit=self.limit)


@dataclass(frozen=True, kw_only=True)
class Lrn(_Elementwise):
    """Local response normalisation: not computed, and reported as left out; values pass unchanged."""

    op: Literal["lrn"] = "lrn"


@dataclass(frozen=True, kw_only=True)
class Requantise(_Elementwise):
    """Integers to signed *bits*, divided by ``2**shift``; without *shift*, the least at which they all fit.

    See :func:`~accelsim.network.rounding.requantise`. Reals pass unchanged: what reads them has a quantiser.
    """

    op: Literal["requantise"] = "requantise"
    bits: int
    shift: int | None = None

    def __post_init__(self) -> None:
        check_requantise(self.bits, self.shift or 0)


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
        """Kernel and stride, each (vertical, horizontal), and pad, (top, bottom, left, right); in pixels."""
        stride = self.kernel if self.stride is None else self.stride
        return pair("kernel", self.kernel), pair("stride", stride), sides(self.pad)

    def out_shape(self, shapes: Sequence[ImageShape]) -> ImageShape:
        """Shape ``(C, E, F)`` of the output."""
        c, h, w = shapes[0]
        (r, s), (uy, ux), pad = self.window()
        return c, self._out(h, r, uy, pad[:2]), self._out(w, s, ux, pad[2:])

    def _out(self, size: int, kernel: int, stride: int, pad: tuple[int, int]) -> int:
        span = size + sum(pad) - kernel
        out = (-(-span // stride) if self.ceil_mode else span // stride) + 1
        # As in PyTorch, a window that would begin in the padding at the end is dropped.
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
    """The mean pixel of each window, of integers rounded half to even; padding is not counted."""

    op: Literal["avg_pool"] = "avg_pool"


@description
class _Join:
    """Two inputs or more, by name."""

    _: KW_ONLY
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

    def out_shape(self, shapes: Sequence[ImageShape]) -> ImageShape:
        """Shape ``(C, H, W)`` of the output: that of every input."""
        if len(set(shapes)) > 1:
            raise ConfigError(f"inputs must have one shape (got {list(shapes)})")
        return shapes[0]


@dataclass(frozen=True, kw_only=True)
class Concat(_Join):
    """The channels of all inputs, in order."""

    op: Literal["concat"] = "concat"

    def out_shape(self, shapes: Sequence[ImageShape]) -> ImageShape:
        """Shape ``(sum of C, H, W)`` of the output."""
        if len({shape[1:] for shape in shapes}) > 1:
            raise ConfigError(f"inputs must share height and width (got {list(shapes)})")
        return (sum(shape[0] for shape in shapes), *shapes[0][1:])


Glue = Relu | Relu6 | Lrn | Requantise | MaxPool | AvgPool | Add | Concat
"""A node that runs on the host, between layers."""


def apply(node: Glue, inputs: Sequence[Tensor]) -> Tensor:
    """The output ``(N, C, H, W)`` of *node* for its *inputs*, each ``(N, C, H, W)`` int64 or float64."""
    x = inputs[0]
    match node:
        case Relu():
            return np.maximum(x, 0)
        case Relu6():
            return np.clip(x, 0, SIX if is_real(x) else node.limit)
        case Lrn():
            return x
        case Requantise() if is_real(x):
            return x
        case Requantise(bits=bits, shift=shift):
            words = as_integers(x)
            return requantise(words, fitting_shift(words, bits) if shift is None else shift, bits)
        case MaxPool():
            return max_pool(x, node)
        case AvgPool():
            return avg_pool(x, node)
        case Add():
            return reduce(np.add, inputs)
        case Concat():
            return np.concatenate(inputs, axis=1)


def is_real(x: Tensor) -> bool:
    """Whether *x* holds reals, not integers."""
    return x.dtype.kind == "f"


def max_pool(x: Tensor, pool: MaxPool) -> Tensor:
    """The largest pixel of each window: ``(N, C, H, W)`` to ``(N, C, E, F)``."""
    lowest = -np.inf if is_real(x) else np.iinfo(np.int64).min  # padding must never win
    return reduce(np.maximum, _taps(x, pool, fill=lowest))


def avg_pool(x: Tensor, pool: AvgPool) -> Tensor:
    """The mean of each window without padding, ``(N, C, E, F)``; integers are rounded half to even."""
    pixels = np.ones((1, 1, *x.shape[2:]), np.int64)
    total, count = reduce(np.add, _taps(x, pool)), reduce(np.add, _taps(pixels, pool))
    return as_reals(total) / count if is_real(x) else divide_to_even(as_integers(total), as_integers(count))


def _taps(x: Tensor, pool: _Pool, fill: float = 0) -> Iterator[Tensor]:
    (r, s), (uy, ux), (top, _, left, _) = pool.window()
    n, c, h, w = x.shape
    _, e, f = pool.out_shape([(c, h, w)])
    tall, wide = uy * (e - 1) + 1, ux * (f - 1) + 1
    padded = np.full((n, c, max(tall + r, top + h), max(wide + s, left + w)), fill, x.dtype)
    padded[:, :, top : top + h, left : left + w] = x
    for i in range(r):
        for j in range(s):
            yield padded[:, :, i : i + tall : uy, j : j + wide : ux]
