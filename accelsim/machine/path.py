"""The way of each operand's words between DRAM and the PEs: the memories that keep them, and how."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from accelsim.machine.memory import Banks, Words

PathName = Literal["ifmap", "weight", "psum", "ofmap"]


@dataclass(frozen=True)
class Memory:
    """One memory on the chip under the name that rules give it; its actions and prices are the GLB's."""

    name: str
    banks: Banks


@dataclass(frozen=True)
class OperandPath:
    """The memories that the words of *operand* lie in on their way, from DRAM inwards: one, or none.

    *key* is the key of an architecture that decides, and *without* its value if there is no memory.
    """

    operand: PathName
    memories: tuple[Memory, ...]
    word_bits: int
    planned: float  # share of its size that a word takes there; other than 1, it is kept coded
    key: str
    without: str

    @property
    def memory(self) -> Memory | None:
        """The last memory before the PEs, which feeds the bus; none: words go from the link to the bus."""
        return self.memories[-1] if self.memories else None

    @property
    def landing(self) -> Literal["glb", "spad"]:
        """The level at which words are kept where the link ends, as storage formats call it."""
        return "glb" if self.memories else "spad"

    def banks(self, words: Words) -> Words:
        """Whole banks that *words* take in the memory before the PEs; there must be one. Coded as planned."""
        assert self.memory is not None, "what lies in no memory takes no banks"
        return self.memory.banks.banks_for(words, self.word_bits, self.planned)

    def banks_of_bits(self, bits: int) -> int:
        """Whole banks that a coded box of *bits* takes there."""
        assert self.memory is not None, "what lies in no memory takes no banks"
        return self.memory.banks.banks_for(bits, 1)

    def accesses(self, *, writes: Words, reads: Words) -> dict[str, Words]:
        """The actions of so many words written to the memory on the way and read from it, if there is one."""
        if not self.memories:
            return {}
        return {f"glb.write:{self.operand}": writes, f"glb.read:{self.operand}": reads}


@dataclass(frozen=True)
class Paths:
    """The paths of a machine's operands; ofmap words are the complete psums on their way to DRAM."""

    weight: OperandPath
    ifmap: OperandPath
    psum: OperandPath
    ofmap: OperandPath
    ofmap_waits: bool  # in the memory of the psums: for its read-out, or for a link that takes its time

    def of(self, operand: str) -> OperandPath:
        """The path of *operand*."""
        path: OperandPath = getattr(self, operand)
        return path

    @property
    def glb(self) -> Memory:
        """The memory of the psums, which every machine has."""
        return self.psum.memories[-1]

    @cached_property
    def memories(self) -> tuple[Memory, ...]:
        """Every memory once, that of the psums first."""
        every = (memory for path in (self.psum, self.ifmap, self.weight) for memory in path.memories)
        return tuple(dict.fromkeys(every))

    def within(self, memory: Memory) -> Iterator[OperandPath]:
        """The paths of the operands that lie in *memory*: weights, ifmap, psums."""
        return (path for path in (self.weight, self.ifmap, self.psum) if memory in path.memories)
