"""What zeros save, what takes it back to the last PE cycle, and from which density on they pay."""

import math
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from accelsim.config import dump_yaml, to_plain
from accelsim.errors import ConfigError, LegalityError
from accelsim.machine import Sparsity
from accelsim.report import sparsity_page, to_json
from accelsim.stats import CAUSE
from accelsim.studies.comparison import Refusal
from accelsim.studies.sparsity import IDLE_LANES, MACS, SLOTS, Crossover, Gains, against_dense, density_sweep
from accelsim.studies.sparsity.coding import Coding, summed
from accelsim.studies.sparsity.layer import imbalance
from accelsim.studies.sparsity.sweep import crossover
from tests.unit.small_gains import DENSITIES, RUN, base, experiment, small, swept

LANES = [1, 3]

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")


# What takes it back


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("layer", ["A", "B", "total"])
def test_every_slot_of_both_runs_goes_somewhere(lanes: int, layer: str) -> None:
    gain = small(lanes)[layer]
    for slots, result in ((gain.slots, gain.own), (gain.dense_slots, gain.dense)):
        assert tuple(slots) == SLOTS
        assert min(slots.values()) >= 0
        assert sum(slots.values()) == result.pes * lanes * result.cycles
        assert slots["busy.overhead"] == lanes * result.causes["busy.overhead"]
        assert slots[MACS] + slots[IDLE_LANES] == lanes * result.causes["busy.mac"]


def test_one_lane_is_never_idle_beside_a_mac() -> None:
    assert small(1).total.slots[IDLE_LANES] == 0
    assert small(3).total.slots[IDLE_LANES] > 0


@pytest.mark.parametrize("lanes", LANES)
def test_rows_say_pe_cycles_that_sum_to_pes_times_cycles(lanes: int) -> None:
    for row in small(lanes).rows():
        for prefix, cycles in (("pe_cycles.", "cycles"), ("dense_pe_cycles.", "dense_cycles")):
            parts = [value for name, value in row.items() if name.startswith(prefix)]
            assert math.fsum(parts) == pytest.approx(168 * row[cycles], rel=1e-15)
            assert lanes > 1 or all(isinstance(part, int) for part in parts)


def test_the_total_is_the_sum_of_the_layers() -> None:
    gains = small(3)
    one, two = gains.layers
    for name in SLOTS:
        assert gains.total.slots[name] == one.slots[name] + two.slots[name]
    assert gains.total.imbalance == one.imbalance + two.imbalance
    assert gains.total.ideal_cycles == one.ideal_cycles + two.ideal_cycles
    assert gains.total.codec_energy == pytest.approx(one.codec_energy + two.codec_energy, rel=1e-12)


def test_imbalance_is_what_pes_at_work_lack_to_the_busiest() -> None:
    causes = np.zeros((len(CAUSE), 4), np.int64)
    causes[CAUSE["busy.mac"]] = [5, 3, 0, 0]
    causes[CAUSE["busy.overhead"]] = [1, 0, 2, 0]
    causes[CAUSE["no_ifmap.bus"]] = [4, 7, 8, 10]
    layer = replace(small()["A"].own, cause_map=causes)
    assert imbalance(layer) == (6 - 6) + (6 - 3) + (6 - 2)
    assert imbalance(replace(layer, cause_map=np.zeros_like(causes))) == 0


@pytest.mark.parametrize("lanes", LANES)
def test_imbalance_is_among_the_cycles_without_work(lanes: int) -> None:
    for gain in (*small(lanes).layers, small(lanes).total):
        waits = sum(
            count for cause, count in gain.own.causes.items() if cause not in ("busy.mac", "busy.overhead")
        )
        assert 0 < gain.imbalance <= waits
        assert gain.imbalance_share == gain.imbalance / (168 * gain.own.cycles)


# What zeros save


@pytest.mark.parametrize("lanes", LANES)
def test_macs_left_and_skipped_are_those_of_the_layer(lanes: int) -> None:
    for gain in small(lanes).layers:
        did = gain.own.actions
        assert gain.macs == did["mac.multiply_add:psum"] + did["mac.gated:psum"]
        assert gain.macs + did["mac.skipped:psum"] == gain.own.macs == gain.dense.macs
        assert gain.work == gain.macs / gain.own.macs < 1
        assert gain.macs == small(1)[gain.name].macs


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("layer", ["A", "B", "total"])
def test_nothing_is_faster_than_the_ideal(lanes: int, layer: str) -> None:
    gain = small(lanes)[layer]
    assert gain.ideal_cycles == gain.macs / (168 * lanes) <= gain.own.cycles
    assert gain.speedup == gain.dense.cycles / gain.own.cycles <= gain.ideal_speedup
    assert gain.ideal_speedup >= 1 / gain.work
    assert gain.cycles_ratio == pytest.approx(1 / gain.speedup)


def test_a_gated_mac_takes_its_slot() -> None:
    gate = {"sparsity__skip": "none", "sparsity__gate": "ifmap"}
    total = against_dense(experiment(**gate), jobs=1).total
    assert total.own.actions["mac.gated:psum"] > 0
    assert (total.work, total.speedup) == (1, pytest.approx(1, abs=0.2))
    assert total.energy_ratio < 1


def test_without_a_mac_there_is_no_bound() -> None:
    gains = against_dense(experiment(sparsity__prune__A=0.0, layers=["A"]), jobs=1)
    assert (gains["A"].macs, gains["A"].ideal_speedup) == (0, math.inf)
    assert [row["ideal_speedup"] for row in gains.rows()] == [None, None]
    assert gains["A"].imbalance >= 0


# The dense counterpart


def test_to_the_dense_machine_a_zero_is_a_value() -> None:
    gains = small()
    assert gains.dense.config["arch"]["sparsity"] == to_plain(Sparsity())
    assert gains.dense.config["sparsity"] == gains.own.config["sparsity"]
    assert gains.own.config["arch"]["sparsity"]["skip"] == "both"
    for gain in gains.layers:
        assert gain.dense.actions["mac.multiply_add:psum"] == gain.dense.macs
        assert not any(name.startswith("codec") for name in gain.dense.actions)
        assert np.array_equal(gain.own.ofmap, gain.dense.ofmap)


def test_a_file_of_its_configuration_gives_the_same() -> None:
    again = against_dense(experiment(dump_yaml(dict(small().config))), jobs=1)
    assert to_json(sparsity_page(again)) == to_json(sparsity_page(small()))
    dense = experiment(dump_yaml(dict(small().dense.config))).run()
    assert [layer.cycles for layer in dense.layers] == [gain.dense.cycles for gain in small().layers]


def test_a_machine_without_sparsity_gains_nothing() -> None:
    dense = experiment(sparsity=to_plain(Sparsity()), values=False)
    total = against_dense(dense, jobs=1).total
    assert (total.work, total.speedup, total.energy_ratio, total.codings) == (1, 1, 1, ())


@pytest.mark.parametrize(
    "datapath, verb, lanes",
    [
        ({"kind": "xnor", "lanes": 2}, "xnor", 2),
        ({"kind": "codebook_products", "codebook_bits": 4}, "lookup_add", 1),
    ],
)
def test_a_mac_is_one_whatever_does_it(datapath: dict[str, Any], verb: str, lanes: int) -> None:
    other = experiment(sparsity=to_plain(Sparsity()), values=False, arch__datapath=datapath)
    total = against_dense(other, jobs=1).total
    assert total.macs == total.own.actions[f"mac.{verb}:psum"] == total.own.macs
    assert total.slots_per_cycle == 168 * lanes
    assert total.slots[MACS] + total.slots[IDLE_LANES] == lanes * total.own.causes["busy.mac"]
    assert (total.work, total.speedup, total.energy_ratio) == (1, 1, 1)


def test_the_same_from_two_processes() -> None:
    assert to_json(sparsity_page(against_dense(base(), jobs=2))) == to_json(sparsity_page(small()))


def test_a_layer_is_found_by_its_name() -> None:
    assert small()["total"] is small().total
    with pytest.raises(KeyError, match="layers are A, B, total"):
        small()["C"]


def test_a_frame_has_the_rows_and_says_the_unit() -> None:
    frame = small().to_frame()
    assert list(frame.layer) == ["A", "B", "total"]
    assert frame.energy_pj[2] == small().total.own.total_pj
    relative = replace(small(), own=replace(small().own, energy_unit="mac"))
    assert {"energy_mac", "dense_energy_mac", "codec_energy_mac"} < set(relative.to_frame())


# What coding costs


def test_bits_per_value_are_coded_words_over_uncoded_ones() -> None:
    for gain in small().layers:
        own = gain.own
        dram, glb = gain.coding("weight", "dram"), gain.coding("weight", "glb")
        assert dram and glb and gain.coding("ifmap", "glb") is None
        assert dram.values == glb.values == own.dense_dram["dram.read:weight"]
        assert dram.bits == 16 * own.actions["dram.read:weight"]
        assert glb.bits == 16 * own.actions["glb.write:weight"]
        assert dram.share == dram.bits_per_value / 16
        ofmap = gain.coding("ofmap", "dram")
        assert ofmap and ofmap.bits == 16 * own.actions["dram.write:psum"]
        assert gain.codec_energy > 0


def test_a_code_in_a_scratch_pad_has_its_index() -> None:
    """Both machines keep weights as codes of 4 bits; the one that codes adds 4 of index."""
    prune = {name: {"density": 1.0, "codebook_bits": 4} for name in "AB"}
    book = {"kind": "codebook", "codebook_bits": 4}
    gains = against_dense(experiment(sparsity__prune=prune, arch__datapath=book), jobs=1)
    coding = gains.total.coding("weight", "spad")
    assert coding and (coding.bits_per_value, coding.word_bits) == (4 + 4, 4)
    for gain in gains.layers:
        assert gain.own.actions["codec.lookup:weight"] == gain.macs
        assert gain.dense.actions["codec.lookup:weight"] == gain.dense.macs


def test_in_a_scratch_pad_a_value_that_is_no_zero_takes_an_entry() -> None:
    gains = against_dense(experiment(sparsity__prune=None), jobs=1)
    coding = gains.total.coding("weight", "spad")
    assert coding and coding.bits_per_value == 16 + 4
    pruned = small().total.coding("weight", "spad")
    assert pruned and 0.3 * 20 < pruned.bits_per_value < 0.6 * 20


def test_codings_of_layers_add_up() -> None:
    one = Coding("weight", "dram", "csc", values=10, bits=50, word_bits=16)
    two = replace(one, values=30, bits=30)
    other = replace(one, level="glb")
    assert summed([one, other, two]) == (replace(one, values=40, bits=80), other)


# Densities


@pytest.mark.parametrize(
    "points, expected",
    [
        ([(0.2, 0.5), (0.6, 0.9), (1.0, 1.3)], Crossover(0.7, "below")),
        ([(0.2, 0.5), (0.6, 1.0), (1.0, 1.3)], Crossover(0.6, "below")),
        ([(0.1, 1.5), (0.3, 0.5)], Crossover(0.2, "above")),
        ([(0.1, 0.5), (0.3, 1.5), (0.5, 0.5)], Crossover(0.2, "below")),
        ([(0.1, 0.5), (1.0, 0.9)], Crossover(None, "everywhere")),
        ([(0.1, 1.0), (1.0, 1.1)], Crossover(None, "nowhere")),
        ([(0.5, 0.9)], Crossover(None, "everywhere")),
    ],
)
def test_the_crossover_is_interpolated(points: list[tuple[float, float]], expected: Crossover) -> None:
    found = crossover(points)
    assert found.pays == expected.pays
    assert found.density == (expected.density and pytest.approx(expected.density))


def test_more_zeros_leave_less_to_do() -> None:
    sweep = swept()
    assert [point.density for point in sweep.points] == list(DENSITIES)
    for layer in sweep.layers:
        ideal = [ratio for _, ratio in sweep.ideal(layer)]
        assert ideal == sorted(ideal)
        for (_, bound), (_, ratio) in zip(sweep.ideal(layer), sweep.ratios("cycles", layer), strict=True):
            assert bound <= ratio
    assert sweep.crossovers() == {name: sweep.crossover(name) for name in ("cycles", "energy")}


def test_a_density_is_that_of_weights_and_of_ifmaps_as_far_as_pad_zeros_let_it() -> None:
    words = {"A": 3 * 11 * 11, "B": 6 * 9 * 9}
    for point in swept().points:
        assert isinstance(point.outcome, Gains)
        density = {name: one["ifmap"] for name, one in point.outcome.config["density"].items()}
        assert density == {"A": pytest.approx(min(point.density, 81 / 121)), "B": point.density}
        mean = sum(words[name] * density[name] for name in words) / sum(words.values())
        assert point.ifmap_density == pytest.approx(mean)
        assert point.weight_density == point.density
        prune = point.outcome.config["sparsity"]["prune"]
        assert {name: how["density"] for name, how in prune.items()} == dict.fromkeys("AB", point.density)


def test_the_dense_run_is_that_of_every_density() -> None:
    point = swept().points[0]
    assert isinstance(point.outcome, Gains)
    alone = against_dense(experiment(dump_yaml(dict(point.outcome.config))), jobs=1)
    for one, other in zip(alone.layers, point.outcome.layers, strict=True):
        assert one.dense.cycles == other.dense.cycles
        assert one.dense.actions == other.dense.actions
        assert one.own.cycles == other.own.cycles


@pytest.mark.parametrize("operands, key", [("ifmap", "sparsity"), ("weight", "density")])
def test_the_other_operand_stays_as_the_run_says(operands: Any, key: str) -> None:
    (point,) = density_sweep(base(), [0.5], 1, operands).points
    assert isinstance(point.outcome, Gains)
    assert point.outcome.config[key] == small().config[key]
    kept = point.weight_density if operands == "ifmap" else point.ifmap_density
    assert kept is None


def test_shared_values_and_blocks_stay_other_rules_do_not() -> None:
    rules = {"A": {"density": 0.4, "block": [2, 1, 3, 3], "codebook_bits": 4}, "B": {"keep": 2, "of": 4}}
    (point,) = density_sweep(experiment(sparsity__prune=rules), [0.5], 1).points
    assert isinstance(point.outcome, Gains)
    given = point.outcome.config["sparsity"]["prune"]
    kept = {layer: {key: v for key, v in how.items() if v is not None} for layer, how in given.items()}
    assert kept == {"A": {"density": 0.5, "block": [2, 1, 3, 3], "codebook_bits": 4}, "B": {"density": 0.5}}


def test_products_of_activations_have_no_weights_to_prune() -> None:
    nodes = "\n".join(
        (
            "    - {op: conv, name: Q, m: 4, kernel: 3}",
            "    - {op: gemm, name: P, inputs: [Q, Q], transpose: true}",
        )
    )
    head, tail = RUN.split("    - {op: conv, name: A")[0], RUN[RUN.index("energy:") :]
    text = f"{head}{nodes}\n{tail}".replace("prune: {A: 0.6, B: 0.3}", "prune: {Q: 0.5}")
    (point,) = density_sweep(experiment(text), [0.5], 1).points
    assert isinstance(point.outcome, Gains)
    assert set(point.outcome.config["sparsity"]["prune"]) == {"Q"}
    assert set(point.outcome.config["density"]) == {"Q", "P"}


MAPPING = {"A": {"m": 6, "n": 1, "e": 9, "p": 6, "q": 3, "r": 1, "t": 1}}
"""54 weights in a PE."""


def test_a_density_that_a_given_mapping_cannot_hold_is_told() -> None:
    changes = {"arch__rf__weight_bytes": 108, "sparsity__formats__weight__planned": 1.0, "mapping": MAPPING}
    tight = experiment(layers=["A"], **changes)
    sweep = density_sweep(tight, [1, 0.3], 1)
    fits, too_dense = sweep.points
    assert isinstance(fits.outcome, Gains)
    assert isinstance(too_dense.outcome, Refusal)
    assert too_dense.outcome.reason.startswith("A: weight spad of eyeriss: coded weight must fit")
    assert sweep.ratios("energy") == [(0.3, fits.outcome.total.energy_ratio)]
    (row,) = too_dense.rows()
    assert (row["layer"], row["cycles_ratio"], row["refused"]) == ("total", None, too_dense.outcome.reason)
    assert len({tuple(row) for row in sweep.rows()}) == 1
    with pytest.raises(LegalityError, match=r"^density 1: refused: A: weight spad of eyeriss: "):
        density_sweep(tight, [1], 1)


# What is refused


@pytest.mark.parametrize(
    "densities, operands, message",
    [
        ([], "both", "densities must hold at least one (got none)"),
        ([0.5, 1.5], "both", "densities must be in 0..1 (got 1.5)"),
        ([0.5, math.nan], "both", "densities must be in 0..1 (got nan)"),
        ([0.5, 0.25, 0.5], "both", "densities must be given once (got 0.5 twice)"),
        ([0.5], "psum", "operands must be one of both, ifmap, weight (got 'psum')"),
    ],
)
def test_what_cannot_be_swept_is_told(densities: list[float], operands: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        density_sweep(base(), densities, 1, operands)
    assert str(caught.value) == message


def test_jobs_must_be_a_number_of_processes() -> None:
    for call in (against_dense, partial(density_sweep, densities=[0.5])):
        with pytest.raises(ConfigError, match=r"^jobs must be at least 1 \(got 0\)$"):
            call(base(), jobs=0)


def test_a_mapping_that_only_coded_words_fit_is_refused_for_the_dense_run() -> None:
    changes = {"arch__rf__weight_bytes": 80, "sparsity__formats__weight__planned": 0.7, "mapping": MAPPING}
    with pytest.raises(LegalityError, match=r"^dense: refused: A: filter spad, "):
        against_dense(experiment(layers=["A"], sparsity__prune__A=0.3, **changes), jobs=1)
