"""What zeros may do and may not do, whatever the machine: counts by naive loops, bounds, special tensors."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.engines.timing import Outcome
from accelsim.machine import Arch, PEArray, Sparsity, SplitRF
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from accelsim.stats import CAUSE, CAUSES
from dataflows.compressed_columns import CompressedColumns
from tests.laws.stream_machines import roomy
from tests.laws.word_by_word import Recount
from tests.laws.zero_cases import KINDS, WORD, Case, drawn, large_enough

COUNT = 60
Run = tuple[Case, Outcome]


@cache
def ran(kind: str) -> list[Run]:
    """Cases of *kind* with what they come to."""
    return [(case, fast.simulate(case.program, case.operands)) for case in drawn(kind, COUNT)]


@pytest.fixture(params=KINDS)
def runs(request: pytest.FixtureRequest) -> list[Run]:
    """Those of each kind."""
    return ran(request.param)


@pytest.fixture
def skipping(runs: list[Run]) -> list[Case]:
    """Those whose PEs could skip zeros."""
    return [case for case, _ in runs if isinstance(case.program.arch.rf, SplitRF)]


def zeros_of(case: Case, **changes: Any) -> Arch:
    """The machine of *case* that does otherwise about zeros."""
    arch = case.program.arch
    return replace(arch, sparsity=replace(arch.sparsity, **changes))


def cycles(case: Case, **changes: Any) -> int:
    """Those of *case* on such a machine."""
    return fast.simulate(case.on(zeros_of(case, **changes)), case.operands).cycles


FREE = {"unmatched_cycles": 0, "empty_window_cycles": 0}
"""Nothing but MACs takes time."""


def assert_recounted(case: Case, outcome: Outcome) -> None:
    """What *outcome* counts is what naive loops over the words of *case* do."""
    did, every_pe = outcome.actions, range(case.program.arch.array.pes)
    own = Recount(case)
    told = own.counts
    assert did["mac.multiply_add:psum"] == told["macs"] - told["gated"]
    assert did["mac.gated:psum"] == told["gated"]
    assert did["mac.skipped:psum"] == told["skipped"]
    assert did["mac.overhead:psum"] == told["fillers"]
    assert did["rf.write:ifmap"] == did["noc.deliver:ifmap"] == told["ifmap words"]
    assert did["rf.write:weight"] == told["weight words"]
    assert outcome.causes[CAUSE["busy.mac"]].tolist() == [own.mac[pe] for pe in every_pe]
    assert outcome.causes[CAUSE["busy.overhead"]].tolist() == [own.overhead[pe] for pe in every_pe]


def test_every_count_is_that_of_naive_loops(runs: list[Run]) -> None:
    for case, outcome in runs:
        assert_recounted(case, outcome)


def test_entries_that_pes_decode_are_those_of_naive_loops(runs: list[Run]) -> None:
    checked = 0
    for case, outcome in runs:
        formats, told = case.program.arch.sparsity.formats, Recount(case).counts
        for operand, entries in (("weight", "entries"), ("ifmap", "ifmap entries")):
            kept = getattr(formats, operand)
            if kept.spad is not None and kept.glb is None and kept.dram is None:
                assert outcome.actions[f"codec.decode:{operand}"] == told[entries]
                checked += 1
        looks = case.program.arch.datapath.kind == "codebook"
        looked = told["macs"] + told["fillers"] - told["gated"] if looks else 0
        assert outcome.actions["codec.lookup:weight"] == looked
    assert checked


def test_every_mac_is_done_gated_or_skipped_once(runs: list[Run]) -> None:
    for case, outcome in runs:
        did = outcome.actions
        assert (
            sum(did[f"mac.{what}:psum"] for what in ("multiply_add", "gated", "skipped")) == case.layer.macs
        )


def test_causes_of_every_pe_sum_to_the_cycles(runs: list[Run]) -> None:
    for case, outcome in runs:
        assert outcome.causes.shape == (len(CAUSES), case.program.arch.array.pes)
        assert (outcome.causes >= 0).all()
        assert (outcome.causes.sum(axis=0) == outcome.cycles).all()
        assert 0 < outcome.array_cycles <= outcome.cycles


def test_gating_moves_no_cycle_and_no_word(runs: list[Run]) -> None:
    told = ("mac.multiply_add:", "mac.gated:", "rf.read:weight", "rf.gated_read:weight", "codec.lookup:")
    for case, _ in runs:
        one, other = (
            fast.simulate(case.on(zeros_of(case, gate=gate)), case.operands) for gate in ("none", "ifmap")
        )
        assert one.cycles == other.cycles
        np.testing.assert_array_equal(one.causes, other.causes)
        changed = {key for key in one.actions | other.actions if one.actions[key] != other.actions[key]}
        assert all(key.startswith(told) for key in changed)


def test_skipping_more_operands_never_takes_longer(skipping: list[Case]) -> None:
    """Fillers among the weights included: a column has no more entries than filters."""
    faster = 0
    for case in skipping:
        skip = partial(cycles, case, **FREE)
        none, ifmap, weight, both = (skip(skip=which) for which in ("none", "ifmap", "weight", "both"))
        assert both <= min(ifmap, weight) <= max(ifmap, weight) <= none
        faster += both < min(ifmap, weight)
    assert faster > len(skipping) // 10


def test_skipping_takes_no_longer_than_a_dense_machine_and_its_own_overhead(skipping: list[Case]) -> None:
    """On an ideal link: crossings of clocks round up."""
    for case in skipping:
        arch = replace(zeros_of(case, skip="both"), dram="ideal")
        slow = fast.simulate(case.on(arch), case.operands)
        dense = replace(arch, sparsity=replace(arch.sparsity, skip="none"))
        overhead = int(slow.causes[CAUSE["busy.overhead"]].sum())
        assert slow.cycles <= fast.simulate(case.on(dense), case.operands).cycles + overhead


def test_without_a_zero_skipping_is_the_dense_machine(skipping: list[Case]) -> None:
    for case in skipping:
        if case.program.arch.padding == "generated":
            continue  # which is zeros
        tensors = {name: getattr(case.operands, name) for name in ("ifmap", "weight")}
        full = replace(case.operands, **{name: np.where(old == 0, 3, old) for name, old in tensors.items()})
        larger = large_enough(case.choice, case.layer, case.program.arch, full)
        programs = (larger.on(zeros_of(larger, skip=skip)) for skip in ("none", "both"))
        dense, skipped = (fast.simulate(program, full) for program in programs)
        np.testing.assert_array_equal(dense.causes, skipped.causes)
        assert (dense.cycles, dense.actions) == (skipped.cycles, skipped.actions)
        assert not skipped.causes[CAUSE["busy.overhead"]].any()


@pytest.mark.parametrize("zero", [("ifmap",), ("weight",), ("ifmap", "weight")], ids="+".join)
def test_tensors_of_zeros_end_with_an_ofmap_of_zeros(runs: list[Run], zero: tuple[str, ...]) -> None:
    modes = set()
    for case, _ in runs[::3]:
        nothing = {name: np.zeros_like(getattr(case.operands, name)) for name in zero}
        empty = replace(case.operands, **nothing)
        program = make_program(case.program.mapping, case.program.arch, empty)
        quick, slow = (one.simulate(program, empty) for one in (fast, reference))
        modes.add(case.program.arch.sparsity.skip)
        assert slow.ofmap is not None
        assert not slow.ofmap.any()
        assert (quick.cycles, quick.actions) == (slow.cycles, slow.actions)
        np.testing.assert_array_equal(quick.causes, slow.causes)
        if case.program.arch.sparsity.skip == "both":
            assert not slow.causes[CAUSE["busy.mac"]].any()
    assert len(modes) >= 3


KNOBS = [
    *(f"{bus}.fifo_words" for bus in ("ifmap", "psum", "ofmap", "local")),
    *(f"{bus}.bits_per_cycle" for bus in ("weight", "ifmap", "ofmap")),
    "ifmap.latency_cycles",
]


@pytest.mark.parametrize("knob", KNOBS)
def test_more_is_never_slower_where_zeros_decide(runs: list[Run], knob: str) -> None:
    bus, field = knob.split(".")
    for case, before in runs[::3]:
        arch = case.program.arch
        old = getattr(arch.noc, bus)
        value = getattr(old, field)
        better = {"latency_cycles": max(0, value - 1), "bits_per_cycle": value + 24}.get(field, value + 1)
        noc = replace(arch.noc, **{bus: replace(old, **{field: better})})
        program = case.on(replace(arch, noc=noc))
        assert fast.simulate(program, case.operands).cycles <= before.cycles


def test_the_same_case_gives_the_same_outcome(runs: list[Run]) -> None:
    for case, first in runs[::5]:
        again = fast.simulate(case.program, case.operands)
        assert (again.cycles, again.actions) == (first.cycles, first.actions)
        np.testing.assert_array_equal(again.causes, first.causes)


def column(present: int, width: int) -> Outcome:
    """One PE with a column of seven weights, *present* of which are not zero, and one activation."""
    layer = Layer("column", m=7, c=1, h=1, w=1, r=1, s=1)
    arch = replace(roomy(), array=PEArray(1, 1), sparsity=Sparsity(skip="weight", unmatched_cycles=3))
    arch = replace(arch, pe=replace(arch.pe, macs_per_cycle=width))
    weight = np.arange(7).reshape(layer.weight_shape)[::-1] >= 7 - present
    values = Operands(np.full((1, 1, 1, 1), 5), weight.astype(np.int64), Store(WORD))
    program = make_program(CompressedColumns(m=7, b=1, t=1).map(layer, arch), arch)
    quick, slow = (one.simulate(program, values) for one in (fast, reference))
    np.testing.assert_array_equal(quick.causes, slow.causes)
    return slow


@pytest.mark.parametrize("width", [1, 2, 3])
def test_weights_go_by_the_width_of_the_pe_and_the_last_go_is_as_long(width: int) -> None:
    every = [column(present, width) for present in range(8)]
    busy = [int(one.causes[CAUSE["busy.mac"]].sum()) for one in every]
    assert busy == [-(-present // width) for present in range(8)]
    assert [int(one.causes[CAUSE["busy.overhead"]].sum()) for one in every] == [3] + 7 * [0]
    assert all(a <= b for a, b in pairwise(one.cycles for one in every[1:]))
