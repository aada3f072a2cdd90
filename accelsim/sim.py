"""One layer on one machine: the only place that turns a mapping into time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from accelsim import hw
from accelsim.arch import Arch
from accelsim.errors import ConfigError
from accelsim.fast import layer as fast
from accelsim.fast.values import assemble
from accelsim.outcome import Outcome
from accelsim.program import Program
from accelsim.traffic import Operands, Store
from accelsim.workload import IntArray

Engine = Literal["fast", "reference"]


@dataclass(frozen=True)
class Values:
    """The tensors of a layer, and how its psums become stored ofmap words once they are known."""

    ifmap: IntArray  # (N, C, H, W), unpadded
    weight: IntArray  # (M, C/G, R, S)
    fit: Callable[[IntArray], Store]  # from the psums (N, M, E, F)
    code_ifmap: bool = True


def simulate(
    program: Program, values: Values | None, engine: Engine = "fast"
) -> tuple[Outcome, Store | None]:
    """Run *program*: its outcome, and the requantisation that its ofmap left with.

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
        run = fast.simulate if engine == "fast" else hw.simulate
        return run(program, None), None
    layer, arch = program.layer, program.arch
    ifmap = layer.source.padded(values.ifmap)
    psums, zeros = assemble(layer, (job.work for job in program.jobs), arch, ifmap, values.weight)
    operands = Operands(ifmap, values.weight, values.fit(psums), values.code_ifmap)
    if engine == "reference":
        return hw.simulate(program, operands), operands.store
    gated = zeros if arch.pe.zero_gating else 0
    return fast.finish(program, operands, psums, gated), operands.store


def refuse_without_values(arch: Arch) -> None:
    """Raise ConfigError if *arch* does anything that depends on data."""
    if arch.pe.zero_gating:
        raise ConfigError("values: false needs pe.zero_gating: false (got true); gating depends on data")
    if arch.rlc:
        raise ConfigError("values: false needs rlc: false (got true); run-length coding depends on data")
