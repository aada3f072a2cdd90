"""What a nest of single MACs must fit, and the time that it takes at least."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from accelsim.arch import Arch, Banks, DramLink, Operand, SplitRF
from accelsim.counts import Count, Work
from accelsim.errors import LegalityError
from accelsim.rules import Rule

OPERANDS: tuple[Operand, ...] = ("ifmap", "weight", "psum")


def buffer_rules(arch: Arch, *, ifmap: Any, weights: Any, psums: Any) -> Iterator[Rule]:
    """Words that the GLB, and the filter GLB, must hold at once, in whole banks."""
    need = arch.buffer.banks_for(psums, arch.psum_word_bits)
    what = ["psums"]
    if arch.ifmap_via_glb:
        need, what = need + arch.buffer.banks_for(ifmap, arch.word_bits), ["ifmap", *what]
    if arch.filter_glb == "glb":
        need, what = need + arch.buffer.banks_for(weights, arch.word_bits), ["weights", *what]
    yield Rule(f"GLB, {' and '.join(what)}", need, arch.buffer.banks, "banks")
    if isinstance(arch.filter_glb, Banks):
        banks = arch.filter_glb.banks_for(weights, arch.word_bits)
        yield Rule("filter GLB, weights", banks, arch.filter_glb.banks, "banks")


def array_rules(arch: Arch, rows: Any, cols: Any) -> Iterator[Rule]:
    """PEs in *rows* and *cols*, as they are on a grid, anywhere in a pool."""
    if arch.array.placement == "pool":
        yield Rule("PEs", rows * cols, arch.array.pes, "PEs")
        return
    yield Rule("array height", rows, arch.array.rows, "rows")
    yield Rule("array width", cols, arch.array.cols, "columns")


def most_rows(arch: Arch) -> int:
    """Rows of PEs that a nest can have."""
    return arch.array.pes if arch.array.placement == "pool" else arch.array.rows


def most_columns(arch: Arch) -> int:
    """Columns of PEs that a nest can have."""
    return arch.array.pes if arch.array.placement == "pool" else arch.array.cols


def rf_rules(arch: Arch, **words: int) -> Iterator[Rule]:
    """*words* of each operand in the register file of a PE: in one pool, or in a scratch pad each."""
    if isinstance(arch.rf, SplitRF):
        for operand in OPERANDS:
            yield Rule(f"{operand} spad", words.get(operand, 0), arch.rf_words(operand))
        return
    yield Rule(f"register file, {' and '.join(words)}", sum(words.values()), arch.rf_words("pooled"))


def check_interconnect(arch: Arch, *, systolic: bool) -> None:
    """Refuse a systolic array unless the nest can do with one.

    Raises:
        LegalityError: if operands would have to reach PEs that are not in one row or column.
    """
    if arch.systolic and not systolic:
        raise LegalityError(
            f"array.interconnect of {arch.name} must be multicast for this dataflow (got systolic)"
        )


def least_cycles(arch: Arch, work: Work, busy: Count) -> Any:
    """No simulation takes fewer cycles than *busy*, those of the passes in a row, or than the buses."""
    cycles: Any = np.maximum(busy, work.psums_out // arch.words_per_cycle("ofmap"))
    for bus, words in (("ifmap", work.ifmap_reads), ("weight", work.weight_loads), ("psum", work.psums_in)):
        cycles = np.maximum(cycles, words // arch.words_per_cycle(bus))
    return arch.configuration_cycles + np.maximum(cycles, link_cycles(arch, work))


def link_cycles(arch: Arch, work: Work) -> Count:
    """Cycles that the DRAM link needs for the words of *work*, uncoded."""
    dram = arch.dram
    if not isinstance(dram, DramLink):
        return 0
    words = work.ifmap_fills + work.weight_fills
    bits = words * arch.word_bits + work.ofmap_words * arch.psum_word_bits
    return bits // dram.bits_per_cycle * arch.clock_hz // dram.clock_hz


def ofmap_words(arch: Arch, words: Any, *, partial: bool) -> Any:
    """Psum words in the GLB for blocks of *words*: none, if they are complete and leave for DRAM."""
    return words if partial or arch.ofmap_via_glb else words * 0
