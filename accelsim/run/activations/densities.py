"""Tensors and thresholds of the density that a run file sets."""

from accelsim.errors import ConfigError, blaming
from accelsim.machine import Arch
from accelsim.network.layer import IntArray, Layer
from accelsim.network.nodes import Compute
from accelsim.run.settings import Settings
from accelsim.values import generated
from accelsim.values.pruning import MaskFile
from accelsim.values.pruning.files import load_mask


def density_ifmap(
    layer: Layer, density: float | MaskFile, arch: Arch, seed: int, bits: int | None = None
) -> IntArray:
    """A seeded ``(N, C, H, W)`` tensor: *density* of the stored ifmap is not zero, or what a mask says.

    Pad zeros that are stored count as zeros. Where they alone are more zeros than *density* leaves, no other
    value is zero. Values are positive, below ``2**(bits - 1)``, by default of the machine's words.
    """
    bits = arch.word_bits if bits is None else bits
    if isinstance(density, MaskFile):
        with blaming("density", layer.name, "ifmap", "mask"):
            places = load_mask(density, layer.name, layer.ifmap_shape, layer.ifmap_shape[1:])
        return places * _seeded(layer, 1.0, bits, seed)
    (_, _, height, width), pad = layer.ifmap_shape, layer.pad
    stored = (height + sum(pad[:2])) * (width + sum(pad[2:])) if arch.padding == "stored" else height * width
    return _seeded(layer, min(density * stored / (height * width), 1), bits, seed)


def ofmap_density(settings: Settings, node: Compute) -> float | None:
    """The share of the ofmap of *node* that ReLU is to leave; None if the run file does not say.

    Raises:
        ConfigError: if the node has no ReLU.
    """
    density = settings.density_of(node.name).ofmap
    if density is not None and node.activation == "none":
        why = f"{node.name}: an ofmap density needs an activation, relu or relu6 (got none)"
        raise ConfigError(why, at=("density", node.name))
    return density


def _seeded(layer: Layer, density: float, bits: int, seed: int) -> IntArray:
    shape, name = layer.ifmap_shape, f"{layer.name}.ifmap"
    return generated.random_tensor(shape, bits, density=density, seed=seed, name=name, signed=False)
