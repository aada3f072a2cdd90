"""Whether coded words fit the scratch pads: mappings plan with a share, data need what they need."""

import numpy as np

from accelsim.machine import Arch, SplitRF
from accelsim.mapping.nest import Tile
from accelsim.mapping.operands import Operands, weight_columns
from accelsim.passes.build import filters_of_pes, window_of
from accelsim.program.dram_traffic import Coded, overflow
from accelsim.program.jobs import Job, Program


def check_fit(program: Program, operands: Operands) -> None:
    """Refuse *operands* of which a PE has more entries at once than its scratch pads hold.

    Pointers have a memory of their own beside them, which is not sized.

    Raises:
        Overflow: with the share that would have had to be planned.
    """
    formats = program.arch.sparsity.formats
    if formats.weight.spad is not None:
        for box in {job.work.tile.of("weight"): job.work.tile for job in program.jobs}.values():
            _check_weights(program, box, operands)
    if formats.ifmap.spad is not None:
        for job in {job.work.tile.of("ifmap"): job for job in program.jobs}.values():
            _check_window(program, job, operands)


def _check_weights(program: Program, box: Tile, operands: Operands) -> None:
    arch, mapping = program.arch, program.mapping
    coded = arch.sparsity.formats.weight.spad
    assert coded is not None and isinstance(arch.rf, SplitRF), "coded words have a scratch pad"
    channels, rows = mapping.step("rows", "c"), mapping.step("rows", "r")
    filters = filters_of_pes(mapping, arch, box.m)
    for columns in weight_columns(program.layer, box, operands.weight, filters):
        entries = coded.entries(columns != 0).sum(axis=(2, 3))  # (c, r)
        every = np.add.reduceat(entries, np.arange(0, len(box.c), channels), axis=0)
        every = np.add.reduceat(every, np.arange(0, len(box.r), rows), axis=1)
        words = min(channels, len(box.c)) * min(rows, len(box.r)) * len(box.s) * columns.shape[-1]
        _require(arch, "weight", int(every.max()), 8 * arch.rf.weight_bytes, words)


def _check_window(program: Program, job: Job, operands: Operands) -> None:
    arch, plan = program.arch, program.plans[job.shape]
    fullest = window_of(program.mapping, plan, job.work, program.layer, arch, operands.ifmap)
    _require(arch, "ifmap", fullest.held, fullest.places * arch.entry_bits("ifmap"), fullest.words)


def _require(arch: Arch, operand: Coded, entries: int, bits: int, words: int) -> None:
    """Refuse *entries* that take more than *bits*; they stand for *words*."""
    needed = entries * arch.entry_bits(operand)
    if needed > bits:
        share = needed / (words * arch.bits(operand))
        raise overflow(arch, operand, f"{operand} spad", share)
