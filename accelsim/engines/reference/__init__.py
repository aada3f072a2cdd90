"""The machine in SimPy, event by event: the reference engine, for small layers and for trust."""

from accelsim.engines.reference.machine import Machine
from accelsim.engines.timing import Outcome
from accelsim.mapping.operands import Operands
from accelsim.program.jobs import Program


def simulate(program: Program, operands: Operands | None) -> Outcome:
    """Run *program* word by word; without *operands* every word is zero, none is gated and there is no ofmap.

    Raises:
        SimulationError: if the parts of the machine wait for each other in a circle,
            or an accumulator overflows.
    """
    return Machine(program, operands).run()
