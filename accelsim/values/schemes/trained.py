"""What training left of a layer: real weights, and what stands behind its psums."""

from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path

import numpy as np

from accelsim.config import shown
from accelsim.errors import ConfigError, beginning
from accelsim.network.layer import FloatArray, Layer
from accelsim.values.files import load_reals, names_in
from accelsim.values.generated import SIGMAS, random_weights


@dataclass(frozen=True)
class Trained:
    """One trained layer: its activation sees the real that a psum stands for, times *gain*, plus *offset*.

    A batch norm that follows the layer is such a gain and offset: gamma / sigma, and beta - mu gamma / sigma
    (Ioffe, Szegedy, "Batch normalization", ICML 2015).
    """

    weight: FloatArray  # (M, C/G, R, S)
    gain: FloatArray  # (M,)
    offset: FloatArray  # (M,)


def untrained(weight: FloatArray) -> Trained:
    """*weight* ``(M, C/G, R, S)`` with a gain of 1 and an offset of 0."""
    return Trained(weight, np.ones(len(weight)), np.zeros(len(weight)))


def load_trained(path: str | Path, layer: Layer, key: str | None = None) -> Trained:
    """What a file says of *layer*: an ``.npz`` file all of it, an ``.npy`` file its weights alone.

    The arrays are ``<layer>.weight`` or ``<layer>``, of the layer's shape, and where there are any
    ``<layer>.gain`` and ``<layer>.offset`` ``(M,)``.

    Args:
        path: the file.
        layer: whose shape the weights must have.
        key: what the arrays are called by, if not by the layer's name.

    Raises:
        ConfigError: as :func:`accelsim.values.files.load_reals`.
    """
    name, found = key or layer.name, _names(Path(path))
    if found is None:
        return untrained(load_reals(path, key, layer.weight_shape))
    weight = f"{name}.weight" if f"{name}.weight" in found else name
    bare = untrained(load_reals(path, weight, layer.weight_shape))
    parts = [part for part in ("gain", "offset") if f"{name}.{part}" in found]
    return replace(bare, **{part: load_reals(path, f"{name}.{part}", (layer.m,)) for part in parts})


def load_step(path: str | Path, name: str) -> float | None:
    """The step between two codes of a layer's ifmap, ``<name>.ifmap_scale`` ``()``; None if there is none.

    Raises:
        ConfigError: as :func:`load_trained`, or if it is not positive.
    """
    key = f"{name}.ifmap_scale"
    if key not in (_names(Path(path)) or ()):
        return None
    step = float(load_reals(path, key, ()))
    if step <= 0:
        raise ConfigError(f"{shown(Path(path))}: {key} must be positive (got {step:g})")
    return step


def _names(path: Path) -> tuple[str, ...] | None:
    with beginning(shown(path)):
        return names_in(path)


def generated(layer: Layer, bits: int, seed: int) -> Trained:
    """Weights of *layer* that nothing trained: normal ones, as ``random_weights`` draws them in *bits*.

    Their variance is 2 / (C R S), at which activations keep their range from layer to layer.
    Source: He et al., "Delving deep into rectifiers", ICCV 2015, section 2.2.
    """
    words = random_weights(layer.weight_shape, bits, seed=seed, name=f"{layer.name}.weight")
    taps = layer.group_c * layer.r * layer.s
    unit = SIGMAS / (1 << bits - 1) * sqrt(2 / taps)
    return untrained(words.astype(np.float64) * unit)
