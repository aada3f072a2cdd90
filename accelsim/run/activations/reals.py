"""Reals from layer to layer: quantised where a layer reads them, made of its psums again behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from accelsim.engines.simulate import Values
from accelsim.errors import LegalityError, beginning, blaming
from accelsim.machine import Arch
from accelsim.network.graph import Network
from accelsim.network.layer import FloatArray, Layer, Tensor, as_reals
from accelsim.network.nodes import Compute, has_weights, operands
from accelsim.run.activations.densities import density_ifmap, ofmap_density
from accelsim.run.activations.integers import input_words
from accelsim.run.settings import Settings
from accelsim.values.files import load_images
from accelsim.values.pruning import pruned, read_mask
from accelsim.values.quant import LinearActivation, SignActivation
from accelsim.values.schemes import Scheme, rescaled
from accelsim.values.schemes.machines import readers
from accelsim.values.schemes.quantising import quantise_ifmap, quantise_weights
from accelsim.values.schemes.storing import RealStore, leaving
from accelsim.values.schemes.trained import Trained, generated, load_step, load_trained, untrained


@dataclass(frozen=True)
class Reals:
    """The values of a run with a scheme for each layer."""

    settings: Settings
    network: Network
    machines: Mapping[str, Arch]
    schemes: Mapping[str, Scheme]

    def network_input(self) -> FloatArray:
        """The network's input ``(N, C, H, W)``: from a file, a picture, or generated in 0..1."""
        where, bits = self.settings.input, self._word_bits
        unit = 1 / (1 << bits - 1)
        if isinstance(where, str):
            return input_words(self.settings, self.network, bits).astype(np.float64) * unit
        shape = (self.settings.batch, *self.network.input)
        with blaming("input", "file"):
            return load_images(where.file, where.key, shape, unit if where.scale is None else where.scale)

    def given_ifmap(self, layer: Layer) -> FloatArray | None:
        """The ifmap of the density or mask that the run file sets for *layer*; None if it sets none."""
        density = self.settings.density_of(layer.name).ifmap
        if density is None:
            return None
        quantiser, arch = self.schemes[layer.name].ifmap, self.machines[layer.name]
        if isinstance(quantiser, SignActivation):
            why = f"{layer.name}: an ifmap of signs must be without a density, it has no zero (got one)"
            raise LegalityError(why, at=("density", layer.name, "ifmap"))
        last = quantiser.last
        bits = None if last is None else last.bit_length() + 1
        words = density_ifmap(layer, density, arch, self.settings.seed, bits)
        return words.astype(np.float64) * (self._step(layer.name) or 1 / (1 << self._word_bits - 1))

    def values(self, node: Compute, layer: Layer, inputs: Sequence[Tensor], *, raw: bool) -> Values:
        """The operands of *node*, and how its psums are stored; arguments as ``Integers.values`` has them."""
        scheme = self.schemes[node.name]
        own = self._trained(layer) if has_weights(node) else None
        left, right = operands(node, layer, inputs, None if own is None else own.weight)
        own = own or untrained(as_reals(right))
        step, is_pruned = self._step(node.name), self.settings.prune_of(node.name) is not None
        with beginning(f"{node.name}, {scheme.name}", LegalityError, at=("datapaths", node.name)):
            ifmap = quantise_ifmap(scheme, as_reals(left), step)
            weight = quantise_weights(scheme, as_reals(right), pruned=is_pruned)
        scale = np.broadcast_to(weight.scale, (layer.m, 1, 1, 1)).reshape(-1) * ifmap.scale
        store = RealStore(scale, own.gain, own.offset, node.activation)
        density = ofmap_density(self.settings, node)

        def fit(psums: Tensor) -> RealStore:
            return self._fitted(store, node.name, psums, density)

        return Values(layer.padded(ifmap.values), weight.values, fit, code_ifmap=not raw)

    def _fitted(self, store: RealStore, name: str, psums: Tensor, density: float | None) -> RealStore:
        """*store* with the threshold of *density* and, if DRAM codes ofmaps, the codes of what reads it."""
        if density is not None:
            reals = replace(store, activation="none")(psums)
            store = replace(store, threshold=leaving(reals, density))
        reader = self._reader(name)
        if reader is None or self.machines[name].sparsity.formats.ofmap.dram is None:
            return store
        quantiser, step = self.schemes[reader].ifmap, self._step(reader)
        if step is None and isinstance(quantiser, LinearActivation):
            step = float(quantiser(store(psums)).scale)
        return replace(store, reader=quantiser, step=step)

    def _reader(self, name: str) -> str | None:
        """The layer whose ifmap the ofmap of *name* is; of several that of the widest words."""
        found = [reader for reader, operand in readers(self.network, name) if operand == 0]
        return max(found, key=lambda reader: self.machines[reader].bits("ifmap"), default=None)

    def _trained(self, layer: Layer) -> Trained:
        """The weights of *layer*, pruned if the run says so, and what stands behind its psums."""
        where, how = self.settings.weights, self.settings.prune_of(layer.name)
        if isinstance(where, str):
            own = generated(layer, self._word_bits, self.settings.seed)
        else:
            with blaming("weights", "file"):
                own = load_trained(where.file, layer, where.key)
        if how is None:
            return own
        left = pruned(own.weight, how, read_mask(how, layer.name, own.weight.shape))
        return replace(own, weight=as_reals(left))

    def _step(self, name: str) -> float | None:
        """The step between two codes of the ifmap of layer *name*; None: its largest value takes the last."""
        where, quantiser = self.settings.weights, self.schemes[name].ifmap
        last = quantiser.last
        if self.settings.density_of(name).ifmap is not None and last is not None:
            return 1 / last
        if isinstance(where, str):
            return None
        with blaming("weights", "file"):
            step = load_step(where.file, where.key or name)
        return None if step is None else rescaled(step, where.ifmap_bits, quantiser)

    @property
    def _word_bits(self) -> int:
        return next(iter(self.machines.values())).word_bits
