"""The weights of a network in memory, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accelsim.values.quant.streams import FLOAT_BITS

if TYPE_CHECKING:
    import pandas as pd

BITS_PER_MB = 8e6


@dataclass(frozen=True)
class PublishedRate:
    """A published rate of compression: how many times smaller weights become."""

    rate: float
    source: str


_RATES = {
    "binary": PublishedRate(32, "Courbariaux et al., Binarized neural networks, 2016: 32 times smaller"),
    "xnor": PublishedRate(32, "Rastegari et al., XNOR-Net, ECCV 2016: 32 times less memory"),
    "twn": PublishedRate(16, "Li, Zhang, Liu, Ternary weight networks, 2016: up to 16 times"),
}
"""Rates by kind of quantiser, for the layers that it quantises."""


def published_rate(kind: str) -> PublishedRate | None:
    """The published rate of quantisers of *kind*; None if their paper states none."""
    return _RATES.get(kind)


@dataclass(frozen=True)
class LayerSize:
    """One layer, or some together: its weights, and the bits of their codes, tables and scales."""

    name: str
    weights: int
    bits: int
    by_exception: bool = False  # the first or the last layer, which the scheme excepts

    @property
    def rate(self) -> float:
        """How many times larger the weights are as 32-bit floats."""
        return FLOAT_BITS * self.weights / self.bits

    @property
    def bits_per_weight(self) -> float:
        """Mean bits of a weight, tables and scales included."""
        return self.bits / self.weights


@dataclass(frozen=True)
class NetworkSize:
    """All layers of a network under one scheme, and the rate that was published for it, if one was."""

    name: str
    layers: tuple[LayerSize, ...]
    published: PublishedRate | None = None

    @property
    def total(self) -> LayerSize:
        """All layers of the network together."""
        return _together(self.layers)

    @property
    def quantised(self) -> LayerSize:
        """The layers that the scheme itself quantises, without a first and a last one that it excepts."""
        return _together([layer for layer in self.layers if not layer.by_exception] or self.layers)


def _together(layers: Iterable[LayerSize]) -> LayerSize:
    found = tuple(layers)
    return LayerSize("total", sum(layer.weights for layer in found), sum(layer.bits for layer in found))


def size_frame(sizes: Iterable[NetworkSize]) -> pd.DataFrame:
    """A row for each of *sizes*: MB, bits per weight, and rates against 32-bit floats, ours and published.

    ``rate, its layers`` leaves out a first and a last layer that the scheme excepts.
    """
    import pandas as pd

    rows = {
        size.name: {
            "MB": size.total.bits / BITS_PER_MB,
            "bits per weight": size.total.bits_per_weight,
            "rate": size.total.rate,
            "rate, its layers": size.quantised.rate,
            "published rate": size.published.rate if size.published else None,
            "source": size.published.source if size.published else "",
        }
        for size in sizes
    }
    return pd.DataFrame.from_dict(rows, orient="index")
