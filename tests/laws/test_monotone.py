"""More of anything never takes longer: wider buses, deeper FIFOs, a faster link, shorter latencies."""

from dataclasses import replace
from functools import cache

import pytest

from accelsim.engines.fast import layer as fast
from accelsim.machine import Arch, DramLink
from accelsim.mapping.operands import Operands
from accelsim.program.jobs import make_program
from tests.laws.cases import Case, drawn

COUNT = 80


def _noc(arch: Arch, bus: str, **changes: int) -> Arch:
    return replace(arch, noc=replace(arch.noc, **{bus: replace(getattr(arch.noc, bus), **changes)}))


def _more(arch: Arch, what: str) -> Arch:
    bus, _, field = what.partition(".")
    if bus == "dram":
        if not isinstance(arch.dram, DramLink):
            return arch
        if field == "ideal":
            return replace(arch, dram="ideal")
        return replace(arch, dram=replace(arch.dram, **{field: 2 * getattr(arch.dram, field)}))
    value = getattr(getattr(arch.noc, bus), field)
    better = {"bits_per_cycle": value + 16, "fifo_words": value + 1, "latency_cycles": max(0, value - 1)}
    return _noc(arch, bus, **{field: better[field]})


KNOBS = [
    *(f"{bus}.bits_per_cycle" for bus in ("weight", "ifmap", "psum", "ofmap")),
    *(f"{bus}.fifo_words" for bus in ("ifmap", "psum", "ofmap", "local")),
    *(f"{bus}.latency_cycles" for bus in ("weight", "ifmap", "psum", "ofmap", "local")),
    "dram.bits_per_cycle",
    "dram.clock_hz",  # twice the clock: other ratios round differently at the crossing
    "dram.ideal",
]


@cache
def runs() -> list[tuple[Case, int, int]]:
    """Random cases with the cycles that they take, on their values and without any."""
    found = ((case, fast.simulate(case.program, case.operands).cycles) for case in drawn(COUNT))
    return [(case, cycles, fast.simulate(case.dense, None).cycles) for case, cycles in found]


def cycles(case: Case, arch: Arch, operands: Operands | None = None) -> int:
    """Those of *case* on another machine."""
    return fast.simulate(make_program(case.program.mapping, arch, operands), operands).cycles


@pytest.mark.parametrize("knob", KNOBS)
def test_more_is_never_slower(knob: str) -> None:
    for case, before, _ in runs():
        assert cycles(case, _more(case.program.arch, knob), case.operands) <= before


def test_a_shorter_pipeline_is_never_slower() -> None:
    for case, _, before in runs():
        arch = case.program.arch
        assert cycles(case, replace(arch, pe=replace(arch.pe, pipeline_stages=1))) <= before


def test_more_banks_are_never_slower() -> None:
    for case, _, before in runs():
        arch = case.program.arch
        assert cycles(case, replace(arch, glb=replace(arch.glb, banks=2 * arch.glb.banks))) <= before
