"""Rates of compression as published, against weights of 32-bit floats."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedRate:
    """How many times smaller weights become."""

    rate: float
    source: str


_RATES = {
    "binary": PublishedRate(32, "Courbariaux et al., Binarized neural networks, 2016: 32 times smaller"),
    "xnor": PublishedRate(32, "Rastegari et al., XNOR-Net, ECCV 2016: 32 times less memory"),
    "twn": PublishedRate(16, "Li, Zhang, Liu, Ternary weight networks, 2016: up to 16 times"),
}
"""By kind of quantiser: of the layers that it quantises."""


def published_rate(kind: str) -> PublishedRate | None:
    """The rate of the quantiser *kind*; none if its paper states none."""
    return _RATES.get(kind)
