"""One layer on one machine: the only place that turns a mapping into time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.engines.fast.values import assemble
from accelsim.engines.timing import Outcome
from accelsim.errors import ConfigError
from accelsim.machine import Arch
from accelsim.mapping.nest import Mapping
from accelsim.mapping.operands import Operands, Store, Storing
from accelsim.network.layer import Tensor
from accelsim.program.fit import check_fit
from accelsim.program.jobs import Program, make_program

Engine = Literal["fast", "reference"]


@dataclass(frozen=True)
class Values:
    """The tensors of a layer, and how its psums become stored ofmap words once they are known."""

    ifmap: Tensor  # (N, C, H, W) with its padding
    weight: Tensor  # (M, C/G, R, S)
    fit: Callable[[Tensor], Storing]  # from the psums (N, M, E, F)
    code_ifmap: bool = True

    def operands(self, store: Storing) -> Operands:
        """What the engines run with, an ofmap that is kept as *store* says."""
        return Operands(self.ifmap, self.weight, store, self.code_ifmap)


def make(mapping: Mapping, arch: Arch, values: Values | None) -> Program:
    """The program of *mapping* on *arch*, made for *values* where the machine keeps words coded.

    Raises:
        ConfigError: if the datapath cannot compute with them.
        Overflow: if they need more room than the mapping planned for.
    """
    if values is None:
        return make_program(mapping, arch)
    arch.datapath.check(mapping.layer.source.unpadded(values.ifmap), values.weight, arch.word_bits)
    operands = values.operands(Store(arch.word_bits))  # which store is known when the psums are
    program = make_program(mapping, arch, operands)
    check_fit(program, operands)
    return program


def simulate(
    program: Program, values: Values | None, engine: Engine = "fast"
) -> tuple[Outcome, Storing | None]:
    """Run *program*: its outcome, and how its ofmap was stored.

    The scale of the stored ofmap is calibrated on the psums before the run, as for a chip whose
    shift is set per layer; the ofmap itself is the engine's.

    Args:
        program: mapping and machine.
        values: None for timing and dense counts alone.
        engine: ``fast`` (max-plus recurrences) or ``reference`` (SimPy, word by word); they agree exactly.

    Raises:
        ConfigError: if the machine needs values (zero gating, RLC) and there are none.
        SimulationError: on a circular wait or an accumulator overflow.
    """
    if values is None:
        refuse_without_values(program.arch)
        run = fast.simulate if engine == "fast" else reference.simulate
        return run(program, None), None
    psums, spared = assemble(program, values.ifmap, values.weight)
    operands = values.operands(values.fit(psums))
    if engine == "reference":
        return reference.simulate(program, operands), operands.store
    return fast.finish(program, operands, psums, spared), operands.store


def refuse_without_values(arch: Arch) -> None:
    """Raise ConfigError if *arch* does anything that depends on data; says all that does."""
    needed = arch.sparsity.by_values()
    if arch.datapath.by_values:
        needed["a datapath that no weight decides on"] = arch.datapath.kind
    if needed:
        must = [f"{what} (got {got})" for what, got in needed.items()]
        depend = "which depends on data" if len(must) == 1 else "which depend on data"
        raise ConfigError(f"values: false needs {' and '.join(must)}, {depend}")
