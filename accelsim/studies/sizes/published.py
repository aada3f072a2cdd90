"""Rates of compression as published, against weights of 32-bit floats."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """How many times smaller weights become."""

    rate: float
    source: str


RATES = {
    "binary": Published(32, "Courbariaux et al., Binarized neural networks, 2016: 32 times smaller"),
    "xnor": Published(32, "Rastegari et al., XNOR-Net, ECCV 2016: 32 times less memory"),
    "twn": Published(16, "Li, Zhang, Liu, Ternary weight networks, 2016: up to 16 times"),
}
"""By kind of quantiser: of the layers that it quantises."""


def published(kind: str) -> Published | None:
    """The rate of the quantiser *kind*; none if its paper states none."""
    return RATES.get(kind)
