"""What is priced: one action on one word of an architecture."""

from typing import Literal, NamedTuple, TypeVar

from accelsim.errors import ConfigError
from accelsim.machine import Arch, SplitRF
from accelsim.machine.datapath import LOOKUP, LookupTable

_P = TypeVar("_P")

Provenance = Literal["published", "derived"]

GlbAs = Literal["whole", "banks"]
"""What an access to the GLB is priced as one to: a memory of its whole size, or of the size of one bank."""


def word_of(action: str) -> str:
    """The operand whose width the words of *action* have; a psum that goes to DRAM is an ofmap word."""
    operand = action.rpartition(":")[2]
    return "ofmap" if operand == "psum" and action.startswith("dram.") else operand


class Access(NamedTuple):
    """One action on one word of an architecture, whose GLB is priced *glb_as* a whole or as its banks."""

    name: str
    arch: Arch
    glb_as: GlbAs = "whole"

    @property
    def component(self) -> str:
        """What the action is on: ``rf`` of ``rf.read:weight``."""
        return self.name.partition(".")[0]

    @property
    def operand(self) -> str:
        """What the word is part of: ``weight`` of ``rf.read:weight``."""
        return self.name.rpartition(":")[2]

    @property
    def bits(self) -> int:
        """Width of the word, in bits: a psum's (in DRAM an ofmap's), an ifmap word's or a weight's.

        In the PEs, and on the way there, an ifmap word or a weight that PEs keep coded carries its index. A
        look-up reads an entry of the table.
        """
        if self.operand == "psum":
            return self.arch.bits(word_of(self.name))
        if self.name == LOOKUP:
            return self.table.bits
        if self.component in ("rf", "noc"):
            return self.arch.entry_bits(self.operand)
        return self.arch.bits(self.operand)

    @property
    def table(self) -> LookupTable:
        """The look-up table of the datapath.

        Raises:
            ConfigError: if it has none.
        """
        return self._required("table", self.arch.datapath.table(self.arch.word_bits))

    @property
    def multiplier(self) -> tuple[int, int]:
        """Bits of both operands of the datapath's integer multiplier.

        Raises:
            ConfigError: if it has none.
        """
        operands = self.arch.datapath.multiplier(self.arch.word_bits, self.arch.bits("psum"))
        return self._required("multiplier", operands)

    def _required(self, name: str, part: _P | None) -> _P:
        if part is None:
            kind = self.arch.datapath.kind
            raise ConfigError(f"datapath must have a {name} for {self.name!r} to have a price (got {kind})")
        return part

    @property
    def register_file_bytes(self) -> int:
        """Size of the register file of a PE that holds the word; 0 where the action is on none."""
        rf = self.arch.rf
        if self.component != "rf":
            return 0
        if not isinstance(rf, SplitRF):
            return rf.bytes
        size: int = getattr(rf, f"{self.operand}_bytes", 0)
        return size

    @property
    def capacity_bytes(self) -> int:
        """Size of the memory that an access to the word is priced by: of the one that holds it, or of a bank.

        Raises:
            ConfigError: if none does.
        """
        path = self.arch.paths.of(self.operand)
        if path.memory is None:
            raise ConfigError(f"{path.key} must not be {path.without} for {self.name!r} to have a price")
        banks = path.memory.banks
        return banks.bank_bytes if self.glb_as == "banks" else banks.bytes


class Price(NamedTuple):
    """Energy of one action, in the table's unit, and whether that very number was published."""

    energy: float
    published: bool


class Area(NamedTuple):
    """Area of one part of a datapath, and whether that very number was published."""

    um2: float
    provenance: Provenance


def area_of(um2: float | None, *, published: bool = False) -> Area | None:
    """An area of *um2*, *published* as it stands or derived; None if there is no figure."""
    return None if um2 is None else Area(um2, "published" if published else "derived")
