"""A network run layer by layer: values flow from one to the next, every layer is mapped and simulated."""

import sys
from math import prod

from tqdm import tqdm

from accelsim.energy import datapath_um2, price, provenance, word_of
from accelsim.engines.simulate import Values, make, refuse_without_values, simulate
from accelsim.engines.timing import Outcome
from accelsim.errors import ConfigError, Overflow, SimulationError, blaming
from accelsim.machine import Arch
from accelsim.mapping.nest import parameters
from accelsim.mapping.operands import Storing
from accelsim.network import host_ops
from accelsim.network.graph import INPUT
from accelsim.network.layer import Layer, Tensor
from accelsim.network.nodes import Compute, has_weights
from accelsim.program.jobs import Program
from accelsim.run.activations import Activations, Flow, Integers, Reals, label_accuracy
from accelsim.run.file import RunFile
from accelsim.run.result import OPERANDS, LayerResult, Result
from accelsim.search.mapper import Chosen, Mappers
from accelsim.stats import CAUSES
from accelsim.values.quant import stored_weight_bits
from accelsim.values.schemes import machines, schemes_of


class Session:
    """One run of one network on one machine."""

    def __init__(self, file: RunFile) -> None:
        settings, arch, network, energy = file.settings, file.arch, file.network, file.energy
        self.settings, self.arch, self.network, self.energy = settings, arch, network, energy
        self._file = file
        self.layers = network.layers(settings.batch)
        self.wanted = settings.layers or tuple(self.layers)
        self.schemes = schemes_of(settings.datapaths, self.layers)
        self.machines = machines(arch, network, self.schemes)
        self._choosers = Mappers(file.plans, energy, settings.objective, runner_up=False)
        self._choosers.check_prices(self.machines[name] for name in self.wanted)
        self._check_values()
        own = Reals(settings, network, self.machines, self.schemes) if self.schemes else None
        self._flow: Flow = own or Integers(settings, network, arch)
        given = {name for name in self.wanted if settings.density_of(name).ifmap is not None}
        self._activations = Activations(network, self.wanted, given)
        self._outputs: Tensor | None = None

    def run(self) -> Result:
        """Simulate the wanted layers in order."""
        results = []
        nodes = list(self.network.nodes)
        last = max(i for i, node in enumerate(nodes) if node.name in self.wanted)
        passed = [node.name for node in nodes[: last + 1]]
        held = self._activations
        if self.settings.values and held.needs_input:
            held.put(INPUT, self._flow.network_input())
        for node in tqdm(nodes[: last + 1], file=sys.stderr, disable=None, unit="layer", leave=False):
            if node.name in self.wanted and isinstance(node, Compute):
                results.append(self._layer(node))
            elif isinstance(node, host_ops.Glue) and held.ready(node.name):
                held.put(node.name, host_ops.apply(node, held.inputs(node.name)))
            held.forget(node.name)
        return Result(
            settings=self.settings,
            network=self.network,
            machine=self.arch,
            machines=self.machines,
            layers=tuple(results),
            energy_unit=self.energy.unit,
            energy_table=self.energy.label,
            glue=tuple(name for name in self.network.glue if name in passed),
            left_out=tuple(name for name in self.network.left_out if name in passed),
            config=self._file.resolved(),
            accuracy=self._accuracy(),
        )

    def _check_values(self) -> None:
        """Raise ConfigError if the run needs values, or outputs, that it does not have."""
        if not self.settings.values:
            for name in self.wanted:
                with blaming("values", also=[("datapaths",)] if self.schemes else ()):
                    refuse_without_values(self.machines[name])
        last = list(self.layers)[-1]
        if self.settings.labels is not None and last not in self.wanted:
            why = f"labels needs the outputs of {last}, which is not run; add it to layers"
            raise ConfigError(why, at=("labels",), also=[("layers",)])

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
            self._outputs = store(outcome.ofmap).reshape(self.settings.batch, -1, e, f)
            self._activations.put(node.name, self._outputs)
        bits = self._weight_bits(node, program.arch)
        return self._result(program, chosen, outcome, store, bits)

    def _values(self, node: Compute, layer: Layer) -> Values:
        """What *node* computes with."""
        left, *right = self._activations.sources[node.name]
        ifmap: Tensor | None = self._flow.given_ifmap(layer)
        if ifmap is None:
            ifmap = self._activations.read(node.name, left)
        inputs = [ifmap, *(self._activations.read(node.name, name) for name in right)]
        return self._flow.values(node, layer, inputs, raw=self._activations.raw(left))

    def _weight_bits(self, node: Compute, arch: Arch) -> int | None:
        """Bits of all weights of *node* in memory, tables included; None if it has no weights."""
        if not has_weights(node):
            return None
        shape = self.layers[node.name].weight_shape
        if self.schemes:
            return stored_weight_bits(self.schemes[node.name].weights, shape)
        return prod(shape) * arch.bits("weight") + arch.datapath.table_bits(arch.word_bits)

    def _program(self, layer: Layer, values: Values | None) -> tuple[Program, Chosen]:
        """The program of *layer*; planned anew, with what they need, if coded *values* overflow their room.

        Raises:
            Overflow: if the mapping is given.
        """
        arch = self.machines[layer.name]
        while True:
            chosen = self._choosers.on(arch).choose(layer)
            try:
                return make(chosen.map(layer, arch), arch, values), chosen
            except Overflow as error:
                if chosen.found is None:
                    raise Overflow(f"{layer.name}: {error}", error.operand, error.share) from error
                arch = arch.planning(error.operand, error.share)

    def _accuracy(self) -> float | None:
        """How often the outputs of the last layer are right, if the run has labels."""
        if self.settings.labels is None:
            return None
        assert self._outputs is not None, "labels come with values"
        return label_accuracy(self._outputs, self.settings.labels)

    def _result(
        self, program: Program, chosen: Chosen, outcome: Outcome, store: Storing | None, bits: int | None
    ) -> LayerResult:
        causes, arch, name = outcome.causes.sum(axis=1), program.arch, program.layer.name
        unit = self._choosers.on(arch).prices
        widths = {operand: arch.bits(operand) for operand in OPERANDS}
        return LayerResult(
            name=name,
            macs=program.layer.macs,
            cycles=outcome.cycles,
            clock_hz=arch.clock_hz,
            pes=arch.array.pes,
            active_pes=max(plan.pes.size for plan in program.plans.values()),
            causes={cause: int(causes[i]) for i, cause in enumerate(CAUSES)},
            actions=outcome.actions,
            work=program.work,
            dense_dram=outcome.dense_dram,
            energy_pj=price(outcome.actions, self.energy, arch),
            prices=unit,
            provenance=dict(provenance(self.energy, arch, unit)),
            word_bits=widths,
            dram_bits=sum(outcome.actions[name] * widths[word_of(name)] for name in outcome.dense_dram),
            weight_bits=bits,
            datapath_um2=datapath_um2(self.energy, arch),
            scheme=self.schemes[name].name if self.schemes else None,
            choice=parameters(chosen.dataflow),
            nest=str(program.mapping),
            planned=arch.sparsity.formats.planned,
            overflowed=arch != self.machines[name],
            shift=store.shift if store else None,
            counted=chosen.found.counted if chosen.found else None,
            simulated=chosen.found.simulated if chosen.found else None,
            cause_map=outcome.causes,
            ofmap=outcome.ofmap,
        )
