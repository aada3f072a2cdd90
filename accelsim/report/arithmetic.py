"""Columns of what a layer computes with, and of what became of its MACs."""

from collections.abc import Callable, Iterator
from functools import partial

from accelsim.report.columns import Declared
from accelsim.report.units import number
from accelsim.run.result import LayerResult, Result

_KIB = 8 * 1024
"""Bits in a KiB."""

_SPARED = ("gated", "skipped", "reused")
"""What can become of a MAC that is not made as usual, by action."""


def schemes(result: Result) -> Iterator[Declared[LayerResult]]:
    """How layers are quantised, if they are, and what their weights take."""
    if all(layer.scheme is None for layer in result.layers):
        return
    yield "scheme", "", lambda layer: layer.scheme or ""
    yield "weights", "KiB", lambda layer: number((layer.weight_bits or 0) / _KIB)


def macs(factor: int) -> Iterator[Declared[LayerResult]]:
    """Algorithmic MACs, which are those done, gated, skipped and reused; on top MACs with a filler."""

    def column(head: str, count: Callable[[LayerResult], int]) -> Declared[LayerResult]:
        return head, "", lambda layer: number(count(layer) / factor)

    yield column("algorithmic", lambda layer: layer.macs)
    yield column("done", lambda layer: layer.macs - sum(_spared(layer, action) for action in _SPARED))
    yield from (column(action, partial(_spared, action=action)) for action in _SPARED)
    yield column("with fillers", _with_fillers)


def any_spared(layer: LayerResult) -> bool:
    """Whether any MAC of *layer* was not made as usual."""
    return any(_spared(layer, action) for action in _SPARED) or _with_fillers(layer) > 0


def _spared(layer: LayerResult, action: str) -> int:
    return int(layer.actions[f"mac.{action}:psum"])


def _with_fillers(layer: LayerResult) -> int:
    return sum(int(n) for name, n in layer.actions.items() if name.startswith("mac.overhead"))
