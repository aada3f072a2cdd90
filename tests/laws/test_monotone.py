"""More of anything never takes longer: wider buses, deeper FIFOs, a faster link, shorter latencies."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accelsim.engines.fast import layer as fast
from accelsim.machine import Arch, DramLink
from accelsim.program.jobs import make_program
from tests.laws.cases import cases

ENOUGH = settings(max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def _noc(arch: Arch, bus: str, **changes: int) -> Arch:
    return replace(arch, noc=replace(arch.noc, **{bus: replace(getattr(arch.noc, bus), **changes)}))


def _more(arch: Arch, what: str) -> Arch:
    bus, _, field = what.partition(".")
    if bus == "dram":
        assume(isinstance(arch.dram, DramLink))
        assert isinstance(arch.dram, DramLink)
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


@pytest.mark.parametrize("knob", KNOBS)
def test_more_is_never_slower(knob):
    @ENOUGH
    @given(cases(), st.none())
    def holds(case, _):
        better = _more(case.program.arch, knob)
        program = make_program(case.program.mapping, better)
        before, after = (fast.simulate(p, case.operands).cycles for p in (case.program, program))
        assert after <= before

    holds()


@ENOUGH
@given(cases())
def test_a_shorter_pipeline_is_never_slower(case):
    arch = replace(case.program.arch, pe=replace(case.program.arch.pe, pipeline_stages=1))
    program = make_program(case.program.mapping, arch)
    assert fast.simulate(program, None).cycles <= fast.simulate(case.program, None).cycles


@ENOUGH
@given(cases())
def test_more_banks_are_never_slower(case):
    arch = case.program.arch
    program = make_program(
        case.program.mapping, replace(arch, glb=replace(arch.glb, banks=2 * arch.glb.banks))
    )
    assert fast.simulate(program, None).cycles <= fast.simulate(case.program, None).cycles
