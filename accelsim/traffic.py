"""What crosses the DRAM link: the values of a layer, and the bits of each request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple, Protocol

import numpy as np

from accelsim.arch import Arch, Banks
from accelsim.boxes import ifmap_values, ifmap_words
from accelsim.datapath import Values
from accelsim.errors import ConfigError, LegalityError, Overflow
from accelsim.formats import AnyFormat, BoolArray, Csc, Size
from accelsim.mapping import Mapping, Tile, blocks, filters_of_pes
from accelsim.rounding import requantise
from accelsim.workload import IntArray, Layer


class Storing(Protocol):
    """What becomes of final psums: values for the next layer, and words in DRAM."""

    @property
    def shift(self) -> int | None:
        """Bits that a stored integer is scaled down by; None for reals."""
        ...

    def __call__(self, psums: Values) -> Values:
        """The values of the whole layer's *psums* ``(N, M, E, F)``, same shape."""
        ...

    def present(self, psums: Values, channels: range) -> BoolArray:
        """Which words of a box are stored as another value than zero.

        Args:
            psums: ``(n, m, e, f)``, or of a lowered layer ``(m, pixels)``.
            channels: m, counted over all groups.
        """
        ...


@dataclass(frozen=True)
class Store:
    """How an integer ofmap word leaves: above a threshold (a bias), rectified, scaled to its stored width.

    stored = saturate(round_half_even((psum - threshold) * 2**-shift)), then ReLU, then ReLU6's *limit*.
    """

    bits: int
    shift: int = 0
    threshold: int = 0
    relu: bool = False
    limit: int | None = None  # in stored units

    def __call__(self, psums: IntArray) -> IntArray:
        """The stored values of *psums*, same shape."""
        stored = requantise(psums - self.threshold, self.shift, self.bits)
        if self.relu or self.limit is not None:
            stored = np.maximum(stored, 0)
        return stored if self.limit is None else np.minimum(stored, self.limit)

    def present(self, psums: IntArray, channels: range) -> BoolArray:
        """Which words of a box are not zero once stored, see :class:`Storing`."""
        present: BoolArray = self(psums) != 0
        return present


@dataclass(frozen=True)
class Operands:
    """The values of a layer: ``(N, C, H, W)`` ifmap with its padding, ``(M, C/G, R, S)`` weights."""

    ifmap: Values
    weight: Values
    store: Storing
    code_ifmap: bool = True  # False: the network's first ifmap, which DRAM keeps as it is


Coded = Literal["ifmap", "weight"]
"""The operands that lie coded on the chip."""

Parts = Callable[[AnyFormat], Iterator[IntArray]]
"""A box as the arrays that a format codes one by one, columns last."""


def weight_words(box: Tile) -> int:
    """Weights of *box*."""
    return len(box.m) * len(box.c) * len(box.r) * len(box.s)


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
        self._has_table = False  # of a codebook, once it has come from DRAM
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
        """The size of a box at *level*; the first weights from DRAM come with the table of codes."""
        bits, key = self._arch.bits(operand), f"{operand}.{level}"
        table = 0
        if operand == "weight" and level == "dram" and not self._has_table:
            self._has_table = True
            table = self._arch.datapath.table_bits(self._arch.word_bits)
        if coded is None or self._operands is None or not words:
            return Size(words * bits + table, words)
        try:
            sizes = [coded.size(part, bits) for part in parts(coded)]
        except ConfigError as error:
            name = self._mapping.layer.name
            raise LegalityError(f"sparsity.formats.{key}: a box of {name}: {error}") from error
        return Size(sum(size.bits for size in sizes) + table, sum(size.entries for size in sizes))

    def _coder(
        self, operand: str, kept: tuple[AnyFormat | None, AnyFormat | None], dram: Size, glb: Size
    ) -> dict[str, int]:
        """What changes format where the link ends, in a memory or else in the PEs."""
        if self._operands is None or kept[0] == kept[1]:
            return {}
        sides = (f"codec.decode:{operand}", kept[0], dram), (f"codec.encode:{operand}", kept[1], glb)
        return {action: size.entries for action, coded, size in sides if coded is not None}


def weight_columns(mapping: Mapping, arch: Arch, box: Tile, weight: IntArray) -> Iterator[IntArray]:
    """The weights of *box* with the filters of one PE as columns: ``(c, r, s, filters)``."""
    layer = mapping.layer
    first = box.g.start * layer.group_m
    part = weight.reshape(layer.weight_shape)[:, box.c.start : box.c.stop]
    part = part[:, :, box.r.start : box.r.stop, box.s.start : box.s.stop]
    for filters in filters_of_pes(mapping, arch.array.pes, box.m):
        yield part[first + filters].transpose(1, 2, 3, 0)


def ifmap_columns(mapping: Mapping, values: IntArray) -> Iterator[IntArray]:
    """*values* ``(n, c, y, x)`` of a box with the channels of one PE as columns: ``(n, y, x, channels)``."""
    for c in blocks(range(values.shape[1]), mapping.step("rows", "c")):
        yield values[:, c.start : c.stop].transpose(0, 2, 3, 1)


def channels_of(layer: Layer, tile: Tile) -> range:
    """The ofmap channels of *tile*, counted over all groups."""
    first = tile.g.start * layer.group_m
    return range(first + tile.m.start, first + tile.m.stop)


def ofmap_size(
    arch: Arch, words: int, psums: Values | None, channels: range, operands: Operands | None
) -> Size:
    """*words* ofmap words of *channels* on the link, coded where DRAM keeps them so.

    *psums* are the final ones, as ``Storing.present`` takes them.
    """
    coded = arch.sparsity.formats.ofmap.dram
    if operands is None or psums is None or coded is None:
        return Size(words * arch.bits("ofmap"), 0)
    return coded.size(operands.store.present(psums, channels).astype(np.int64), arch.bits("ofmap"))
