"""The nodes of a network that run on the accelerator, each as one layer."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, Literal

from accelsim.checks import STRICT, at_least, description
from accelsim.errors import ConfigError
from accelsim.network.layer import Layer, Tensor, fully_connected, gemm

ImageShape = tuple[int, int, int]
"""``(C, H, W)`` of one image."""

Extent = int | tuple[int, ...]
"""One number for both axes, or ``[vertical, horizontal]``."""

Activation = Literal["none", "relu", "relu6"]


def pair(name: str, value: Extent) -> tuple[int, int]:
    """*value* per axis, ``(vertical, horizontal)``.

    Raises:
        ConfigError: if it is neither one number nor two, or a number is below 1.
    """
    both = (value, value) if isinstance(value, int) else value
    if len(both) != 2:
        raise ConfigError(f"{name} must be one number or [vertical, horizontal] (got {list(both)})")
    at_least(1, **{name: min(both)})
    return both[0], both[1]


def sides(value: Extent) -> tuple[int, int, int, int]:
    """Padding *value* per side, ``(top, bottom, left, right)``.

    Raises:
        ConfigError: if it is not one, two or four numbers, or a number is below 0.
    """
    given = (value,) * 4 if isinstance(value, int) else value
    if len(given) == 2:
        given = (given[0], given[0], given[1], given[1])
    if len(given) != 4:
        raise ConfigError(
            "pad must be one number, [vertical, horizontal] or [top, bottom, left, right]"
            f" (got {list(given)})"
        )
    at_least(0, pad=min(given))
    return given[0], given[1], given[2], given[3]


@description
class OneInput:
    """A node that reads one other: *input*, an earlier node or ``input``; left out, the node before."""

    _: KW_ONLY
    name: str
    input: str | None = None

    def sources(self, before: str) -> tuple[str, ...]:
        """Names of the inputs, given the name of the node *before*."""
        return (before if self.input is None else self.input,)


@dataclass(frozen=True, kw_only=True)
class Conv(OneInput):
    """A convolution of *m* filters; ``groups: depthwise`` makes every ifmap channel its own group."""

    op: Literal["conv"] = "conv"
    m: int
    kernel: Extent
    stride: Extent = 1
    pad: Extent = 0
    dilation: Extent = 1
    groups: int | Literal["depthwise"] = 1
    activation: Activation = "none"

    def __post_init__(self) -> None:
        at_least(1, m=self.m)
        for name in ("kernel", "stride", "dilation"):
            pair(name, getattr(self, name))
        sides(self.pad)
        if self.groups != "depthwise":
            at_least(1, groups=self.groups)

    def layer(self, shapes: Sequence[ImageShape], n: int) -> Layer:
        """The layer for *n* images of shape ``shapes[0]``."""
        c, h, w = shapes[0]
        r, s = pair("kernel", self.kernel)
        return Layer(
            self.name,
            n=n,
            m=self.m,
            c=c,
            h=h,
            w=w,
            r=r,
            s=s,
            groups=c if self.groups == "depthwise" else self.groups,
            stride=pair("stride", self.stride),
            dilation=pair("dilation", self.dilation),
            pad=sides(self.pad),
        )


@dataclass(frozen=True, kw_only=True)
class TransposedConv(OneInput):
    """Refused, by its name: a file may have one with any keys, and the error says what is not supported."""

    __pydantic_config__: ClassVar = {**STRICT, "extra": "ignore"}
    activation: ClassVar[Activation] = "none"
    op: Literal["transposed_conv"] = "transposed_conv"
    name: str = ""

    def __post_init__(self) -> None:
        self.layer((), 1)

    def layer(self, shapes: Sequence[ImageShape], n: int) -> Layer:
        """Raise ConfigError: there is no such layer."""
        raise ConfigError(f"transposed convolution is not supported (got node '{self.name}')")


@dataclass(frozen=True, kw_only=True)
class FC(OneInput):
    """A fully connected layer of *m* outputs over the whole ``(C, H, W)`` input; gives ``(m, 1, 1)``."""

    op: Literal["fc"] = "fc"
    m: int
    activation: Activation = "none"

    def __post_init__(self) -> None:
        at_least(1, m=self.m)

    def layer(self, shapes: Sequence[ImageShape], n: int) -> Layer:
        """The layer for *n* images of shape ``shapes[0]``."""
        c, h, w = shapes[0]
        return fully_connected(self.name, m=self.m, c=c, h=h, w=w, n=n)


@description
class Gemm:
    """*groups* matrix products (heads), by weights or of two activations.

    An activation ``(N, G*X, H, W)`` is, per image and group, the matrix of ``H*W`` rows and
    ``X`` columns. The first input is the left operand, rows x inner. With one input (left
    out: the node before) the right operand is inner x *cols* weights, the same for every image;
    with two it is the second input, inner x cols, or cols x inner where *transpose* is set
    (``a @ b.T``, as query by key). Gives ``(N, G*cols, rows, 1)``.
    """

    _: KW_ONLY
    op: Literal["gemm"] = "gemm"
    name: str
    inputs: tuple[str, ...] = ()
    cols: int | None = None
    groups: int = 1
    transpose: bool = False
    activation: Activation = "none"

    def __post_init__(self) -> None:
        at_least(1, groups=self.groups)
        if len(self.inputs) > 2:
            raise ConfigError(f"inputs must name one or two activations (got {list(self.inputs)})")
        if self.of_activations:
            if self.cols is not None:
                raise ConfigError(f"cols must be left out of a product of two activations (got {self.cols})")
        elif self.cols is None:
            raise ConfigError("cols must be given where the right operand is weights (got none)")
        elif self.transpose:
            raise ConfigError("transpose must be left out where the right operand is weights (got true)")
        else:
            at_least(1, cols=self.cols)

    @property
    def of_activations(self) -> bool:
        """Whether the right operand is an activation too: no weights of its own."""
        return len(self.inputs) == 2

    def sources(self, before: str) -> tuple[str, ...]:
        """Names of the inputs, given the name of the node *before*."""
        return self.inputs or (before,)

    def layer(self, shapes: Sequence[ImageShape], n: int) -> Layer:
        """The layer for *n* images; a product of activations has groups = heads x *n* and a batch of 1."""
        c, h, w = shapes[0]
        if c % self.groups:
            raise ConfigError(f"groups must divide c (got groups={self.groups}, c={c})")
        inner, rows = c // self.groups, h * w
        if self.cols is not None:
            return gemm(self.name, rows=rows, inner=inner, cols=self.cols, groups=self.groups, n=n)
        cols = self._right_cols(inner, shapes[1])
        return gemm(self.name, rows=rows, inner=inner, cols=cols, groups=self.groups * n)

    def _right_cols(self, inner: int, shape: ImageShape) -> int:
        c, rows = shape[0], shape[1] * shape[2]
        if c % self.groups:
            raise ConfigError(f"groups must divide c of both inputs (got groups={self.groups}, c={c})")
        right, cols = (c // self.groups, rows) if self.transpose else (rows, c // self.groups)
        if right != inner:
            raise ConfigError(f"the operands must share their inner extent (got {inner} and {right})")
        return cols

    def right_operand(self, layer: Layer, b: Tensor) -> Tensor:
        """Activation *b* ``(N, C, H, W)`` as the weights ``(N*G*cols, inner, 1, 1)`` of *layer*, exactly.

        Weight row ``(n*G + g)*cols + j`` is column j of the right matrix of image n, group g. Without
        *transpose* that is channel ``g*cols + j`` of *b*: a reshape. With it, it is pixel j of channels
        ``g*inner`` to ``(g+1)*inner - 1``: one swap of axes within each group.
        """
        if self.transpose:
            b = b.reshape(layer.groups, layer.group_c, layer.group_m).swapaxes(1, 2)
        return b.reshape(layer.weight_shape)


Compute = Conv | FC | Gemm | TransposedConv
"""A node that runs on the accelerator, as one layer."""


def has_weights(node: Compute) -> bool:
    """Whether *node* has weights of its own: all but a product of two activations."""
    return not (isinstance(node, Gemm) and node.of_activations)


def operands(
    node: Compute, layer: Layer, inputs: Sequence[Tensor], weight: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The ifmap and weights of *layer*, shaped as it says, from the activations that feed *node*.

    Args:
        node: the node that *layer* came from.
        layer: its layer, for the batch of *inputs*.
        inputs: ``(N, C, H, W)`` activations, in the order of the node's sources.
        weight: the node's own weights; none for a product of two activations.

    The way back needs no function: the ofmap is reshaped to the node's ``(N, C, H, W)``.
    """
    if isinstance(node, Gemm) and node.of_activations:
        weight = node.right_operand(layer, inputs[1])
    if weight is None:
        raise ConfigError(f"node '{node.name}': weights must be given (got none)")
    return inputs[0].reshape(layer.ifmap_shape), weight.reshape(layer.weight_shape)
