"""The trained parameters of a layer, and the file that holds them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from accelsim.network.layer import FloatArray


@dataclass(frozen=True)
class Parameters:
    """One layer: weights before they are quantised, the batch norm that follows, and the step of its ifmap.

    A file has the arrays ``<layer>.weight`` (float16, or float32 where the scheme is of floats), ``.gain``,
    ``.offset`` and ``.ifmap_scale`` (float32) of every layer.
    """

    weight: FloatArray  # (M, C, R, S)
    gain: FloatArray  # (M,), times the real a psum stands for
    offset: FloatArray  # (M,), added to it then
    ifmap_scale: float  # the step of a code of the ifmap


def read_parameters(path: Path) -> dict[str, Parameters]:
    """The layers that the file *path* holds, in its order."""
    with np.load(path) as held:
        arrays = {key: held[key].astype(np.float64) for key in held.files}
    layers = dict.fromkeys(key.split(".")[0] for key in arrays)
    return {
        layer: Parameters(
            arrays[f"{layer}.weight"],
            arrays[f"{layer}.gain"],
            arrays[f"{layer}.offset"],
            float(arrays[f"{layer}.ifmap_scale"]),
        )
        for layer in layers
    }


def write_parameters(path: Path, layers: Mapping[str, Parameters], weight_type: type[np.floating]) -> None:
    """Put *layers* into the file *path*, weights as *weight_type*; the same bytes for the same layers."""
    arrays: dict[str, npt.NDArray[np.floating]] = {}
    for name, layer in layers.items():
        arrays[f"{name}.weight"] = layer.weight.astype(weight_type)
        arrays[f"{name}.gain"] = layer.gain.astype(np.float32)
        arrays[f"{name}.offset"] = layer.offset.astype(np.float32)
        arrays[f"{name}.ifmap_scale"] = np.asarray(layer.ifmap_scale, np.float32)
    np.savez_compressed(path, allow_pickle=False, **arrays)
