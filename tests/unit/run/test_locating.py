"""A refusal of several parts is reported where the last one was given: that part is at fault."""

import re
from pathlib import Path
from typing import Any

import pytest

from accelsim.errors import ConfigError, LegalityError
from accelsim.run.experiment import load

DENSE = {"gate": "none", "formats": {"ifmap": {"dram": None}, "ofmap": {"dram": None}}}

RUN = "eyeriss_alexnet"
"""A run that is legal: whatever is refused is the overrides' fault."""


def refusal(run: str, **overrides: Any) -> str:
    """What is said of *run* under *overrides*, before anything is simulated."""
    with pytest.raises(ConfigError) as caught:
        load(run, **overrides).config()
    return str(caught.value)


@pytest.mark.parametrize(
    "key, value, why",
    [
        ("arch__rf__kind", "pooled", "arch.rf.bytes: must be given (the key is missing)"),
        ("arch__rf__kind", "none", "mapping.CONV1: the register file must hold one weight, one ifmap word"),
        ("arch__glb__banks", 1, "mapping.CONV1: GLB, ifmap strips and psum planes: needs 23 banks, has 1"),
        ("arch__filter_glb__banks", 1, "mapping.CONV1: filter GLB, p*q*r*t*R*S: needs 2 banks, has 1"),
        ("arch__rf__weight_bytes", 4, "mapping.CONV1: filter spad, p*q*S: needs 32 words, has 2"),
        ("arch__array__rows", 4, "mapping.CONV2: PE sets, t*segments: needs 2 places on the array, has 1"),
        ("arch__array__interconnect", "systolic", "mapping.CONV1: array.interconnect of eyeriss must be"),
        ("arch__word_bits", 32, "noc.ifmap.bits_per_cycle must carry a word of 32 bits (got 16)"),
        ("arch__psum_word_bits", 62, "mapping.CONV1: psum spad, p: needs 16 words, has 6 (10 too many)"),
        ("arch__storage_area__bytes_per_pe", 9, "arch.storage_area.register_files: must be given (the key"),
        ("sparsity__skip", "both", "values: false needs sparsity.skip: none (got both)"),
        ("mapping__CONV1__e", 56, "e, ofmap rows of a strip: needs 56 rows, has 55 (1 too many)"),
        ("mapping__CONV1__p", 0, "p must be at least 1 (got 0)"),
        ("mapping__CONV2__t", 4, "PE sets, t*segments: needs 8 places on the array, has 2 (6 too many)"),
        ("batch", 3, "mapping.CONV3: n, ifmaps of a pass: needs 4 ifmaps, has 3 (1 too many)"),
        ("dataflow", "weight_stationary", "weight_stationary has mappings of r, t, f (mapping.CONV1 has m,"),
        ("network", "lenet5", "layers[0]: must name layers of lenet5"),
        ("network__input", [3, 10, 10], "node 'CONV1': the filter must fit the padded ifmap"),
        ("datapaths", {"all": "int8", "CONV9": "int8"}, "CONV9: must name a layer of alexnet, or all"),
    ],
)
def test_an_override_that_breaks_a_run_is_what_the_error_names(key: str, value: Any, why: str) -> None:
    others: dict[str, Any] = {"arch__dram": "ideal"}
    if why.startswith("values"):
        others |= {"values": False, "arch__sparsity": DENSE}
    said = refusal(RUN, **others, **{key: value}).splitlines()[0]
    assert said.startswith(f"override {key.replace('__', '.')}: {why}")


@pytest.mark.parametrize(
    "overrides, told",
    [
        (
            {"arch__rf": {"kind": "pooled", "bytes": 512}, "sparsity__skip": "both"},
            "override sparsity.skip: ",
        ),
        (
            {"sparsity__skip": "both", "arch__rf": {"kind": "pooled", "bytes": 512}},
            "override arch.rf: kind: ",
        ),
    ],
)
def test_of_two_overrides_that_do_not_go_together_the_later_is_told(
    overrides: dict[str, Any], told: str
) -> None:
    assert refusal(RUN, **overrides) == f"{told}sparsity.skip needs rf.kind: split (got pooled)"


def test_what_a_run_is_given_comes_after_all_that_it_was_loaded_with() -> None:
    with pytest.raises(ConfigError) as caught:
        load(RUN, batch=4, arch__dram="ideal", sparsity__gate="ifmap").run(values=False)
    assert str(caught.value).startswith(
        "override values: values: false needs sparsity.gate: none (got ifmap)"
    )


def test_a_file_that_extends_another_is_told_where_it_breaks_its_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rf = "arch: {extends: eyeriss_sparse, rf: {kind: pooled, bytes: 512}}"
    Path("run.yaml").write_text(f"extends: alexnet_pruned\n{rf}\n", encoding="utf-8")
    assert refusal("run.yaml") == "run.yaml:2: arch.rf.kind: sparsity.skip needs rf.kind: split (got pooled)"


def test_the_same_mistake_of_several_layers_is_told_at_once() -> None:
    said = refusal(RUN, mapping__CONV1__e=56, mapping__CONV4__e=14, mapping__CONV5__p=0)
    assert [line.split(":")[0] for line in said.splitlines()] == [
        f"override mapping.{key}" for key in ("CONV1.e", "CONV4.e", "CONV5.p")
    ]
    names = refusal(RUN, layers=["CONV1", "A", "B"]).splitlines()
    assert [line[-10:] for line in names] == [" (got 'A')", " (got 'B')"]
    prune = refusal(RUN, sparsity__prune={"A": 0.5, "B": 0.5}).splitlines()
    assert [line[:32] for line in prune] == [f"override sparsity.prune: {name}: must" for name in "AB"]


def test_all_that_needs_values_is_told_at_once() -> None:
    assert refusal(RUN, values=False) == (
        "override values: values: false needs sparsity.gate: none (got ifmap)"
        " and sparsity.formats.ifmap.dram: null (got run_length)"
        " and sparsity.formats.ofmap.dram: null (got run_length), which depend on data"
    )


ORDERS = [
    {"arch": "systolic_32x32", "arch__array__rows": 512},
    {"arch__rf": {"kind": "pooled"}, "arch__rf__bytes": 512},
    {"arch__rf__kind": "pooled", "arch__rf__bytes": 512},
    {"mapping": None, "mapping__CONV1": {"m": 96, "n": 1, "e": 7, "p": 16, "q": 1, "r": 1, "t": 2}},
    {"arch__glb": {"banks": 3}, "arch__glb__banks": 50},
]


@pytest.mark.parametrize("overrides", ORDERS)
def test_a_block_and_a_key_within_it_mean_the_same_in_any_order(overrides: dict[str, Any]) -> None:
    own: dict[str, Any] = {"dataflow": "weight_stationary_gemm"} if "arch" in overrides else {}
    own |= {} if "mapping" in overrides else {"mapping": None}
    one = load(RUN, **own, **overrides)
    other = load(RUN, **own, **dict(reversed(overrides.items())))
    assert one.config() == other.config()


def test_a_key_within_a_block_is_on_top_of_it() -> None:
    run = load(RUN, mapping=None, arch__array__rows=512, arch="systolic_32x32", dataflow="input_stationary")
    assert (run.arch.name, run.arch.array.rows, run.arch.array.cols) == ("systolic_32x32", 512, 32)


def test_a_block_that_has_no_keys_refuses_one_within_it() -> None:
    for pair in (
        {"arch__glb": "area", "arch__glb__banks": 64},
        {"arch__glb__banks": 64, "arch__glb": "area"},
    ):
        why = "'arch.glb' must be a mapping to take the key 'banks' (got 'area')"
        assert refusal(RUN, **pair) == f"override arch.glb.banks: {why}"


@pytest.mark.parametrize("key", ["gate", "skip"])
def test_an_override_of_the_machine_that_the_runs_own_block_hides_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.chdir(tmp_path)
    own = f"extends: {RUN}\nsparsity: {{{key}: none}}\n"
    Path("run.yaml").write_text(own, encoding="utf-8")
    said = refusal("run.yaml", **{f"arch__sparsity__{key}": "ifmap"})
    assert (
        said == f"override arch.sparsity.{key}: the run's own sparsity.{key} is on top of this (it is 'none')"
    )
    other = "empty_window_cycles"
    assert load("run.yaml", **{f"arch__sparsity__{other}": 3}).arch.sparsity.empty_window_cycles == 3
    both = {f"arch__sparsity__{key}": "ifmap", f"sparsity__{key}": "none"}
    assert getattr(load("run.yaml", **both).arch.sparsity, key) == "none"


def test_a_key_written_in_two_ways_has_one_value() -> None:
    assert refusal(RUN, **{"arch__dram": "ideal", "arch.dram": None}) == (
        "arch.dram must be given one value (got 'ideal' and None)"
    )


def test_a_nest_that_cannot_be_run_is_refused_wherever_it_is_chosen() -> None:
    flow = {"arch": "isca2016_ws_256", "dataflow": "tests.unit.fake_dataflows.NothingInPes"}
    why = "CONV5: a nest of single MACs must have a loop in the PEs (got none)"
    own: dict[str, Any] = {**flow, "layers": ["CONV5"], "mapping": None}
    assert why in refusal(RUN, **own, mapping__CONV5={"r": 1, "t": 1, "f": 1})
    searched = load(RUN, **own)
    for ask in (searched.run, lambda: list(searched.mappings()), lambda: list(searched.forecasts())):
        with pytest.raises(LegalityError, match=re.escape(why)):
            ask()
