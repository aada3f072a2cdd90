"""What crosses the DRAM link: the values of a layer, and the bits of each request."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from accelsim.errors import ConfigError, LegalityError, Overflow
from accelsim.machine import Arch
from accelsim.machine.formats import AnyFormat, Csc
from accelsim.machine.formats.protocol import Size
from accelsim.mapping.footprint import ifmap_values, ifmap_words
from accelsim.mapping.nest import Mapping, Tile
from accelsim.mapping.operands import Operands, ifmap_columns, weight_columns, weight_words
from accelsim.network.layer import Tensor
from accelsim.passes.build import filters_of_pes

Coded = Literal["ifmap", "weight"]
"""The operands that lie coded on the chip."""


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


@dataclass(frozen=True)
class Boxes:
    """What boxes of a layer take in the formats of the memories; without *operands*, they are not coded."""

    mapping: Mapping
    arch: Arch
    operands: Operands | None

    def fills(self, operand: Coded, boxes: Iterable[Tile]) -> list[Fill]:
        """The fill of each of *boxes*, in order; boxes of the same words are one, whose size is found once.

        Raises:
            LegalityError: if a format cannot code the values of one.
        """
        known: dict[tuple[range, ...], Fill] = {}
        found = []
        for box in boxes:
            words = box.of(operand)
            if words not in known:
                known[words] = self._fill(operand, box)
            found.append(known[words])
        return found

    def _fill(self, operand: Coded, box: Tile) -> Fill:
        words, there = self._words(operand, box), self.arch.paths.of(operand).landing
        formats = getattr(self.arch.sparsity.formats, operand)
        raw = operand == "ifmap" and self.operands is not None and not self.operands.code_ifmap
        kept = None if raw else formats.dram, getattr(formats, there)
        dram, glb = (
            self._size(operand, box, words, coded, level)
            for coded, level in zip(kept, ("dram", there), strict=True)
        )
        return Fill(words, dram, glb, self._coder(operand, kept, dram, glb))

    def _words(self, operand: Coded, box: Tile) -> int:
        if operand == "weight":
            return weight_words(box)
        return ifmap_words(self.mapping.layer, box, self.arch)

    def _size(self, operand: Coded, box: Tile, words: int, coded: AnyFormat | None, level: str) -> Size:
        """The size of *box*, of so many *words*, at *level*."""
        bits = self.arch.bits(operand)
        if coded is None or self.operands is None or not words:
            return Size(words * bits, words)
        try:
            sizes = [coded.size(part, bits) for part in self._parts(operand, box, coded, self.operands)]
        except ConfigError as error:
            key = f"sparsity.formats.{operand}.{level}"
            raise LegalityError(f"{key}: a box of {self.mapping.layer.name}: {error}") from error
        return Size(sum(size.bits for size in sizes), sum(size.entries for size in sizes))

    def _parts(self, operand: Coded, box: Tile, coded: AnyFormat, operands: Operands) -> Iterable[Tensor]:
        """*box* as the arrays that *coded* codes one by one, columns last."""
        if operand == "weight":
            filters = filters_of_pes(self.mapping, self.arch, box.m)
            return weight_columns(self.mapping.layer, box, operands.weight, filters)
        values = ifmap_values(self.mapping.layer, box, self.arch, operands.ifmap)
        columns = isinstance(coded, Csc) and values.ndim == 4
        return ifmap_columns(self.mapping, values) if columns else (values,)

    def _coder(
        self, operand: Coded, kept: tuple[AnyFormat | None, AnyFormat | None], dram: Size, glb: Size
    ) -> dict[str, int]:
        """What changes format where the link ends, in a memory or else in the PEs."""
        if self.operands is None or kept[0] == kept[1]:
            return {}
        sides = (f"codec.decode:{operand}", kept[0], dram), (f"codec.encode:{operand}", kept[1], glb)
        return {action: size.entries for action, coded, size in sides if coded is not None}


def with_table(weights: list[Fill], arch: Arch) -> list[Fill]:
    """*weights* of a layer by pass, those of the first with the table of a codebook, which comes once."""
    first, bits = weights[0], arch.datapath.table_bits(arch.word_bits)
    return [first._replace(dram=first.dram._replace(bits=first.dram.bits + bits)), *weights[1:]]


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
