"""At no time are more banks of a memory occupied than it has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accelsim.machine import Banks
from accelsim.program.jobs import Program, make_program
from tests.laws import stream_cases, zero_cases
from tests.laws.cases import TIGHT
from tests.laws.drawn import Drawn
from tests.laws.mutants import Change, mutate_in_place
from tests.laws.occupancy import ifmap_banks, psum_banks, weight_banks

COUNT = 60
"""Random cases of a dataflow."""


def occupied(case: Drawn, program: Program) -> Iterator[tuple[str, int, int]]:
    """By memory of *program*, its name, the banks occupied at worst, and those that it has."""
    arch, operands = program.arch, case.operands
    glb = psum_banks(program, arch.buffer, leaves_at_once=arch.dram == "ideal" and not arch.ofmap_via_glb)
    if arch.ifmap_via_glb:
        glb += ifmap_banks(program, arch.buffer, operands)
    if isinstance(arch.filter_glb, Banks):
        weights = weight_banks(program, arch.filter_glb, operands)
        yield "filter GLB", weights, arch.filter_glb.banks
    elif arch.filter_glb == "glb":
        glb += weight_banks(program, arch.buffer, operands)
    yield "GLB", glb, arch.buffer.banks


def assert_fits(case: Drawn, program: Program) -> None:
    for memory, banks, most in occupied(case, program):
        assert banks <= most, f"{memory} needs {banks} banks, has {most}: {case}"


def drawn(name: str) -> tuple[Drawn, ...]:
    """Cases of dataflow *name*, with zeros that are coded where it can."""
    kinds = {"row_stationary": "primitives", "compressed_columns": "queues"}
    zeros = zero_cases.drawn(kinds[name], COUNT) if name in kinds else ()
    return (*stream_cases.drawn(name, COUNT), *zeros)


@pytest.mark.parametrize("name", list(stream_cases.ALL))
def test_no_more_banks_are_occupied_than_there_are(name: str) -> None:
    for case in drawn(name):
        assert_fits(case, case.program)


def test_tight_programs_fit() -> None:
    for case in (*TIGHT, *stream_cases.TIGHT):
        assert_fits(case, case.program)


MUTANTS: dict[str, Change] = {
    "ifmaps have the banks of the weights": (
        "program/waits.py",
        "room = paths.glb.banks.banks - psums - shared",
        "room = paths.glb.banks.banks - psums + shared",
    ),
    "ifmaps have the banks of the psums": (
        "program/waits.py",
        "paths.glb.banks.banks - psums -",
        "paths.glb.banks.banks -",
    ),
    "the last box does not count": (
        "program/waits.py",
        "while used + banks[i] > room:",
        "while used > room:",
    ),
    "a box is gone before its last reader is over": (
        "program/waits.py",
        "lambda first, following: following - 1)",
        "lambda first, following: first - 1)",
    ),
    "weights are gone before their readers have them": (
        "program/waits.py",
        "return max(i for i in range(first, following) if load[i])",
        "return first - 1",
    ),
    "there is one more block of psums": (
        "program/waits.py",
        "(number + 1) % mapping.psum_blocks",
        "(number + 1) % (mapping.psum_blocks + 1)",
    ),
    "nothing waits for an ofmap": ("program/waits.py", "drained[region] = i", "drained[region] = None"),
    "all of a block is one region": (
        "program/waits.py",
        "region = (number, *within)",
        "region = (number, i, *within)",
    ),
}


@pytest.mark.parametrize("name", list(MUTANTS))
def test_a_mutant_takes_banks_that_are_not_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [case for flow in stream_cases.ALL for case in drawn(flow)]
    mutate_in_place(MUTANTS[name], monkeypatch)
    with pytest.raises(AssertionError, match="banks, has"):
        for case in cases:
            assert_fits(case, make_program(case.program.mapping, case.program.arch, case.operands))
