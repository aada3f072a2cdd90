"""One run under several dataflows: which runs those are, and what each costs, in any number of processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import accelsim
from accelsim.config import dump_yaml
from accelsim.errors import ConfigError, LegalityError, SimulationError
from accelsim.mapping.dataflow import dataflow_names
from accelsim.report import comparison_page, run_page, to_json
from accelsim.run.experiment import Experiment, from_document, load
from accelsim.studies import comparing, workers
from accelsim.studies.comparing import compare, variants
from accelsim.studies.comparison import TOTAL, Comparison, Refusal
from tests.unit.small_comparison import BLOCK, FAKES, RUN, fresh, small

RAN = ("RS", "one", "half")

Written = Callable[..., Experiment]

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """The experiment of a run file with these texts, in a working folder of its own."""
    monkeypatch.chdir(tmp_path)

    def write(*texts: str, **overrides: Any) -> Experiment:
        Path("run.yaml").write_text("".join(texts), encoding="utf-8")
        return load("run.yaml", **overrides)

    return write


def refusal(call: Callable[..., object], *arguments: Any, kind: type[Exception] = ConfigError) -> str:
    with pytest.raises(kind) as caught:
        call(*arguments)
    return str(caught.value)


# What an op costs


@pytest.mark.parametrize("label", RAN)
@pytest.mark.parametrize("layer", ["C1", "C3", TOTAL])
def test_energy_is_the_sum_by_component_and_by_operand(label: str, layer: str) -> None:
    for comparison in (small(), small().over("RS")):
        cost = comparison.costs(layer)[label]
        assert sum(cost.by_component.values()) == pytest.approx(cost.energy, rel=1e-12)
        assert sum(cost.by_operand.values()) == pytest.approx(cost.energy, rel=1e-12)
        assert sum(cost.dram_reads.values()) + cost.dram_writes == pytest.approx(cost.dram_words, rel=1e-12)


@pytest.mark.parametrize("label", RAN)
def test_numbers_are_those_of_the_result_over_its_macs(label: str) -> None:
    layer, cost = small()[label]["C3"], small().cost(label, "C3")
    words = {name: n for name, n in layer.actions.items() if name.startswith("dram.")}
    assert cost.energy * layer.macs == pytest.approx(layer.total_pj, rel=1e-12)
    assert cost.dram_words * layer.macs == pytest.approx(sum(words.values()))
    assert cost.dram_reads["weight"] * layer.macs == pytest.approx(words["dram.read:weight"])
    assert cost.dram_writes * layer.macs == pytest.approx(words["dram.write:psum"])
    assert (cost.macs, cost.cycles, cost.active_pes) == (layer.macs, layer.cycles, layer.active_pes)
    assert (cost.latency_ms, cost.utilisation) == (layer.ms, layer.utilisation)


def test_edp_is_energy_times_simulated_cycles_per_op() -> None:
    total, cost = small()["half"].total, small().cost("half")
    assert cost.edp == pytest.approx(total.total_pj / total.macs * total.cycles / total.macs, rel=1e-12)


def test_edp_of_isca_2016_weighs_the_reciprocals_of_the_active_pes_by_macs() -> None:
    one, two = small()["half"].layers
    delay = (one.macs / one.active_pes + two.macs / two.active_pes) / (one.macs + two.macs)
    assert small().cost("half").edp_isca16 == pytest.approx(small().cost("half").energy * delay, rel=1e-12)
    layer = small().cost("half", "C3")
    assert layer.edp_isca16 == pytest.approx(layer.energy / two.active_pes, rel=1e-12)


@pytest.mark.parametrize("layer", ["C1", TOTAL])
def test_the_baseline_is_1_and_the_others_are_ratios(layer: str) -> None:
    base, plain = small().over("one").costs(layer), small().over(None).costs(layer)
    numbers = (
        "cycles",
        "latency_ms",
        "utilisation",
        "active_pes",
        "dram_words",
        "energy",
        "edp",
        "edp_isca16",
    )
    for name in numbers:
        assert getattr(base["one"], name) == 1
        ratio = getattr(plain["half"], name) / getattr(plain["one"], name)
        assert getattr(base["half"], name) == pytest.approx(ratio, rel=1e-12)


def test_one_filter_at_a_time_reads_the_ifmap_more_often() -> None:
    costs = small().over("RS").costs()
    assert costs["one"].by_component["glb"] > costs["RS"].by_component["glb"]


# The comparison as a value


def test_labels_stand_in_the_order_written_refused_ones_too() -> None:
    assert tuple(small().outcomes) == ("RS", "one", "none of it", "half")
    assert tuple(small().results) == RAN
    assert small().layers == ("C1", "C3", TOTAL)
    assert small().baseline == "RS"


def test_a_comparison_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        small().baseline = "one"  # type: ignore[misc]
    with pytest.raises(KeyError, match="labels that ran are RS, one, half"):
        small()["none of it"]


def test_a_label_that_cannot_be_mapped_says_why_in_one_line() -> None:
    why = "C1 must have a legal mapping; the smallest breaks GLB, psums: needs 9 words, has 8 (1 too many)"
    assert small().refusals == {"none of it": Refusal(why)}
    assert str(Refusal("no room")) == "refused: no room"


def test_rows_are_tidy_and_refused_labels_have_one() -> None:
    rows = list(small().rows())
    assert len({tuple(row) for row in rows}) == 1
    names = [(row["label"], row["layer"]) for row in rows]
    ran = [(label, layer) for label in ("RS", "one") for layer in ("C1", "C3", TOTAL)]
    assert names == [*ran, ("none of it", TOTAL), *(("half", layer) for layer in ("C1", "C3", TOTAL))]
    (refused,) = [row for row in rows if row["refused"]]
    assert {k for k, v in refused.items() if v is not None} == {"label", "layer", "refused"}
    assert rows[0]["normalised.edp"] == 1
    assert not any(name.startswith("normalised") for row in small().over(None).rows() for name in row)


def test_a_frame_has_a_row_per_label_and_layer_and_says_its_unit() -> None:
    frame = small().to_frame()
    assert len(frame) == 10
    row = frame[(frame.label == "half") & (frame.layer == TOTAL)].iloc[0]
    assert row["energy_per_op_pj"] == small().cost("half").energy
    assert "energy_per_op.rf_mac" in small("eyeriss_relative").to_frame()


def test_a_baseline_must_have_run() -> None:
    assert (
        refusal(small().over, "hal")
        == "a baseline must be a label that ran (got 'hal'); did you mean 'half'?"
    )
    assert "got 'none of it'" in refusal(small().over, "none of it")


def test_layers_that_the_baseline_did_not_run_have_no_ratio(written: Written) -> None:
    other = "compare: {one: {layers: [C1]}, two: {}}\n"
    comparison = compare(written(RUN, other), jobs=1)
    assert tuple(comparison.costs("C1")) == ("one", "two")
    assert comparison.costs("C3") == {}
    with pytest.raises(KeyError, match="layers are C1, C3, total"):
        comparison.costs("C5")
    assert tuple(comparison.over(None).costs("C3")) == ("two",)
    (row,) = [row for row in comparison.rows() if row["layer"] == "C3"]
    assert row["cycles"] > 0
    assert row["normalised.cycles"] is None


# Which runs they are


def made(experiment: Experiment, labels: list[str] | None = None) -> dict[str, Experiment]:
    return {label: from_document(document) for label, document in variants(experiment, labels).items()}


def test_an_entry_goes_on_top_of_the_run(written: Written) -> None:
    block = """\
compare:
  a: {batch: 2}
  b: {arch: {dram: ideal, array: {cols: 16}}}
  c: {arch: isca2016_rs_256}
"""
    found = made(written(RUN, block))
    assert [one.settings.batch for one in found.values()] == [2, 1, 1]
    assert [one.arch.name for one in found.values()] == ["eyeriss", "eyeriss", "isca2016_rs_256"]
    b = found["b"].arch
    assert (b.dram, b.array.rows, b.array.cols) == ("ideal", 12, 16)
    assert all(set(one.plans.given) == {"C1"} for one in found.values())


def test_a_mapping_is_of_one_dataflow(written: Written) -> None:
    found = made(written(RUN, BLOCK))
    assert {label: set(one.plans.given) for label, one in found.items()} == {
        "RS": {"C1"},
        "one": set(),
        "none of it": set(),
        "half": set(),
    }
    own = f"compare: {{one: {{dataflow: {FAKES}.Unmappable, mapping: {{C3: {{m: 2}}}}}}}}\n"
    (document,) = variants(written(RUN, own)).values()
    assert document["mapping"].plain == {"C3": {"m": 2}}


def test_overrides_are_above_every_entry(written: Written) -> None:
    block = "compare: {a: {batch: 2}, b: {arch: isca2016_rs_256}, c: {seed: 1}}\n"
    changes = {"batch": 3, "arch__name": "mine", "mapping": None, "compare__c__seed": 2}
    found = made(written(RUN, block, **changes))
    assert [one.settings.batch for one in found.values()] == [3, 3, 3]
    assert [one.arch.name for one in found.values()] == ["mine", "mine", "mine"]
    assert [one.arch.array.pes for one in found.values()] == [168, 256, 168]
    assert found["c"].settings.seed == 2


def test_labels_come_before_dataflows_and_both_may_be_asked_for(written: Written) -> None:
    block = "compare: {row_stationary: {batch: 2}}\n"
    found = made(written(RUN, block), ["row_stationary", f"{FAKES}.OneFilter"])
    assert [one.settings.batch for one in found.values()] == [2, 1]
    assert [one.plans.cls.__name__ for one in found.values()] == ["RowStationary", "OneFilter"]


def test_without_a_block_every_dataflow_there_is_runs_on_the_runs_own_architecture(written: Written) -> None:
    found = made(written(RUN))
    assert tuple(found) == dataflow_names()
    assert all(one.arch.name == "eyeriss" for one in found.values())
    assert {label: bool(one.plans.given) for label, one in found.items()} == {
        name: name == "row_stationary" for name in dataflow_names()
    }


def test_a_run_ignores_its_block(written: Written) -> None:
    without = to_json(run_page(written(RUN).run()))
    assert to_json(run_page(written(RUN, "compare: {a: {arch: none}, b: 3}\n").run())) == without


def test_the_resolved_configuration_gives_the_same_comparison(written: Written) -> None:
    sizes = "{m: 1, n: 1, e: 1, p: 9, q: 1, r: 1, t: 1}"
    illegal = f"  ill: {{arch: isca2016_rs_256, mapping: {{C1: {sizes}}}}}\n"
    found = fresh(RUN + BLOCK + illegal)
    assert found.refusals["ill"].reason.startswith("C1: filters of a pass")
    again = compare(written(dump_yaml(dict(found.config))), jobs=1)
    assert to_json(comparison_page(again)) == to_json(comparison_page(found))


# What is refused


@pytest.mark.parametrize(
    "block, message",
    [
        ("compare: {}", "run.yaml:8: compare: must have a label (got none)"),
        ("compare: [a]", "run.yaml:8: compare: must be a mapping (got ['a'])"),
        ("compare: {a: 3}", "run.yaml:8: compare.a: must be a mapping (got 3)"),
        (
            "compare: {none: {}}",
            "run.yaml:8: compare.none: a label must be text without a comma, and not 'none'",
        ),
        (
            "compare: {'a,b': {}}",
            "run.yaml:8: compare.a,b: a label must be text without a comma, and not 'none'",
        ),
        (
            "compare: {a: {compare: {}}}",
            "run.yaml:8: compare.a.compare: must be at the top of a run file, not in a label",
        ),
        ("compare: {a: {bach: 2}}", "run.yaml:8: compare.a.bach: unknown key 'bach'; did you mean 'batch'?"),
        (
            "compare:\n  a: {arch: {array: {rwos: 2}}}",
            "run.yaml:9: compare.a.arch.array.rwos: unknown key 'rwos'; did you mean 'rows'?",
        ),
        (
            "compare: {a: {arch: eyeris}}",
            "run.yaml:8: compare.a.arch: no arch is named 'eyeris'; did you mean 'eyeriss'?",
        ),
        (
            "compare: {a: {dataflow: row_stationry}}",
            "run.yaml:8: compare.a.dataflow: must be a file of dataflows/ or a dotted class"
            " (got 'row_stationry'); did you mean 'row_stationary'?",
        ),
        (
            "compare: {a: {energy: eyeriss_relative}}",
            "run.yaml:8: compare.a.energy: must be in pJ, the unit of the run's own table"
            " (got a table in mac)",
        ),
        (
            "compare: {a: {values: false}}",
            "run.yaml:8: compare.a.values: values: false needs sparsity.gate: none (got ifmap) and"
            " sparsity.formats.ifmap.dram: null (got run_length) and sparsity.formats.ofmap.dram: null (got"
            " run_length), which depend on data",
        ),
        (
            "compare:\n  a: {batch: 0}\n  b: {seed: -1}",
            "run.yaml:9: compare.a: batch must be at least 1 (got 0)\n"
            "run.yaml:10: compare.b: seed must be at least 0 (got -1)",
        ),
    ],
)
def test_a_mistake_in_the_block_is_told_with_its_line(written: Written, block: str, message: str) -> None:
    assert refusal(compare, written(RUN, block)) == message


@pytest.mark.parametrize(
    "labels, message",
    [
        ([], "dataflows must name at least one (got none)"),
        (["RS", "one", "RS"], "dataflows must be named once (got 'RS' twice)"),
        (["haf"], "(got 'haf'); did you mean 'half'?"),
        (["row_stationery"], "(got 'row_stationery'); did you mean 'row_stationary'?"),
        ([f"{FAKES}.None"], "override dataflow: tests.unit.fake_dataflows must define the dataflow None"),
    ],
)
def test_labels_must_be_there_and_once(written: Written, labels: list[str], message: str) -> None:
    assert message in refusal(compare, written(RUN, BLOCK), labels)


def test_what_it_is_normalised_to_is_checked_before_anything_runs(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = written(RUN, BLOCK)
    monkeypatch.delattr(comparing, "outcomes")
    message = "normalise must be a label of the comparison or none (got 'on'); did you mean 'one'?"
    assert refusal(compare, experiment, None, 1, "on") == message
    assert refusal(compare, experiment, None, 0) == "jobs must be at least 1 (got 0)"


def test_none_is_no_baseline_and_a_refused_one_is_refused(written: Written) -> None:
    experiment = written(RUN, BLOCK)
    assert compare(experiment, ["half"], 1, "none").baseline is None
    message = "a baseline must be a label that ran (got 'none of it'); known: half"
    assert refusal(compare, experiment, ["none of it", "half"], 1, "none of it") == message
    assert compare(experiment, ["none of it", "half"], 1).baseline == "half"


def test_all_refused_is_an_error_with_a_line_each(written: Written) -> None:
    block = f"compare:\n  a: {{dataflow: {FAKES}.Unmappable}}\n  b: {{arch: {{glb: {{banks: 1}}}}}}\n"
    lines = refusal(compare, written(RUN, block), None, 1, kind=LegalityError).splitlines()
    assert lines[0].startswith("a: refused: C1 must have a legal mapping")
    assert lines[1].startswith("b: refused: C1: GLB, ifmap strips and psum planes: needs")


# In processes


def same(one: Comparison, two: Comparison) -> bool:
    """Whether text and arrays are the same, bit for bit."""
    arrays = [
        np.array_equal(getattr(one[label][layer.name], name), getattr(layer, name))
        for label, result in two.results.items()
        for layer in result.layers
        for name in ("ofmap", "cause_map")
    ]
    return all(arrays) and to_json(comparison_page(one)) == to_json(comparison_page(two))


def test_the_same_on_any_number_of_processes() -> None:
    assert same(fresh(jobs=2), small())
    assert same(fresh(jobs=9), small())


def test_by_default_as_many_as_the_machine_has_up_to_two(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment, asked = written(RUN, BLOCK), []

    def processes(documents: Any, workers: int) -> Any:
        asked.append(workers)
        return small().outcomes

    monkeypatch.setattr(comparing, "_in_processes", processes)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    compare(experiment)
    compare(experiment, jobs=3)
    compare(experiment, jobs=9)
    assert asked == [2, 3, 4]
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert compare(experiment, ["half"]).baseline == "half"
    assert asked == [2, 3, 4]


def state() -> tuple[int, bool, bool]:
    """Threads of BLAS, whether stderr is a terminal, and whether an interrupt is ignored."""
    threads = max(library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas")
    return threads, sys.stderr.isatty(), signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_worker_has_one_thread_and_says_nothing() -> None:
    with ProcessPoolExecutor(1, initializer=workers._settle) as pool:
        assert pool.submit(state).result() == (1, False, True)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_machine_that_cannot_go_on_is_an_error_that_names_the_label(written: Written, jobs: int) -> None:
    block = "compare: {good: {}, bad: {arch: {accumulator_bits: 16}}}\n"
    message = refusal(compare, written(RUN, block), None, jobs, kind=SimulationError)
    assert message.startswith("bad: C1: accumulator overflow: psums must fit 16 bits (got ")


def test_a_killed_process_is_an_error(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = written(RUN, BLOCK)
    monkeypatch.setattr(comparing, "_outcome", die)
    message = "a worker process was killed, perhaps for want of memory (jobs=1 takes the least)"
    assert refusal(compare, experiment, None, 2, kind=SimulationError) == message


def die(label: str, document: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


ENDLESS = """\
import signal, sys, time
from accelsim.cli import main
from accelsim.run.session import Session

signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may have it ignored

def run(self):
    open(f"running-{{self.settings.seed}}", "w").close()
    time.sleep(600)

Session.run = run
sys.exit(main(["compare", "run.yaml", "--jobs", "{jobs}"]))
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_control_c_ends_every_process_and_leaves_nothing_behind(written: Written, jobs: int) -> None:
    written(RUN, "compare: {a: {seed: 1}, b: {seed: 2}}\n")
    root = str(Path(accelsim.__file__).parents[1])
    command = [sys.executable, "-c", ENDLESS.format(jobs=jobs)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    ) as process:
        while not all(Path(f"running-{seed}").exists() for seed in range(1, jobs + 1)):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)  # ends only when every process has closed the pipes
    assert (process.returncode, out, err.split()) == (130, "", ["interrupted"])
    assert {path.name for path in Path().iterdir()} <= {"run.yaml", "running-1", "running-2"}
