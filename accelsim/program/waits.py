"""What fills and passes wait for: room in the memories, which earlier passes give back."""

from collections import deque
from collections.abc import Callable
from collections.abc import Mapping as MappingOf
from typing import NamedTuple

from accelsim.errors import LegalityError
from accelsim.mapping.nest import Dim, Mapping, Pass
from accelsim.program.dram_traffic import Boxes, Coded, Fill, overflow

PSUM_DIMS: tuple[Dim, ...] = ("n", "m", "e", "f")

Waits = list[int | None]
"""For each pass the number of an earlier one, or None: nothing."""


class Fetched(NamedTuple):
    """The boxes of one operand that a layer fetches, by pass."""

    fills: list[Fill]  # of its box
    new: list[bool]  # whether the box is fetched for it


def weight_waits(weights: Fetched, load: list[bool], boxes: Boxes) -> Waits:
    """Whose weights must have left their memory; without a memory, whose pass must be over.

    *load* says of each pass whether it takes weights out of the memory.

    Raises:
        Overflow: if a coded box has no room, which the mapping planned to be smaller.
    """
    paths = boxes.arch.paths
    memory = paths.weight.memory
    if memory is None:  # nowhere to put them but the PEs
        return [i - 1 if fresh and i else None for i, fresh in enumerate(weights.new)]
    banks = fill_banks("weight", weights.fills, boxes)
    room = max(banks) if memory == paths.glb else memory.banks.banks
    _require_room(banks, room, boxes, lambda at: {"weight": weights.fills[: at + 1]})

    def last_reader(first: int, following: int) -> int:
        if "weight" not in boxes.mapping.keeps:
            return following - 1
        return max(i for i in range(first, following) if load[i])

    return _ring(weights.new, banks, room, last_reader)


def ifmap_waits(weights: Fetched, ifmap: Fetched, boxes: Boxes) -> Waits:
    """Whose pass must be over before the ifmap banks can be refilled.

    Raises:
        Overflow: if a coded box has no room, which the mapping planned to be smaller.
    """
    paths = boxes.arch.paths
    if paths.ifmap.memory is None:
        return [None] * len(ifmap.new)
    banks = fill_banks("ifmap", ifmap.fills, boxes)
    psums = paths.psum.banks(boxes.mapping.psum_words)
    shared = max(fill_banks("weight", weights.fills, boxes)) if paths.weight.memory == paths.glb else 0
    room = paths.glb.banks.banks - psums - shared
    _require_room(banks, room, boxes, lambda at: {"weight": weights.fills, "ifmap": ifmap.fills[: at + 1]})
    return _ring(ifmap.new, banks, room, lambda first, following: following - 1)


def region_waits(mapping: Mapping, passes: list[Pass]) -> Waits:
    """The job that last left a finished ofmap where this one writes psums."""
    cuts = [
        (dim, mapping.step("dram", dim), mapping.step("glb", dim))
        for dim in PSUM_DIMS
        if mapping.step("glb", dim) < mapping.step("dram", dim)
    ]
    steps = [(dim, mapping.step("dram", dim)) for dim in PSUM_DIMS]
    drained: dict[tuple[int, ...], int] = {}
    waits, last, number = [], None, -1
    for i, p in enumerate(passes):
        block = (p.tile.g.start, *(getattr(p.tile, dim).start // step for dim, step in steps))
        if block != last:
            last, number = block, (number + 1) % mapping.psum_blocks
        within = (getattr(p.tile, dim).start % whole // step for dim, whole, step in cuts)
        region = (number, *within)
        waits.append(drained.get(region))
        if p.last:
            drained[region] = i
    return waits


def fill_banks(operand: Coded, fills: list[Fill], boxes: Boxes) -> list[int]:
    """Banks that each box takes in its memory; as planned, if it is coded and its values are not known."""
    path = boxes.arch.paths.of(operand)
    if _is_known(operand, boxes):
        return [path.banks_of_bits(fill.glb.bits) for fill in fills]
    return [path.banks(fill.words) for fill in fills]


def _is_known(operand: Coded, boxes: Boxes) -> bool:
    """Whether a memory keeps *operand* coded, and its values say how large it is there."""
    return boxes.operands is not None and getattr(boxes.arch.sparsity.formats, operand).glb is not None


def _require_room(
    banks: list[int], room: int, boxes: Boxes, seen: Callable[[int], MappingOf[Coded, list[Fill]]]
) -> None:
    """Refuse the first box that takes more *banks* than there is *room* for.

    It is an overflow, if a coded one of the boxes *seen* until that pass is larger than it was planned.
    """
    at = next((i for i, needed in enumerate(banks) if needed > room), None)
    if at is None:
        return
    error = LegalityError(f"pass {at}: a box needs {banks[at]} banks, has {max(room, 0)}")
    for operand, fills in seen(at).items():
        if _is_known(operand, boxes):
            words = max(1, *(fill.words for fill in fills))
            share = max(fill.glb.bits for fill in fills) / (words * boxes.arch.bits(operand))
            if share > getattr(boxes.arch.sparsity.formats, operand).planned:
                memory = boxes.arch.paths.of(operand).memory
                assert memory is not None, "a box that has no room was to lie in a memory"
                raise overflow(boxes.arch, operand, memory.name, share) from error
    raise error


def _ring(new: list[bool], banks: list[int], room: int, last_user: Callable[[int, int], int]) -> Waits:
    """For each fill, the last user of the fill whose banks it needs.

    Fills take free banks in order and give them back in order, each when the last job that reads it,
    *last_user* of its first job and that of the next fill, is done with it.
    """
    waits: Waits = [None] * len(new)
    held: deque[tuple[int, int]] = deque()  # (first job, banks)
    used, after = 0, None
    for i in (i for i, fresh in enumerate(new) if fresh):
        while used + banks[i] > room:
            first, freed = held.popleft()
            used -= freed
            after = last_user(first, held[0][0] if held else i)
        waits[i] = after
        held.append((i, banks[i]))
        used += banks[i]
    return waits
