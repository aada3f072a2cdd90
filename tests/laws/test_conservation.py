"""Law 3: every word and every cycle is accounted for, on random machines."""

import numpy as np
import pytest

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.engines.timing import Outcome
from accelsim.machine import Formats
from accelsim.stats import CAUSE, CAUSES
from tests.laws.cases import Case, drawn

COUNT = 120
Run = tuple[Case, Outcome]


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    """Random cases with what they come to."""
    return [(case, fast.simulate(case.program, case.operands)) for case in drawn(COUNT)]


def test_every_mac_is_done_or_gated_once(runs: list[Run]) -> None:
    for case, outcome in runs:
        did = outcome.actions
        assert did["mac.multiply_add:psum"] + did["mac.gated:psum"] == case.program.layer.macs
        assert did["rf.read:weight"] + did["rf.gated_read:weight"] == case.program.layer.macs
        assert did["rf.gated_read:weight"] == did["mac.gated:psum"]


def test_mac_cycles_are_the_macs(runs: list[Run]) -> None:
    for case, outcome in runs:
        assert outcome.causes[CAUSE["busy.mac"]].sum() == case.program.layer.macs


def test_accumulate_cycles_are_the_accumulations(runs: list[Run]) -> None:
    for _, outcome in runs:
        assert outcome.causes[CAUSE["busy.accumulate"]].sum() == outcome.actions["mac.add:psum"]


def test_psums_written_are_read_once_each(runs: list[Run]) -> None:
    """P passes: P writes, P reads where ofmaps leave through the GLB; P-1 of each where they do not."""
    for case, outcome in runs:
        did, layer = outcome.actions, case.program.layer
        ofmap = layer.n * layer.m * layer.e * layer.f
        assert did["glb.read:psum"] == did["glb.write:psum"]
        assert did["glb.write:psum"] == did["noc.collect:psum"] - (
            0 if case.program.arch.ofmap_via_glb else ofmap
        )


def test_what_is_delivered_is_written_to_the_register_file(runs: list[Run]) -> None:
    for _, outcome in runs:
        did = outcome.actions
        for operand in ("ifmap", "weight"):
            assert did[f"noc.deliver:{operand}"] == did[f"rf.write:{operand}"]


def test_what_dram_gives_the_glb_takes(runs: list[Run]) -> None:
    for case, outcome in runs:
        assert outcome.actions["glb.write:ifmap"] == outcome.dense_dram["dram.read:ifmap"]
        if case.program.arch.filter_glb is not None:
            assert outcome.actions["glb.write:weight"] == outcome.dense_dram["dram.read:weight"]


def test_dram_words_cover_every_word_that_a_mac_touches(runs: list[Run]) -> None:
    for case, outcome in runs:
        layer = case.program.layer
        rows = layer.rows(range(layer.e), range(layer.r))
        columns = layer.columns(range(layer.f), range(layer.s))
        if case.program.arch.padding == "generated":
            rows = [row for row in rows if not layer.is_pad_row(row)]
            columns = [column for column in columns if not layer.is_pad_column(column)]
        assert outcome.dense_dram["dram.read:ifmap"] >= layer.n * layer.c * len(rows) * len(columns)
        assert outcome.dense_dram["dram.read:weight"] >= layer.m * layer.group_c * layer.r * layer.s
        assert outcome.dense_dram["dram.write:psum"] == layer.n * layer.m * layer.e * layer.f


def test_no_bus_moves_more_than_its_width(runs: list[Run]) -> None:
    """The roofline: cycles >= MACs over PEs, and words over width for every bus."""
    for case, outcome in runs:
        arch = case.program.arch
        did = outcome.actions
        assert outcome.cycles >= -(-case.program.layer.macs // arch.array.pes)
        assert outcome.cycles >= -(-did["noc.deliver:psum"] // arch.words_per_cycle("psum"))
        assert outcome.cycles >= -(-did["noc.collect:psum"] // arch.words_per_cycle("ofmap"))
        assert outcome.cycles >= -(-did["glb.read:ifmap"] // arch.words_per_cycle("ifmap"))
        assert outcome.cycles >= -(-did["glb.read:weight"] // arch.words_per_cycle("weight"))


def test_causes_of_every_pe_sum_to_the_cycles(runs: list[Run]) -> None:
    for case, outcome in runs:
        assert outcome.causes.shape == (len(CAUSES), case.program.arch.array.pes)
        assert (outcome.causes >= 0).all()
        assert (outcome.causes.sum(axis=0) == outcome.cycles).all()


def test_without_values_the_cycles_and_counts_of_a_dense_machine_are_the_same(runs: list[Run]) -> None:
    for case, outcome in runs:
        arch = case.program.arch
        if arch.sparsity.formats != Formats():
            continue
        dense, full = fast.simulate(case.dense, None), outcome
        assert dense.cycles == full.cycles
        np.testing.assert_array_equal(dense.causes, full.causes)
        assert dense.ofmap is None
        gated = {"mac.gated:psum", "mac.multiply_add:psum", "rf.read:weight", "rf.gated_read:weight"}
        assert {k: n for k, n in dense.actions.items() if k not in gated} == {
            k: n for k, n in full.actions.items() if k not in gated
        }


def test_without_values_the_engines_agree(runs: list[Run]) -> None:
    for case, _ in runs[::3]:
        fast_outcome, slow_outcome = (engine.simulate(case.dense, None) for engine in (fast, reference))
        assert fast_outcome.cycles == slow_outcome.cycles
        np.testing.assert_array_equal(fast_outcome.causes, slow_outcome.causes)
        assert fast_outcome.actions == slow_outcome.actions
