"""A network run layer by layer: values flow from one to the next, every layer is mapped and simulated."""

from __future__ import annotations

import sys
from typing import Any, cast

import numpy as np
from tqdm import tqdm

from accelsim import glue, tensors
from accelsim.arch import Arch
from accelsim.choice import Chooser, Chosen, Plans
from accelsim.config import to_plain
from accelsim.energy import EnergyTable, actions_of, price, prices, provenance
from accelsim.errors import ConfigError, Overflow, SimulationError, blaming
from accelsim.mapping import parameters
from accelsim.network import INPUT, Network
from accelsim.nodes import Activation, Compute, Gemm, operands
from accelsim.outcome import Outcome
from accelsim.program import Program
from accelsim.pruning import MaskFile, load_mask, pruned, read_mask
from accelsim.result import LayerResult, Result
from accelsim.settings import Settings, TensorFile
from accelsim.sim import Values, make, refuse_without_values, simulate
from accelsim.stats import CAUSES
from accelsim.traffic import Store
from accelsim.workload import IntArray, Layer

INTEGER_BITS = 4
"""Bits of a stored activation before its binary point, sign included; places ReLU6's upper bound."""


class Session:
    """One run of one network on one machine."""

    def __init__(
        self, settings: Settings, arch: Arch, network: Network, energy: EnergyTable, plans: Plans
    ) -> None:
        self.settings, self.arch, self.network, self.energy = settings, arch, network, energy
        self.plans = plans
        self.layers = network.layers(settings.batch)
        self.wanted = settings.layers or tuple(self.layers)
        with blaming("energy"):
            self.prices = prices(energy, arch, actions_of(arch))
        self._choosers: dict[Arch, Chooser] = {}
        self.sources = network.sources()
        self.activations: dict[str, IntArray] = {}
        if not settings.values:
            with blaming("values"):
                refuse_without_values(arch)

    def run(self) -> Result:
        """Simulate the wanted layers in order."""
        results = []
        nodes = list(self.network.nodes)
        last = max(i for i, node in enumerate(nodes) if node.name in self.wanted)
        passed = [node.name for node in nodes[: last + 1]]
        if self.settings.values and self._needed(INPUT):
            self.activations[INPUT] = self._network_input()
        for node in tqdm(nodes[: last + 1], file=sys.stderr, disable=None, unit="layer", leave=False):
            if node.name in self.wanted and isinstance(node, Compute):
                results.append(self._layer(node))
            elif isinstance(node, glue.Glue) and self._ready(node.name):
                inputs = [self.activations[source] for source in self.sources[node.name]]
                self.activations[node.name] = glue.apply(node, inputs)
            self._forget(node.name)
        return Result(
            name=self.settings.name,
            layers=tuple(results),
            energy_unit=self.energy.unit,
            energy_table=self.energy.name,
            arch=self.arch.name,
            prices=self.prices,
            provenance=provenance(self.energy, self.arch, self.prices),
            glue=tuple(name for name in self.network.glue if name in passed),
            left_out=tuple(name for name in self.network.left_out if name in passed),
            config=self.config(),
        )

    def config(self) -> dict[str, Any]:
        """The run in full as plain data, defaults included; written as YAML it is a run file."""
        settings = cast(dict[str, Any], to_plain(self.settings))
        parts = {"arch": self.arch, "network": self.network, "energy": self.energy}
        return settings | {key: to_plain(part) for key, part in parts.items()}

    def _layer(self, node: Compute) -> LayerResult:
        layer = self.layers[node.name]
        values = self._values(node, layer) if self.settings.values else None
        program, chosen = self._program(layer, values)
        try:
            outcome, store = simulate(program, values, self.settings.engine)
        except SimulationError as error:
            raise SimulationError(f"{layer.name}: {error}") from error
        if outcome.ofmap is not None and store is not None:
            e, f = outcome.ofmap.shape[2:]
            self.activations[node.name] = store(outcome.ofmap).reshape(self.settings.batch, -1, e, f)
        return self._result(program, chosen, outcome, store)

    def _program(self, layer: Layer, values: Values | None) -> tuple[Program, Chosen]:
        """The program of *layer*; planned anew, with what they need, if coded *values* overflow their room.

        Raises:
            Overflow: if the mapping is given.
        """
        arch = self.arch
        while True:
            chosen = self._chooser(arch).choose(layer)
            try:
                return make(chosen.dataflow.map(layer, arch), arch, values), chosen
            except Overflow as error:
                if chosen.found is None:
                    raise Overflow(f"{layer.name}: {error}", error.operand, error.share) from error
                arch = arch.planning(error.operand, error.share)

    def _chooser(self, arch: Arch) -> Chooser:
        """The one for *arch*, which may plan with other shares than the run's."""
        if arch not in self._choosers:
            objective = self.settings.objective
            self._choosers[arch] = Chooser(self.plans, arch, self.prices, objective, runner_up=False)
        return self._choosers[arch]

    def _result(self, program: Program, chosen: Chosen, outcome: Outcome, store: Store | None) -> LayerResult:
        causes = outcome.causes.sum(axis=1)
        return LayerResult(
            name=program.layer.name,
            macs=program.layer.macs,
            cycles=outcome.cycles,
            clock_hz=self.arch.clock_hz,
            pes=self.arch.array.pes,
            active_pes=max(plan.pes.size for plan in program.plans.values()),
            causes={cause: int(causes[i]) for i, cause in enumerate(CAUSES)},
            actions=outcome.actions,
            dense_dram=outcome.dense_dram,
            energy_pj=price(outcome.actions, self.energy, self.arch),
            choice=parameters(chosen.dataflow),
            nest=str(program.mapping),
            planned=program.arch.sparsity.formats.planned,
            overflowed=program.arch != self.arch,
            shift=store.shift if store else None,
            counted=chosen.found.counted if chosen.found else None,
            simulated=chosen.found.simulated if chosen.found else None,
            cause_map=outcome.causes,
            ofmap=outcome.ofmap,
        )

    def _values(self, node: Compute, layer: Layer) -> Values:
        weight = None if isinstance(node, Gemm) and node.of_activations else self._weight(layer)
        left, *right = self.sources[node.name]
        inputs = [self._ifmap(node.name, layer, left), *(self._stored(node.name, name) for name in right)]
        ifmap, weight = operands(node, layer, inputs, weight)
        density = self.settings.density_of(node.name).ofmap
        if density is not None and node.activation == "none":
            why = f"{node.name}: an ofmap density needs an activation, relu or relu6 (got none)"
            raise ConfigError(why, at=("density", node.name))

        def fit(psums: IntArray) -> Store:
            return fit_store(psums, self.arch.word_bits, node.activation, density)

        return Values(ifmap, weight, fit, code_ifmap=not self._raw(self.sources[node.name][0]))

    def _ifmap(self, name: str, layer: Layer, source: str) -> IntArray:
        """The ofmap of *source*, or a tensor of the density or the mask that the run file sets."""
        density = self.settings.density_of(name).ifmap
        if density is not None:
            return density_ifmap(layer, density, self.arch, self.settings.seed)
        return self._stored(name, source)

    def _stored(self, name: str, source: str) -> IntArray:
        """The ofmap of *source*, which *name* reads."""
        if source not in self.activations:
            raise ConfigError(
                f"{name} needs the ofmap of {source}, which is not run;"
                f" add its layers or set density.{name}.ifmap",
                at=("layers",),
            )
        return self.activations[source]

    def _weight(self, layer: Layer) -> IntArray:
        """The weights of *layer*, pruned if the run says so."""
        weight, how = self._unpruned(layer), self.settings.prune_of(layer.name)
        return weight if how is None else pruned(weight, how, read_mask(how, layer.name, weight.shape))

    def _unpruned(self, layer: Layer) -> IntArray:
        """The weights of *layer*, from a file or generated."""
        where, bits = self.settings.weights, self.arch.word_bits
        if isinstance(where, TensorFile):
            single = where.file.endswith(".npy")
            with blaming("weights", "file"):
                key = where.key if single else where.key or layer.name
                return tensors.load_tensor(where.file, key, layer.weight_shape, bits)
        return tensors.random_weights(
            layer.weight_shape, bits, seed=self.settings.seed, name=f"{layer.name}.weight"
        )

    def _network_input(self) -> IntArray:
        where, bits = self.settings.input, self.arch.word_bits
        c, h, w = self.network.input
        shape = (self.settings.batch, c, h, w)
        if isinstance(where, TensorFile):
            with blaming("input", "file"):
                return tensors.load_tensor(where.file, where.key, shape, bits)
        if where == "picture":
            with blaming("input"):
                return tensors.picture(*shape, bits)
        return tensors.random_tensor(shape, bits, seed=self.settings.seed, name=INPUT, signed=False)

    def _raw(self, source: str) -> bool:
        """Whether *source* is the network's input, or comes of it without any layer."""
        if source == INPUT:
            return True
        return source not in self.layers and all(self._raw(other) for other in self.sources[source])

    def _given(self, name: str) -> bool:
        return self.settings.density_of(name).ifmap is not None

    def _needed(self, name: str) -> bool:
        """Whether a layer of the run reads *name*, by itself or through glue."""
        readers = [reader for reader, sources in self.sources.items() if name in sources]
        return any(
            not self._given(reader) if reader in self.wanted else self._needed(reader)
            for reader in readers
            if reader in self.wanted or reader not in self.layers
        )

    def _ready(self, name: str) -> bool:
        return all(source in self.activations for source in self.sources[name])

    def _forget(self, name: str) -> None:
        """Drop activations that no later node reads."""
        order = [node.name for node in self.network.nodes]
        later = order[order.index(name) + 1 :]
        read = {source for reader in later for source in self.sources[reader]}
        self.activations = {k: v for k, v in self.activations.items() if k in read}


def fit_store(psums: IntArray, bits: int, activation: Activation, density: float | None = None) -> Store:
    """The least shift at which no word of *psums* saturates, after a threshold that leaves *density*."""
    threshold = 0
    if density is not None:
        rank = min(psums.size - 1, round((1 - density) * psums.size))
        threshold = int(np.partition(psums, rank, axis=None)[rank]) - 1 if density else int(psums.max())
    kept = np.maximum(psums - threshold, 0) if activation != "none" else psums - threshold
    limit = 6 << max(bits - INTEGER_BITS, 0) if activation == "relu6" else None
    return Store(bits, glue.fitting_shift(kept, bits), threshold, activation != "none", limit)


def density_ifmap(layer: Layer, density: float | MaskFile, arch: Arch, seed: int) -> IntArray:
    """A seeded ``(N, C, H, W)`` tensor: *density* of the stored ifmap is not zero, or what a mask says."""
    if isinstance(density, MaskFile):
        with blaming("density", layer.name, "ifmap", "mask"):
            places = load_mask(density, layer.name, layer.ifmap_shape, layer.ifmap_shape[1:])
        return places * _seeded_ifmap(layer, 1.0, arch, seed)
    (_, _, height, width), pad = layer.ifmap_shape, layer.pad
    stored = (height + sum(pad[:2])) * (width + sum(pad[2:])) if arch.padding == "stored" else height * width
    inner = density * stored / (height * width)
    if inner > 1:
        raise ConfigError(
            f"{layer.name}: ifmap must be at most {height * width / stored:.4g}, the rest are pad zeros"
            f" (got {density})",
            at=("density", layer.name, "ifmap"),
        )
    return _seeded_ifmap(layer, inner, arch, seed)


def _seeded_ifmap(layer: Layer, density: float, arch: Arch, seed: int) -> IntArray:
    shape, name = layer.ifmap_shape, f"{layer.name}.ifmap"
    return tensors.random_tensor(shape, arch.word_bits, density=density, seed=seed, name=name, signed=False)
