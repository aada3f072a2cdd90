"""How full the memories of a program are at worst, recounted from its jobs alone: fills, waits and regions.

What a job waits for has happened before it; all else may happen late, so that a box is there until something
has waited for its last reader, and a finished psum until something has waited for its way to DRAM.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from accelsim.machine import Banks
from accelsim.machine.formats import Csc
from accelsim.mapping.footprint import ifmap_addresses, ifmap_values
from accelsim.mapping.nest import Tile
from accelsim.mapping.operands import Operands, ifmap_columns, weight_columns
from accelsim.passes.build import filters_of_pes
from accelsim.program.jobs import Job, Program, requests


def weight_banks(program: Program, memory: Banks, operands: Operands | None) -> int:
    """Most banks of *memory* that boxes of weights take at once; PEs that keep weights read them to load."""
    keeps = "weight" in program.mapping.keeps
    fills = [(job.index, job.weights_after) for job in program.jobs if job.new_weights]
    readers = [job.index for job in program.jobs if job.load or not keeps]
    banks = [_banks(weight_bits(program, job.work.weights, operands), memory) for job in program.jobs]
    return _most(fills, readers, banks)


def ifmap_banks(program: Program, memory: Banks, operands: Operands | None) -> int:
    """Most banks of *memory* that boxes of the ifmap take at once."""
    fills = [(job.index, job.ifmap_after) for job in program.jobs if job.new_ifmap]
    readers = [job.index for job in program.jobs]
    banks = [_banks(ifmap_bits(program, job.work.ifmap, operands), memory) for job in program.jobs]
    return _most(fills, readers, banks)


def psum_banks(program: Program, memory: Banks, *, leaves_at_once: bool) -> int:
    """Most banks of *memory* that psums take at once; complete ones none, if they leave for DRAM at once."""
    jobs, order = program.jobs, list(requests(list(program.jobs)))
    drained = {served.job: place for place, served in enumerate(order) if served.kind == "ofmap"}
    there: dict[Tile, tuple[int, int | None]] = {}  # words, and where their way to DRAM stands in the order
    passed, most = -1, 0
    for job in jobs:
        passed = max(passed, *_places_before(job, order, drained), -1)
        there = {tile: at for tile, at in there.items() if at[1] is None or at[1] > passed}
        box = job.work.tile._replace(c=range(0), r=range(0), s=range(0))
        if job.work.last and leaves_at_once:
            there.pop(box, None)
        else:
            there[box] = _psum_words(job), drained.get(job.index)
        most = max(most, sum(words for words, _ in there.values()))
    return _banks(most * program.arch.bits("psum"), memory)


def _places_before(job: Job, order: Sequence[tuple[str, int]], drained: dict[int, int]) -> list[int]:
    """Places in the *order* of the link that are over before *job* starts."""
    fills = [("weight", job.index)] * job.new_weights + [("ifmap", job.index)] * job.new_ifmap
    return [order.index(fill) for fill in fills] + (
        [] if job.region_after is None else [drained[job.region_after]]
    )


def _psum_words(job: Job) -> int:
    tile = job.work.tile
    return len(tile.n) * len(tile.m) * len(tile.e) * len(tile.f)


def _most(fills: list[tuple[int, int | None]], readers: list[int], banks: list[int]) -> int:
    """Most banks of boxes at once; a box is gone when a later fill has waited for its last reader."""
    most, held = 0, list[tuple[int, int]]()  # last reader, banks
    firsts = [first for first, _ in fills] + [len(banks)]
    for (first, wait), following in zip(fills, firsts[1:], strict=True):
        held = [(reader, taken) for reader, taken in held if wait is None or reader > wait]
        last = max(reader for reader in readers if reader < following)
        held.append((last, banks[first]))
        most = max(most, sum(taken for _, taken in held))
    return most


def _banks(bits: int, memory: Banks) -> int:
    return len(range(0, bits, 8 * memory.bank_bytes))


def weight_bits(program: Program, box: Tile, operands: Operands | None) -> int:
    """Bits of the weights of *box* in their memory, as planned where they are coded and not known."""
    arch, coded = program.arch, program.arch.sparsity.formats.weight.glb
    words = len(box.m) * len(box.c) * len(box.r) * len(box.s)
    if coded is None:
        return words * arch.bits("weight")
    if operands is None:
        return _planned(words * arch.bits("weight"), arch.sparsity.formats.weight.planned)
    filters = filters_of_pes(program.mapping, arch, box.m)
    parts = weight_columns(program.layer, box, operands.weight, filters)
    return sum(coded.size(part, arch.bits("weight")).bits for part in parts)


def ifmap_bits(program: Program, box: Tile, operands: Operands | None) -> int:
    """Bits of the ifmap words of *box* in their memory, as planned where they are coded and not known."""
    arch, coded, layer = program.arch, program.arch.sparsity.formats.ifmap.glb, program.layer
    words = sum(1 for _ in ifmap_addresses(layer, box, arch))
    if coded is None:
        return words * arch.bits("ifmap")
    if operands is None:
        return _planned(words * arch.bits("ifmap"), arch.sparsity.formats.ifmap.planned)
    if not words:
        return 0
    values = ifmap_values(layer, box, arch, operands.ifmap)
    columns = isinstance(coded, Csc) and values.ndim == 4
    parts: Iterator = ifmap_columns(program.mapping, values) if columns else iter((values,))  # type: ignore[type-arg]
    return sum(coded.size(part, arch.bits("ifmap")).bits for part in parts)


def _planned(bits: int, share: float) -> int:
    return -int(-(bits * share) // 1)
