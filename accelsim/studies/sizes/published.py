"""Rates of compression as published, against weights of 32-bit floats."""

from dataclasses import dataclass


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
