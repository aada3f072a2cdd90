"""What holds for every dataflow: conservation, rooflines, and that more of anything is never slower."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from accelsim.engines.fast import layer as fast
from accelsim.engines.timing import Outcome
from accelsim.machine import Arch, DramLink
from accelsim.passes.lanes import is_primitive
from accelsim.program.jobs import make_program
from accelsim.stats import CAUSE, CAUSES
from tests.laws.stream_cases import ALL, TIGHT, Case, drawn

EACH, THINNED = 16, 3
"""Cases of each dataflow; where each is run for many machines, one in so many."""


@cache
def ran(name: str) -> list[tuple[Case, Outcome]]:
    """Cases of dataflow *name* with what they come to."""
    mine = [case for case in TIGHT if case.name == name] + list(drawn(name, EACH))
    return [(case, fast.simulate(case.program, case.operands)) for case in mine]


@pytest.fixture(params=ALL)
def runs(request: pytest.FixtureRequest) -> list[tuple[Case, Outcome]]:
    """Every dataflow's."""
    return ran(request.param)


def test_passes_hold_every_mac_once(runs: list[tuple[Case, Outcome]]) -> None:
    for case, _ in runs:
        loops = case.program.layer
        sizes = (loops.groups, loops.n, loops.group_m, loops.group_c, loops.e, loops.f, loops.r, loops.s)
        times = np.zeros(sizes, int)
        for job in case.program.jobs:
            times[tuple(slice(part.start, part.stop) for part in job.work.tile)] += 1
        assert times.size == case.layer.macs
        assert (times == 1).all()


def test_every_mac_is_done_or_gated_once_and_takes_a_cycle(runs: list[tuple[Case, Outcome]]) -> None:
    for case, outcome in runs:
        did, macs = outcome.actions, case.layer.macs
        assert did["mac.multiply_add:psum"] + did["mac.gated:psum"] == macs
        assert outcome.causes[CAUSE["busy.mac"]].sum() == macs
        queues = case.program.mapping.sharing == "queue"  # whose PEs give away psums one a cycle
        given = did["noc.collect:psum"] if queues else did["mac.add:psum"]
        assert outcome.causes[CAUSE["busy.accumulate"]].sum() == given


def test_causes_of_every_pe_sum_to_the_cycles(runs: list[tuple[Case, Outcome]]) -> None:
    for case, outcome in runs:
        assert outcome.causes.shape == (len(CAUSES), case.program.arch.array.pes)
        assert (outcome.causes >= 0).all()
        assert (outcome.causes.sum(axis=0) == outcome.cycles).all()
        assert 0 < outcome.array_cycles <= outcome.cycles


def test_no_layer_is_faster_than_its_pes(runs: list[tuple[Case, Outcome]]) -> None:
    for case, outcome in runs:
        assert outcome.array_cycles >= -(-case.layer.macs // case.program.arch.array.pes)


def test_no_bus_moves_more_than_its_width(runs: list[tuple[Case, Outcome]]) -> None:
    for case, outcome in runs:
        arch, work, end = case.program.arch, case.program.work, outcome.array_cycles
        assert end >= -(-work.ifmap_reads // arch.words_per_cycle("ifmap"))
        assert end >= -(-work.weight_loads // arch.words_per_cycle("weight"))
        assert end >= -(-work.psums_in // arch.words_per_cycle("psum"))
        assert outcome.cycles >= -(-work.psums_out // arch.words_per_cycle("ofmap"))


def test_the_dram_link_moves_no_more_than_its_width(runs: list[tuple[Case, Outcome]]) -> None:
    for case, _ in runs:
        arch = case.program.arch
        if not isinstance(arch.dram, DramLink):
            continue
        outcome = fast.simulate(case.dense, None)
        words = outcome.dense_dram
        bits = (words["dram.read:ifmap"] + words["dram.read:weight"]) * arch.word_bits
        bits += words["dram.write:psum"] * arch.psum_word_bits
        seconds = arch.dram.transfer_cycles(bits) / arch.dram.clock_hz
        assert outcome.cycles / arch.clock_hz >= seconds


def test_dram_words_cover_every_word_that_a_mac_touches(runs: list[tuple[Case, Outcome]]) -> None:
    for case, outcome in runs:
        layer, stored = case.layer, case.program.arch.padding == "stored"
        rows = layer.rows(range(layer.e), range(layer.r))
        columns = layer.columns(range(layer.f), range(layer.s))
        high = sum(stored or not layer.is_pad_row(row) for row in rows)
        wide = sum(stored or not layer.is_pad_column(column) for column in columns)
        dense = outcome.dense_dram
        assert dense["dram.read:ifmap"] >= layer.n * layer.c * high * wide
        assert dense["dram.read:weight"] >= layer.m * layer.group_c * layer.r * layer.s
        assert dense["dram.write:psum"] == layer.n * layer.m * layer.e * layer.f


def test_what_dram_gives_the_glb_takes(runs: list[tuple[Case, Outcome]]) -> None:
    for case, outcome in runs:
        did, dense, arch = outcome.actions, outcome.dense_dram, case.program.arch
        ifmap = dense["dram.read:ifmap"] if arch.ifmap_via_glb else 0
        weight = dense["dram.read:weight"] if arch.filter_glb is not None else 0
        assert did["glb.write:ifmap"] == ifmap
        assert did["glb.write:weight"] == weight


def test_psums_written_are_read_once_each(runs: list[tuple[Case, Outcome]]) -> None:
    """P passes: P writes, P reads where ofmaps leave through the GLB; P-1 of each where they do not."""
    for case, outcome in runs:
        did, layer = outcome.actions, case.layer
        ofmap = layer.n * layer.m * layer.e * layer.f
        direct = 0 if case.program.arch.ofmap_via_glb else ofmap
        assert did["glb.read:psum"] == did["glb.write:psum"] == did["noc.collect:psum"] - direct
        assert did["noc.deliver:psum"] == did["noc.collect:psum"] - ofmap
        assert did["noc.collect:psum"] % ofmap == 0


def test_every_mac_takes_its_operands_from_somewhere(runs: list[tuple[Case, Outcome]]) -> None:
    """Words in a PE are written once and read for every MAC; others come on wires each time."""
    for case, outcome in runs:
        did, macs, mapping = outcome.actions, case.layer.macs, case.program.mapping
        for operand in ("ifmap", "weight"):
            wires = did[f"noc.deliver:{operand}"] + did[f"noc.wire:{operand}"]
            if operand in mapping.keeps or mapping.sharing == "queue":
                assert did[f"rf.write:{operand}"] == wires
                assert did[f"rf.read:{operand}"] + did[f"rf.gated_read:{operand}"] == macs
            else:
                assert wires + did[f"noc.hop:{operand}"] == macs
                assert did[f"rf.write:{operand}"] == did[f"rf.read:{operand}"] == 0


def test_every_psum_goes_somewhere(runs: list[tuple[Case, Outcome]]) -> None:
    """A kept psum uses the register file; another one goes to a neighbour or to the ofmap bus in its step."""
    for case, outcome in runs:
        did = outcome.actions
        assert did["rf.read:psum"] == did["rf.write:psum"]
        if "psum" not in case.program.mapping.keeps:
            assert did["noc.hop:psum"] + did["noc.collect:psum"] == case.layer.macs
            assert did["rf.write:psum"] == 0
        elif not is_primitive(case.program.mapping):
            assert did["noc.collect:psum"] == case.layer.n * case.layer.m * case.layer.e * case.layer.f


KNOBS = [
    *(f"{bus}.bits_per_cycle" for bus in ("weight", "ifmap", "psum", "ofmap")),
    *(f"{bus}.fifo_words" for bus in ("weight", "ifmap", "psum", "ofmap", "local")),
    *(f"{bus}.latency_cycles" for bus in ("weight", "ifmap", "psum", "ofmap", "local")),
    "dram.bits_per_cycle",
    "dram.clock_hz",  # twice the clock: other ratios round differently at the crossing
    "dram.ideal",
    "glb.banks",
    "filter_glb.banks",
    "pe.pipeline_stages",
]


def better(arch: Arch, knob: str) -> Arch:
    """*arch* with more of *knob*; or itself where it has no such thing."""
    part, _, field = knob.partition(".")
    if knob == "dram.ideal":
        return replace(arch, dram="ideal")
    home: Any = arch.noc if hasattr(arch.noc, part) else arch
    old = getattr(home, part)
    if not hasattr(old, field):
        return arch
    value = getattr(old, field)
    new = {
        "bits_per_cycle": value + 24 if home is arch.noc else 2 * value,
        "latency_cycles": max(0, value - 1),
        "pipeline_stages": max(1, value - 1),
        "clock_hz": 2 * value,
    }
    changed = replace(old, **{field: new.get(field, value + 1)})
    home = replace(home, **{part: changed})
    return replace(arch, noc=home) if home is not arch and not isinstance(home, Arch) else home


@cache
def dense() -> list[tuple[Case, int]]:
    """Some cases of every dataflow with the cycles that they take without values."""
    some = [case for name in ALL for case, _ in ran(name)[::THINNED]]
    return [(case, fast.simulate(case.dense, None).cycles) for case in some]


@pytest.mark.parametrize("knob", KNOBS)
def test_more_is_never_slower(knob: str) -> None:
    for case, before in dense():
        arch = better(case.program.arch, knob)
        if arch != case.program.arch:
            program = make_program(case.program.mapping, arch)
            assert fast.simulate(program, None).cycles <= before, (knob, case.name, case.choice)
