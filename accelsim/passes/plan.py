"""The plan of a pass of single MACs: PEs, FIFOs, and stretches of steps that repeat."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal, NamedTuple

import numpy as np

from accelsim.machine import Operand
from accelsim.mapping.nest import Sharing
from accelsim.network.layer import IntArray
from accelsim.passes.script import KINDS, NOWHERE, OP, Pattern, Words
from accelsim.passes.shape import Shape


@dataclass(frozen=True, eq=False)
class StreamPlan:
    """A pass as PEs, FIFOs and buses; plans that say the same are equal.

    PE p = depth x lanes + lane; psums pass through the PEs of a lane from depth 0 up. FIFO kind x PEs + p
    belongs to PE p (:data:`KINDS`). A word that goes into a FIFO can be taken *latency* cycles later, a
    place is free again the cycle after. A line holds psums that one lane writes for the next one.
    """

    shape: Shape
    depth: int
    lanes: int
    pes: IntArray  # (PEs,) index on the array, row-major
    at: IntArray  # (PEs, COORDS)
    capacity: IntArray  # (FIFOs,) words; 0: unused
    latency: IntArray  # (FIFOs,) cycles
    patterns: tuple[Pattern, ...]
    sequence: IntArray  # (stretches,) their patterns in order
    base: IntArray  # (stretches, COORDS) what to add to the places in each
    keeps: tuple[Operand, ...]
    sharing: Sharing
    load: Words  # of the kept operand, before the first step; its fifos are PEs
    shifted: bool  # the load hops from PE to PE, and is usable the cycle after all of it is in
    drained: bool  # the pass lasts until its psums have left the PEs
    tail: int  # cycles that a ragged fold waits to take as long as a whole one
    load_hops: int
    psum_hops: int  # beside those from PE to PE in a step

    @cached_property
    def digest(self) -> bytes:
        """Equal for plans that say the same."""
        said = sha256()
        for part in fields(self):
            _feed(said, getattr(self, part.name))
        return said.digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StreamPlan) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    @property
    def loaded_operand(self) -> Literal["ifmap", "weight"] | None:
        """The operand that PEs keep and a bus brings before the first step."""
        if "weight" in self.keeps:
            return "weight"
        return "ifmap" if "ifmap" in self.keeps else None

    def kind(self, fifo: int) -> str:
        """What FIFO *fifo* is for."""
        return KINDS[fifo // len(self.pes)]

    @cached_property
    def moved(self) -> Moved:
        """Words moved in a pass, each kind."""
        total = np.zeros(len(Moved._fields), np.int64)
        for pattern, times in zip(self.patterns, self.times, strict=True):
            total += times * np.array(_moved_in(pattern, len(self.pes)))
        moved = Moved(*(int(n) for n in total))
        return moved._replace(psum_hops=moved.psum_hops + self.psum_hops)

    @cached_property
    def times(self) -> IntArray:
        """How often each pattern runs."""
        return np.bincount(self.sequence, minlength=len(self.patterns))


class Moved(NamedTuple):
    """Words that a pass moves, but for what it loads first; deliveries and hops count destinations."""

    ifmap_words: int
    ifmap_deliveries: int
    ifmap_hops: int
    weight_words: int
    weight_deliveries: int
    weight_hops: int
    psum_words: int  # that an earlier pass wrote
    line_words: int  # that the pass wrote itself
    psum_hops: int


def _moved_in(pattern: Pattern, pes: int) -> Moved:
    passed_on = {name: int((pattern.ops[:, i] != NOWHERE).sum()) for i, name in enumerate(OP)}
    up = pattern.ops[:, OP.index("psum_to")]
    lines = int((pattern.psum_line != NOWHERE).sum())
    return Moved(
        ifmap_words=len(pattern.ifmap.beat),
        ifmap_deliveries=len(pattern.ifmap.fifos),
        ifmap_hops=passed_on["ifmap_right"] + passed_on["ifmap_down"],
        weight_words=len(pattern.weight.beat),
        weight_deliveries=len(pattern.weight.fifos),
        weight_hops=passed_on["weight_down"],
        psum_words=len(pattern.psum_line) - lines,
        line_words=lines,
        psum_hops=int((up // pes == KINDS.index("psum")).sum()),
    )


def _feed(said: Any, value: Any) -> None:
    if isinstance(value, np.ndarray):
        said.update(str(value.shape).encode())
        said.update(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, tuple):
        for part in value:
            _feed(said, part)
    else:
        said.update(repr(value).encode())
