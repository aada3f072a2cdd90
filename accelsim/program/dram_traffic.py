"""What crosses the DRAM link: the values of a layer, and the bits of each request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Literal, NamedTuple

import numpy as np

from accelsim.errors import ConfigError, LegalityError, Overflow
from accelsim.machine import Arch, Banks
from accelsim.machine.formats import AnyFormat, Csc, Size
from accelsim.mapping.footprint import ifmap_values, ifmap_words
from accelsim.mapping.nest import Mapping, Tile
from accelsim.mapping.operands import Operands, ifmap_columns, weight_columns, weight_words
from accelsim.network.layer import IntArray, Tensor

Coded = Literal["ifmap", "weight"]
"""The operands that lie coded on the chip."""

Parts = Callable[[AnyFormat], Iterator[IntArray]]
"""A box as the arrays that a format codes one by one, columns last."""


class Fill(NamedTuple):
    """A box of ifmap words or weights as DRAM has it, and as the memory that serves the PEs keeps it."""

    words: int  # as they are
    dram: Size  # of words as they are, each is an entry
    glb: Size  # or in the PEs, where no memory lies between
    coder: dict[str, int]  # entries decoded and coded between the two, by action


def overflow(arch: Arch, operand: Coded, memory: str, share: float) -> Overflow:
    """The error that *operand* takes more of *memory* than the mapping planned for: *share* of its words."""
    planned: float = getattr(arch.sparsity.formats, operand).planned
    return Overflow(
        f"{memory} of {arch.name}: coded {operand} must fit, as planned at {planned:.4g} of its size"
        f" (needs {share:.4g})",
        operand,
        share,
    )


class Boxes:
    """The boxes of a layer, in the formats of the memories; without *operands*, not coded."""

    def __init__(self, mapping: Mapping, arch: Arch, operands: Operands | None) -> None:
        self._mapping, self._arch, self._operands = mapping, arch, operands
        self._known: dict[tuple[object, ...], Fill] = {}
        self._largest: dict[Coded, tuple[int, int]] = {}  # words, and bits, of boxes that the GLB codes

    @property
    def coded(self) -> bool:
        """Whether values are known, to be coded where the machine codes them."""
        return self._operands is not None

    def weights(self, box: Tile) -> Fill:
        """The weights of *box*."""
        return self._fill("weight", box, weight_words(box), self._weight_parts)

    def ifmap(self, box: Tile) -> Fill:
        """The ifmap words of *box*."""
        return self._fill("ifmap", box, ifmap_words(self._mapping.layer, box, self._arch), self._ifmap_parts)

    def banks(self, operand: Coded, fill: Fill, memory: Banks) -> int:
        """Banks of *memory* that *fill* takes; as planned, if it is coded and its values are not known."""
        coded = getattr(self._arch.sparsity.formats, operand).glb is not None
        if not coded or not self.coded:
            return self._arch.planned_banks(operand, fill.words, memory)
        words, bits = self._largest.get(operand, (1, 0))
        self._largest[operand] = max(words, fill.words), max(bits, fill.glb.bits)
        return memory.banks_for(fill.glb.bits, 1)

    @contextmanager
    def overflowing(self) -> Iterator[None]:
        """Call boxes that do not fit what they are: an overflow, if one is larger than it was planned."""
        try:
            yield
        except LegalityError as error:
            for operand, (words, bits) in self._largest.items():
                share = bits / (words * self._arch.bits(operand))
                if share > getattr(self._arch.sparsity.formats, operand).planned:
                    raise overflow(self._arch, operand, "GLB", share) from error
            raise

    def _weight_parts(self, box: Tile, coded: AnyFormat) -> Iterator[IntArray]:
        assert self._operands is not None, "only values are coded"
        return weight_columns(self._mapping, self._arch, box, self._operands.weight)

    def _ifmap_parts(self, box: Tile, coded: AnyFormat) -> Iterator[IntArray]:
        assert self._operands is not None, "only values are coded"
        values = ifmap_values(self._mapping.layer, box, self._arch, self._operands.ifmap)
        columns = isinstance(coded, Csc) and values.ndim == 4
        return ifmap_columns(self._mapping, values) if columns else iter((values,))

    def _fill(
        self,
        operand: Coded,
        box: Tile,
        words: int,
        parts: Callable[[Tile, AnyFormat], Iterator[IntArray]],
    ) -> Fill:
        key = operand, box.of(operand)
        if key not in self._known:
            formats = getattr(self._arch.sparsity.formats, operand)
            raw = operand == "ifmap" and self._operands is not None and not self._operands.code_ifmap
            there = formats.glb if self._arch.has_memory(operand) else formats.spad
            kept = None if raw else formats.dram, there
            levels = zip(kept, ("dram", "glb" if self._arch.has_memory(operand) else "spad"), strict=True)
            dram, glb = (
                self._size(operand, words, coded, partial(parts, box), level) for coded, level in levels
            )
            self._known[key] = Fill(words, dram, glb, self._coder(operand, kept, dram, glb))
        return self._known[key]

    def _size(self, operand: Coded, words: int, coded: AnyFormat | None, parts: Parts, level: str) -> Size:
        """The size of a box at *level*."""
        bits, key = self._arch.bits(operand), f"{operand}.{level}"
        if coded is None or self._operands is None or not words:
            return Size(words * bits, words)
        try:
            sizes = [coded.size(part, bits) for part in parts(coded)]
        except ConfigError as error:
            name = self._mapping.layer.name
            raise LegalityError(f"sparsity.formats.{key}: a box of {name}: {error}") from error
        return Size(sum(size.bits for size in sizes), sum(size.entries for size in sizes))

    def _coder(
        self, operand: str, kept: tuple[AnyFormat | None, AnyFormat | None], dram: Size, glb: Size
    ) -> dict[str, int]:
        """What changes format where the link ends, in a memory or else in the PEs."""
        if self._operands is None or kept[0] == kept[1]:
            return {}
        sides = (f"codec.decode:{operand}", kept[0], dram), (f"codec.encode:{operand}", kept[1], glb)
        return {action: size.entries for action, coded, size in sides if coded is not None}


def ofmap_size(
    arch: Arch, words: int, psums: Tensor | None, channels: range, operands: Operands | None
) -> Size:
    """*words* ofmap words of *channels* on the link, coded where DRAM keeps them so.

    *psums* are the final ones, as ``Storing.present`` takes them.
    """
    coded = arch.sparsity.formats.ofmap.dram
    if operands is None or psums is None or coded is None:
        return Size(words * arch.bits("ofmap"), 0)
    return coded.size(operands.store.present(psums, channels).astype(np.int64), arch.bits("ofmap"))
