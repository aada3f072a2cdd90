"""The rule that counts nests == the sum of their passes, on random nests that no dataflow has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from accelsim.errors import ConfigError
from accelsim.machine import Arch, Operand, PEArray
from accelsim.mapping.counting import NestCounts
from accelsim.mapping.nest import Dim, Level, Loop, Mapping, extents
from accelsim.network.layer import Layer, lowered
from accelsim.program.jobs import make_program
from dataflows.nests.nest import on_array
from tests.laws.seeds import draw_name, seed
from tests.laws.stream_machines import WIDE, roomy

EACH = 60
PIXELS: tuple[Dim, ...] = ("n", "e", "f")
TAPS: tuple[Dim, ...] = ("c", "r", "s")
STREAMED: tuple[Operand, ...] = ("ifmap", "weight")
KEEPS: dict[str, tuple[Operand, ...]] = {
    "nothing": (),
    "weight": ("weight",),
    "ifmap": ("ifmap",),
    "psum": ("psum",),
    "slide": ("psum",),
    "broadcast": ("weight",),
}
"""What PEs keep in each kind of nest."""


def random_layer(dice: Random) -> Layer:
    """A layer with everything uneven; one in three as a product."""
    while True:
        groups = dice.choice([1, 1, 2])
        try:
            layer = Layer(
                "random",
                n=dice.randint(1, 3),
                m=groups * dice.randint(1, 5),
                c=groups * dice.randint(1, 4),
                h=dice.randint(2, 5),
                w=dice.randint(2, 5),
                r=dice.randint(1, 3),
                s=dice.randint(1, 3),
                groups=groups,
                stride=(dice.randint(1, 2), dice.randint(1, 2)),
                pad=(dice.randint(0, 1), 0, dice.randint(0, 2), 1),
            )
        except ConfigError:  # the filter does not fit
            continue
        return layer


def some(dice: Random, dims: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """One or more of *dims*, in any order."""
    return tuple(dice.sample(dims, dice.randint(1, len(dims))))


def within(kind: str, dice: Random) -> tuple[tuple[Dim, ...], tuple[Dim, ...], tuple[Dim, ...]]:
    """Dimensions on rows, on columns and in the PEs."""
    if kind == "broadcast":
        return ("s", "c"), ("r", "m"), PIXELS
    if kind in ("psum", "slide"):
        on = dice.sample(("m", *PIXELS), dice.randint(2, 4))
        cut = dice.randint(1, len(on) - 1)
        return tuple(on[:cut]), tuple(on[cut:]), TAPS
    if kind == "ifmap":
        return some(dice, TAPS), some(dice, PIXELS), ("m",)
    if kind == "weight":
        return some(dice, TAPS), some(dice, ("m",)), some(dice, PIXELS)
    cols = tuple(dice.sample(("m", *PIXELS), dice.randint(1, 3)))
    return some(dice, TAPS), cols, tuple(dim for dim in ("m", *PIXELS) if dim not in cols)


def around(layer: Layer, kind: str, inside: tuple[Dim, ...], dice: Random) -> Iterator[Loop]:
    """Loops around a pass in any order, dims in two levels among them; none is larger than what it cuts."""
    size = extents(layer)
    whole: tuple[Dim, ...] = TAPS if kind in ("psum", "slide") else ("r", "s") if kind == "broadcast" else ()
    twice = {"weight": PIXELS, "ifmap": ("m",), "broadcast": PIXELS}.get(kind, tuple(size))
    levels: tuple[Level, ...] = ("dram", "glb")
    loops = [(level, dim) for level in levels for dim in size if dim not in (*whole, "g")]
    chosen = {at for at in loops if dice.random() < 0.6 and (at[1] in twice or at[0] == "dram")}
    chosen |= {("glb" if dim in twice else "dram", dim) for _, dim in loops if dim not in inside}
    yield Loop("dram", "g", 1)
    for level in levels:
        here = [dim for at, dim in chosen if at == level]
        for dim in dice.sample(sorted(here), len(here)):
            last = dim not in inside and (level == "glb" or dim not in twice)
            size[dim] = 1 if last else dice.randint(1, size[dim])
            yield Loop(level, dim, size[dim])


def random_nest(kind: str, dice: Random) -> tuple[Mapping, Arch]:
    """A nest of *kind* with room for it."""
    layer: Any = random_layer(dice)
    if kind not in ("slide", "broadcast") and dice.random() < 0.4:
        layer = lowered(layer)
    rows, cols, pe = within(kind, dice)
    loops = tuple(around(layer, kind, (*rows, *cols, *pe), dice))
    keeps: tuple[Operand, ...] = KEEPS[kind]
    operands = [operand for operand in STREAMED if operand not in keeps and dice.random() < 0.4]
    names = {operand: dice.choice([(loop.level, loop.dim) for loop in loops]) for operand in operands}
    mapping = Mapping(
        layer,
        (*loops, *on_array(rows=rows, cols=cols, pe=pe)),
        psum_words=1,
        keeps=keeps,
        sharing=kind if kind in ("slide", "broadcast") else "step",
        fetches=names,
    )
    arch = replace(roomy(), padding=dice.choice(["stored", "generated"]))
    if mapping.sharing == "step" and dice.random() < 0.5:
        arch = replace(arch, array=PEArray(WIDE, WIDE, "grid", "systolic"))
    return mapping, arch


@pytest.mark.parametrize("kind", KEEPS)
def test_the_rule_counts_what_the_passes_move(kind: str) -> None:
    for number in range(EACH):
        name = draw_name(f"nest: {kind}", number, seed())
        mapping, arch = random_nest(kind, Random(name))
        program = make_program(mapping, arch)
        assert NestCounts(mapping, arch).work._asdict() == program.work._asdict(), (name, str(mapping))
