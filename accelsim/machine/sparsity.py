"""What a machine does about zeros: gate them, skip them, and keep words coded in its memories."""

from collections.abc import Iterator
from dataclasses import field
from typing import Literal

from accelsim.checks import check_within, description
from accelsim.errors import ConfigError
from accelsim.machine.formats import AnyFormat, Csc

MOST_CYCLES = 255
"""The most cycles of an overhead; sums over a window then stay exact in the products that count them."""

MOST_PLANNED = 256
"""The largest share that *planned* can be: more than any format makes of a word."""

STORAGE_LEVELS = ("dram", "glb", "spad")
"""Levels that can keep words coded, from the outside of the chip to the inside."""

Skip = Literal["none", "ifmap", "weight", "both"]


@description
class Storage:
    """How the words of an operand are kept at each level; without a format, as they are.

    *planned* is the size that mappings count on in the coded GLB and scratch pads, as a share of the size
    of the words as they are. Data that need more overflow, which is never silent.
    """

    dram: AnyFormat | None = None
    glb: AnyFormat | None = None
    spad: Csc | None = None  # read column by column, so runs must restart in each
    planned: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.planned <= MOST_PLANNED:
            raise ConfigError(f"planned must be above 0 and at most {MOST_PLANNED} (got {self.planned:g})")

    @property
    def codes(self) -> bool:
        """Whether any level keeps words coded."""
        return any((self.dram, self.glb, self.spad))


@description
class OfmapStorage:
    """How ofmap words are kept in DRAM."""

    dram: AnyFormat | None = None


@description
class Formats:
    """The storage of every operand; the network's first ifmap is never coded."""

    ifmap: Storage = field(default_factory=Storage)
    weight: Storage = field(default_factory=Storage)
    ofmap: OfmapStorage = field(default_factory=OfmapStorage)

    @property
    def planned(self) -> dict[str, float]:
        """The shares that mappings count on, by operand."""
        return {"ifmap": self.ifmap.planned, "weight": self.weight.planned}

    def coded(self) -> Iterator[tuple[str, str, AnyFormat]]:
        """Operand, level and format of what is kept coded."""
        for operand in ("ifmap", "weight", "ofmap"):
            for level in STORAGE_LEVELS:
                found: AnyFormat | None = getattr(getattr(self, operand), level, None)
                if found is not None:
                    yield operand, level, found


@description
class Sparsity:
    """What zeros save: energy where they are gated, time where they are skipped, room where they are coded.

    A PE that skips takes its window word by word. A word without a weight to go with costs *unmatched*
    cycles, and so does a zero that a coded ifmap carries since its run was too long for its field. A window
    that costs no cycle otherwise costs *empty_window* cycles, to find that out. Zeros that a PE does not skip
    cost their MAC cycles, whether it was given them or finds them missing.
    """

    gate: Literal["none", "ifmap"] = "none"  # a zero ifmap value gates the MAC and the read of its weight
    skip: Skip = "none"  # operands whose zeros cost no cycle
    empty_window_cycles: int = 0
    unmatched_cycles: int = 0
    formats: Formats = field(default_factory=Formats)

    def __post_init__(self) -> None:
        empty, unmatched = self.empty_window_cycles, self.unmatched_cycles
        check_within(0, MOST_CYCLES, empty_window_cycles=empty, unmatched_cycles=unmatched)

    @property
    def skips_ifmap(self) -> bool:
        """Whether a zero ifmap value costs no MAC cycle."""
        return self.skip in ("ifmap", "both")

    @property
    def skips_weight(self) -> bool:
        """Whether a zero weight costs no MAC cycle."""
        return self.skip in ("weight", "both")

    def by_values(self) -> dict[str, str]:
        """Keys that make a run depend on values: what each must be so that it does not, and what it is."""
        kinds: dict[str, str] = {"gate": self.gate, "skip": self.skip}
        found = {f"sparsity.{key}: none": kind for key, kind in kinds.items() if kind != "none"}
        for operand, level, coded in self.formats.coded():
            found[f"sparsity.formats.{operand}.{level}: null"] = coded.kind
        return found
