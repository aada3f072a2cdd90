"""How nests of single MACs are written down and checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import numpy as np

from accelsim.errors import LegalityError
from accelsim.machine import Arch
from accelsim.mapping.nest import Dim, Loop
from accelsim.mapping.rules import Rule


def check(dataflow: Any, rules: Iterable[Rule]) -> None:
    """Raise LegalityError for the first size of *dataflow* below 1, or the first rule that is broken."""
    for field in fields(dataflow):
        if getattr(dataflow, field.name) < 1:
            raise LegalityError(f"{field.name} must be at least 1 (got {getattr(dataflow, field.name)})")
    for rule in rules:
        rule.check()


def levels(*, rows: tuple[Dim, ...], cols: tuple[Dim, ...], pe: tuple[Dim, ...]) -> tuple[Loop, ...]:
    """The loops on the array and in the PEs: one step of every dimension on each row, column and MAC."""
    return (
        *(Loop("rows", dim, 1) for dim in rows),
        *(Loop("cols", dim, 1) for dim in cols),
        *(Loop("pe", dim, 1) for dim in pe),
    )


def even_blocks(size: int, most: Any, step: Any) -> Any:
    """The block to cut *size* into as few as *most* allows: of whole tiles of *step* if that costs none more.

    >>> int(even_blocks(384, 66, 32))
    64
    """
    number = -(-size // most)
    whole = -(-size // (number * step)) * step
    return np.where(whole <= most, np.minimum(whole, size), most)


def block_passes(size: int, block: Any, step: Any) -> Any:
    """Tiles of *step* within blocks of *block* of *size*, ragged where they are."""
    rest = size % block
    return size // block * -(-block // step) + -(-rest // step)


def shared_hops(arch: Arch, uses: Any, words: Any) -> Any:
    """Hops of *words* that a bus brings for *uses*: on a systolic array each use but the first is one."""
    return (uses - words) * arch.systolic


def climbed(size: Any, step: Any) -> Any:
    """Rows that one word of every row has to cross, over tiles of *step* rows of *size*."""
    rest = size % step
    return size // step * (step * (step - 1) // 2) + rest * (rest - 1) // 2


def climbed_in_blocks(size: int, block: Any, step: Any) -> Any:
    """The same over tiles of *step* within blocks of *block*."""
    return size // block * climbed(block, step) + climbed(size % block, step)
