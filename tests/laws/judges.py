"""What judges a change to code that both engines share: naive recounts, closed forms, and schedules by hand.

Every judge builds its programs anew, so that a changed line has its say, and raises where a law is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import signature
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from accelsim.engines.fast import layer as fast
from accelsim.engines.timing import Outcome
from accelsim.network.convolution import reference_ofmap
from accelsim.program.jobs import Program, make_program
from tests.laws import cases, datapath_cases, stream_cases, test_stream_laws, zero_cases
from tests.laws.drawn import Drawn
from tests.laws.test_datapath_counts import assert_recounted as assert_datapath_recounted
from tests.laws.test_occupancy import occupied
from tests.laws.test_stream_counts import assert_counted
from tests.laws.test_zero_laws import assert_recounted
from tests.unit.dataflows import test_nests
from tests.unit.engines import (
    test_datapaths,
    test_schedules,
    test_schedules_dram,
    test_stream_schedules,
    test_systolic,
)
from tests.unit.mapping import test_footprint, test_nest, test_operands
from tests.unit.passes import test_primitive
from tests.unit.program import test_dram_traffic, test_jobs

Judge = Callable[[], None]

EACH, FEW = 12, 4
"""Random cases of a dataflow, and of a datapath."""


def draw() -> None:
    """Draw all cases, which are kept."""
    streams(), zeros(), primitives(), datapaths()


def program_of(case: Drawn) -> Program:
    """The program of *case*, made anew from its choice."""
    arch = case.program.arch
    return make_program(case.choice.map(case.layer, arch), arch, case.operands)


def streams() -> list[stream_cases.Case]:
    """Cases of every dataflow, ready before any line is changed."""
    return [case for name in stream_cases.ALL for case in stream_cases.drawn(name, EACH)]


def zeros() -> list[zero_cases.Case]:
    """Cases whose zeros are skipped, coded or both."""
    return [case for kind in zero_cases.KINDS for case in zero_cases.drawn(kind, EACH)]


def primitives() -> tuple[cases.Case, ...]:
    """Cases of row stationary on machines of its own."""
    return cases.drawn(EACH)


def datapaths() -> list[datapath_cases.Case]:
    """Cases of every datapath."""
    names = datapath_cases.DATAPATHS
    return [case for name in names for case in datapath_cases.drawn("row_stationary", name, FEW)]


def simulated(case: Drawn) -> Outcome:
    """What the fast engine makes of *case*."""
    return fast.simulate(program_of(case), case.operands)


def exact() -> None:
    """Ofmaps are numpy's."""
    for case in (*primitives(), *streams(), *zeros()):
        expected = reference_ofmap(case.layer, case.ifmap, case.operands.weight)
        np.testing.assert_array_equal(simulated(case).ofmap, expected)


def counted() -> None:
    """Closed forms of the search count what passes do."""
    for case in streams():
        assert_counted(stream_cases.ALL[case.name], case.choice, case.layer, case.program.arch)


def conserved() -> None:
    """What one memory gives, another takes; every MAC takes its operands from somewhere."""
    runs = [(case, simulated(case)) for case in streams()]
    for name, law in vars(test_stream_laws).items():
        if name.startswith("test_") and set(signature(law).parameters) == {"runs"}:
            law(runs)


def recounted() -> None:
    """What zeros and datapaths do is what naive loops over words do."""
    for case in zeros():
        assert_recounted(case, simulated(case))
    for other in datapaths():
        assert_datapath_recounted(other, simulated(other))


def housed() -> None:
    """No more banks are occupied than there are."""
    for case in (*streams(), *zeros()):
        assert all(banks <= most for _, banks, most in occupied(case, program_of(case)))


def by_hand() -> None:
    """Schedules worked out to the cycle, folds of systolic arrays, waits, boxes and codes."""
    schedules = test_schedules, test_schedules_dram, test_stream_schedules, test_systolic
    counts = test_footprint, test_nest, test_operands, test_primitive, test_dram_traffic, test_jobs
    for module in (*schedules, *counts, test_datapaths, test_nests):
        for run in calls(module):
            run()


def calls(module: ModuleType) -> Iterator[Callable[[], None]]:
    """The tests of *module* that need no fixture but their own simple ones, once for all their parameters."""
    for name, test in vars(module).items():
        if name.startswith("test_"):
            marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
            for chosen in product(*(_values(mark) for mark in marks)):
                given = {key: value for part in chosen for key, value in part.items()}
                missing = set(signature(test).parameters) - set(given)
                if missing <= SIMPLE.keys():
                    yield lambda test=test, given=given, missing=missing: test(
                        **given, **{name: SIMPLE[name]() for name in missing}
                    )


def _values(mark: pytest.Mark) -> list[dict[str, Any]]:
    """The arguments of every case of a parametrised test."""
    names = [name.strip() for name in mark.args[0].split(",")]
    values = list(mark.args[1])
    return [dict(zip(names, value if len(names) > 1 else [value], strict=True)) for value in values]


def _made(fixture: Any) -> Callable[[], Any]:
    """What a fixture without fixtures of its own makes."""
    return getattr(fixture, "__wrapped__", None) or fixture.__pytest_wrapped__.obj


SIMPLE = {
    "two_by_two": _made(test_jobs.two_by_two),
    "operands": _made(test_dram_traffic.operands),
    "plan": _made(test_primitive.plan),
}
"""Fixtures of the tests by hand."""
