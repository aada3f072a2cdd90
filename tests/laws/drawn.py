"""What every random experiment of the laws has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from accelsim.mapping.operands import Operands
from accelsim.network.layer import Layer, Tensor
from accelsim.program.jobs import Program, make_program


@dataclass(frozen=True)
class Drawn:
    """One random experiment: a program that is made for its values."""

    choice: Any  # the mapping, as its dataflow has it
    program: Program
    operands: Operands
    origin: str = field(
        default="", kw_only=True, compare=False
    )  # the name of the draw; empty if made by hand

    @property
    def dense(self) -> Program:
        """The program as it runs without values."""
        return make_program(self.program.mapping, self.program.arch)

    @property
    def layer(self) -> Layer:
        """The layer that was asked for, whatever the dataflow makes of it."""
        return self.program.layer.source

    @property
    def ifmap(self) -> Tensor:
        """The ifmap without its padding."""
        return self.layer.unpadded(self.operands.ifmap)


def made_for(program: Program, operands: Operands) -> Program:
    """The same mapping on the same machine, for *operands*."""
    return make_program(program.mapping, program.arch, operands)
