"""Row stationary in closed form counts what its passes do, and bounds what they take, for every datapath."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from accelsim.engines.fast import layer as fast
from accelsim.engines.timing import Outcome
from accelsim.machine import Formats
from accelsim.mapping.nest import parameters
from accelsim.program.jobs import make_program
from dataflows.row_stationary import RowStationary
from dataflows.rs.space import RowStationarySpace
from tests.laws.datapath_cases import DATAPATHS, Case, drawn
from tests.laws.test_stream_counts import assert_counted, one

COUNT = 30
BY_VALUES = [name for name, datapath in DATAPATHS.items() if datapath.by_values]


@pytest.mark.parametrize("name", [name for name in DATAPATHS if name not in BY_VALUES])
def test_counts_of_any_choice_are_those_of_its_passes(name: str) -> None:
    for case in drawn("row_stationary", name, COUNT):
        assert_counted(RowStationary, case.choice, case.layer, case.program.arch)


def without_codes(case: Case) -> Case:
    """*case* on a link that takes words as they are, which bounds count, in PEs that skip nothing."""
    arch = case.program.arch
    arch = replace(arch, sparsity=replace(arch.sparsity, formats=Formats(), skip="none"))
    return replace(case, program=make_program(case.program.mapping, arch, case.operands))


def least_cycles(space: RowStationarySpace, case: Case) -> tuple[int, int]:
    """The bounds on the choice of *case*: its own, and that of all with its sizes on the array."""
    choice = parameters(case.choice)
    start = np.logical_and.reduce([getattr(space, name) == choice[name] for name in "pqrte"])
    (index,) = np.flatnonzero(start)
    _, floors = space.starts()
    return one(space.at(choice).floor_cycles), int(floors[index].min())


def simulated(case: Case) -> Outcome:
    """What *case* comes to with its values."""
    return fast.simulate(case.program, case.operands)


@pytest.mark.parametrize("name", DATAPATHS)
def test_no_case_is_faster_than_its_bounds(name: str) -> None:
    tight = []
    for case in map(without_codes, drawn("row_stationary", name, COUNT)):
        space = RowStationary.space(case.layer, case.program.arch)
        own, of_all = least_cycles(space, case)
        cycles = simulated(case).cycles
        assert own <= cycles
        assert of_all <= cycles
        tight.append(own / cycles)
    assert max(tight) > 0.8
