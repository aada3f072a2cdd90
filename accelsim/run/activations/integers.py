"""Words of the machine, from layer to layer: an ofmap is scaled to the width in which it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from accelsim.engines.simulate import Values
from accelsim.errors import blaming
from accelsim.machine import Arch
from accelsim.mapping.operands import Store
from accelsim.network.graph import INPUT, Network
from accelsim.network.layer import IntArray, Layer, Tensor, as_integers
from accelsim.network.nodes import Activation, Compute, has_weights, operands
from accelsim.network.rounding import fitting_shift
from accelsim.run.activations.densities import density_ifmap, ofmap_density
from accelsim.run.settings import Settings
from accelsim.values import generated
from accelsim.values.files import load_tensor
from accelsim.values.pruning import pruned, read_mask

_INTEGER_BITS = 4
"""Bits of a stored activation before its binary point, sign included: they say which word is ReLU6's 6."""


@dataclass(frozen=True)
class Integers:
    """The values of a run without schemes."""

    settings: Settings
    network: Network
    arch: Arch

    def network_input(self) -> IntArray:
        """The network's input ``(N, C, H, W)``: from a file, a picture, or generated."""
        where, bits = self.settings.input, self.arch.word_bits
        shape = (self.settings.batch, *self.network.input)
        if not isinstance(where, str):
            with blaming("input", "file"):
                return load_tensor(where.file, where.key, shape, bits)
        return input_words(self.settings, self.network, bits)

    def given_ifmap(self, layer: Layer) -> IntArray | None:
        """The ifmap of the density or mask that the run file sets for *layer*; None if it sets none."""
        density = self.settings.density_of(layer.name).ifmap
        return None if density is None else density_ifmap(layer, density, self.arch, self.settings.seed)

    def values(self, node: Compute, layer: Layer, inputs: Sequence[Tensor], *, raw: bool) -> Values:
        """The operands of *node*, and how its psums are stored.

        Args:
            node: of the network.
            layer: its layer.
            inputs: activations ``(N, C, H, W)``, in the order of the node's sources.
            raw: whether the first of them is the network's input, which DRAM keeps uncoded.
        """
        own = self._weight(layer) if has_weights(node) else None
        ifmap, weight = operands(node, layer, inputs, own)
        density = ofmap_density(self.settings, node)

        def fit(psums: Tensor) -> Store:
            return fit_store(as_integers(psums), self.arch.word_bits, node.activation, density)

        return Values(layer.padded(ifmap), weight, fit, code_ifmap=not raw)

    def _weight(self, layer: Layer) -> Tensor:
        """The weights of *layer*, pruned if the run says so."""
        weight, how = self._unpruned(layer), self.settings.prune_of(layer.name)
        return weight if how is None else pruned(weight, how, read_mask(how, layer.name, weight.shape))

    def _unpruned(self, layer: Layer) -> IntArray:
        """From a file or generated."""
        where, bits = self.settings.weights, self.arch.word_bits
        if not isinstance(where, str):
            single = where.file.endswith(".npy")
            with blaming("weights", "file"):
                key = where.key if single else where.key or layer.name
                return load_tensor(where.file, key, layer.weight_shape, bits)
        return generated.random_weights(
            layer.weight_shape, bits, seed=self.settings.seed, name=f"{layer.name}.weight"
        )


def input_words(settings: Settings, network: Network, bits: int) -> IntArray:
    """The network's input ``(N, C, H, W)`` in non-negative words of *bits*: a picture, or random."""
    c, h, w = network.input
    if settings.input == "picture":
        with blaming("input"):
            return generated.picture(settings.batch, c, h, w, bits)
    shape = (settings.batch, c, h, w)
    return generated.random_tensor(shape, bits, seed=settings.seed, name=INPUT, signed=False)


def fit_store(psums: IntArray, bits: int, activation: Activation, density: float | None = None) -> Store:
    """How to store *psums* in *bits*: at the least shift without saturation, above a threshold for *density*.

    Args:
        psums: of the whole layer, of any shape.
        bits: width of a stored word.
        activation: what is applied to psums before they are stored.
        density: share of the words that is not to be zero; None: no threshold.
    """
    threshold = 0
    if density is not None:
        threshold = int(generated.least_kept(psums, density)) - 1 if density else int(psums.max())
    kept = np.maximum(psums - threshold, 0) if activation != "none" else psums - threshold
    limit = 6 << max(bits - _INTEGER_BITS, 0) if activation == "relu6" else None
    return Store(bits, fitting_shift(kept, bits), threshold, activation != "none", limit)
