"""What makes a pass of a plan the pass of a job."""

from typing import NamedTuple

from accelsim.machine import Arch
from accelsim.mapping.nest import Pass
from accelsim.mapping.operands import Operands
from accelsim.network.layer import Layer


class Given(NamedTuple):
    """One job on one machine, as far as it concerns what happens inside its pass."""

    layer: Layer
    arch: Arch
    job: Pass
    load: bool  # the pass before did not leave what its PEs keep
    operands: Operands | None  # None: every word counts as it is

    @property
    def leaves(self) -> bool:
        """Whether its psums are complete and go to DRAM past the GLB."""
        return self.job.last and not self.arch.paths.ofmap.memories
