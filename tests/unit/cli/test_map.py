"""The mapper as a product: what it predicts is what runs, it says why, and its mappings can be given back."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accelsim.cli import main
from accelsim.config import load_yaml
from accelsim.errors import ConfigError
from accelsim.network.layer import Layer
from accelsim.run.experiment import load
from accelsim.run.result import LayerResult
from accelsim.search import Found, Space, search

Capture = pytest.CaptureFixture[str]

DENSE = {
    "arch__sparsity__gate": "none",
    "arch__sparsity__formats__ifmap__dram": None,
    "arch__sparsity__formats__ofmap__dram": None,
    "values": False,
}
"""What the counts predict: no zero gated, no word coded."""

GIVEN = {"C3": {"m": 16, "n": 1, "e": 10, "p": 8, "q": 2, "r": 1, "t": 1}}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def mapped(capsys: Capture, *arguments: str) -> str:
    """What ``accelsim map`` prints."""
    assert main(["map", *arguments]) == 0
    return capsys.readouterr().out


def comparable(layer: LayerResult) -> LayerResult:
    """*layer* without what says how its mapping came, and without arrays."""
    return replace(layer, counted=None, simulated=None, cause_map=None, ofmap=None)


@pytest.mark.parametrize("mapping", [None, GIVEN], ids=["searched", "given"])
def test_predicted_counts_are_those_of_the_run(mapping: object) -> None:
    experiment = load("eyeriss_lenet5", layers=["C1", "C3", "OUTPUT"], mapping=mapping, **DENSE)
    result = experiment.run()
    for forecast, layer in zip(experiment.forecasts(), result.layers, strict=True):
        assert forecast.best.words == {name: n for name, n in layer.actions.items() if n}
        assert forecast.best.total_energy == pytest.approx(layer.total_pj, rel=1e-12)
        assert forecast.best.floor_cycles <= layer.cycles
        assert forecast.best.active_pes == layer.active_pes
        assert forecast.best.choice == layer.choice
        assert str(forecast.mapping) == layer.nest


def test_the_contributions_of_the_runner_up_add_up_to_what_it_lost_by() -> None:
    for forecast in load("eyeriss_lenet5").forecasts():
        best, second = forecast.best, forecast.runner_up
        assert second is not None
        assert second.words != best.words
        assert sum(forecast.lost_by.values()) == pytest.approx(
            second.total_energy / best.total_energy - 1, abs=1e-12
        )
        sizes = [abs(share) for share in forecast.lost_by.values()]
        assert sizes == sorted(sizes, reverse=True)
        assert second.value >= best.value


def test_a_block_says_what_was_searched_and_why_the_runner_up_lost(capsys: Capture) -> None:
    (block,) = mapped(capsys, "eyeriss_lenet5", "--set", "layers=[C3]").split("\n\n")
    lines = block.splitlines()
    data = json.loads(mapped(capsys, "eyeriss_lenet5", "--set", "layers=[C3]", "--json"))["layers"][0]
    assert lines[: len(data["nest"])] == data["nest"]
    search, second = data["search"], data["runner_up"]
    sizes = " ".join(f"{name}={size}" for name, size in data["mapping"].items())
    assert any(
        line.startswith(f"  {sizes}: best of {search['counted']:,} counted, 0 simulated; energy ")
        for line in lines
    )
    assert any(line.startswith(f"  at least {data['floor_cycles']:,} cycles, uncoded") for line in lines)
    for name, count in data["words"].items():
        assert any(line.split()[:2] == [name, f"{count:,}"] for line in lines)
    sizes = " ".join(f"{name}={size}" for name, size in second["mapping"].items())
    lost = 100 * (second["energy"] / data["energy"] - 1)
    largest = next(iter(second["energy_over_best_by_action"]))
    assert lines[-1].startswith(f"  runner-up {sizes}: +{lost:.1f} % energy")
    assert f" % {largest}, " in lines[-1]


def test_a_given_mapping_is_predicted_and_has_no_runner_up(capsys: Capture) -> None:
    given = ["eyeriss_lenet5", "--set", "layers=[C3]", "--set", f"mapping={json.dumps(GIVEN)}"]
    out = mapped(capsys, *given)
    assert "  m=16 n=1 e=10 p=8 q=2 r=1 t=1: given; energy " in out
    assert "runner-up" not in out
    data = json.loads(mapped(capsys, *given, "--json"))["layers"][0]
    assert (data["search"], data["runner_up"], data["mapping"]) == (None, None, GIVEN["C3"])
    assert data["words"]["mac.multiply_add:psum"] == 240_000
    out = mapped(capsys, *given, "--set", "objective=edp")
    assert ": given; edp at least " in out


@pytest.mark.parametrize("objective", ["latency", "edp"])
def test_a_search_that_simulates_says_so(capsys: Capture, objective: str) -> None:
    wanted = ["eyeriss_lenet5", "--set", "layers=[C3]", "--set", f"objective={objective}"]
    data = json.loads(mapped(capsys, *wanted, "--json"))["layers"][0]
    assert 0 < data["search"]["simulated"] < data["search"]["counted"]
    assert data["floor_cycles"] <= data["simulated_cycles"]
    assert data["value"] <= data["runner_up"]["value"]
    last = mapped(capsys, *wanted).splitlines()[-1]
    assert f" % {objective}, " in last
    assert " % energy" in last


def test_the_same_run_prints_the_same_bytes(capsys: Capture) -> None:
    wanted = ["eyeriss_lenet5", "--set", "layers=[C3, OUTPUT]", "--json"]
    assert mapped(capsys, *wanted) == mapped(capsys, *wanted)


RUNS = {
    "named": "extends: eyeriss_lenet5\nmapping: ./saved.yaml\n",
    "extended": "extends: [eyeriss_lenet5, ./saved.yaml]\n",
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_saved_mapping_given_back_gives_the_same_result(capsys: Capture, folder: Path, run: str) -> None:
    assert main(["map", "eyeriss_lenet5", "--save", "saved.yaml"]) == 0
    assert capsys.readouterr().err == "mappings written to saved.yaml\n"
    (folder / "given.yaml").write_text(run, encoding="utf-8")
    searched, given = load("eyeriss_lenet5").run(), load("given.yaml").run()
    assert [comparable(layer) for layer in given.layers] == [comparable(layer) for layer in searched.layers]
    for one, other in zip(given.layers, searched.layers, strict=True):
        assert one.cause_map is not None and other.cause_map is not None
        assert one.ofmap is not None and other.ofmap is not None
        assert (one.cause_map == other.cause_map).all()
        assert (one.ofmap == other.ofmap).all()
    assert given.config["mapping"] == {layer.name: dict(layer.choice) for layer in searched.layers}
    assert given.config == {**searched.config, "mapping": given.config["mapping"]}


def test_a_result_says_how_its_mapping_came() -> None:
    result = load("eyeriss_lenet5", layers=["C1", "C3"], mapping=GIVEN).run()
    rows = {name: result[name].row() for name in ("C1", "C3")}
    assert (rows["C3"]["search.counted"], rows["C3"]["search.simulated"]) == (None, None)
    assert (rows["C1"]["search.counted"] > 0, rows["C1"]["search.simulated"]) == (True, 0)
    assert result.total.row()["search.counted"] == rows["C1"]["search.counted"]
    only = load("eyeriss_lenet5", layers=["C3"], mapping=GIVEN, **DENSE).run()
    assert only.total.row()["search.counted"] is None


def test_sizes_on_top_of_a_saved_mapping_win(folder: Path) -> None:
    assert main(["map", "eyeriss_lenet5", "--save", "saved.yaml"]) == 0
    (folder / "given.yaml").write_text(
        f"extends: [eyeriss_lenet5, ./saved.yaml]\nmapping: {json.dumps(GIVEN)}\n", encoding="utf-8"
    )
    sizes = load("given.yaml").config()["mapping"]
    saved = load_yaml("saved.yaml")["mapping"].plain
    assert isinstance(saved, dict)
    assert sizes == {**saved, **GIVEN}


def test_a_saved_file_is_replaced_on_purpose_only(capsys: Capture, folder: Path) -> None:
    (folder / "mine.yaml").write_text("precious", encoding="utf-8")
    wanted = ["map", "eyeriss_lenet5", "--set", "layers=[C3]", "--save", "mine.yaml"]
    assert main(wanted) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        "mine.yaml: --save must be a new file, or be overwritten on purpose (got one there)\n",
    )
    assert main([*wanted, "--overwrite"]) == 0
    assert load_yaml("mine.yaml")["dataflow"].value == "row_stationary"
    assert main([*wanted[:-1], "not/there.yaml"]) == 2
    assert capsys.readouterr().err.endswith(
        "not/there.yaml: --save must be in a folder (got none named not)\n"
    )


FAULTS = {
    "missing": ("./nowhere.yaml", "run.yaml:2: mapping: nowhere.yaml: no such file; did you mean"),
    "name": ("nowhere", "run.yaml:2: mapping: no run is named 'nowhere'; known: "),
    "none": (
        "eyeriss_lenet5",
        "run.yaml:2: mapping: must be a file that has a mapping, tile sizes by layer (got eyeriss_lenet5)",
    ),
    "dataflow": (
        "./other.yaml",
        "run.yaml:2: mapping: must be mappings of row_stationary (got those of other)",
    ),
    "illegal": ("./high.yaml", "high.yaml:1: mapping.C3: e, ofmap rows of a strip: needs 11 rows, has 10"),
    "layer": ("./alien.yaml", "alien.yaml:1: mapping.C9: must name layers of lenet5: C1, C3, C5, F6, OUTPUT"),
    "size": ("./short.yaml", "short.yaml:1: mapping.C3.t: "),
}


@pytest.mark.parametrize("name, message", FAULTS.values(), ids=FAULTS)
def test_a_fault_of_a_mapping_file_is_one_line_with_its_place(
    capsys: Capture, folder: Path, name: str, message: str
) -> None:
    sizes = GIVEN["C3"]
    files = {
        "other": {"dataflow": "other", "mapping": GIVEN},
        "high": {"mapping": {"C3": {**sizes, "e": 11}}},
        "alien": {"mapping": {"C9": sizes}},
        "short": {"mapping": {"C3": {k: v for k, v in sizes.items() if k != "t"}}},
    }
    for file, text in files.items():
        (folder / f"{file}.yaml").write_text(json.dumps(text), encoding="utf-8")
    (folder / "run.yaml").write_text(f"extends: eyeriss_lenet5\nmapping: {name}\n", encoding="utf-8")
    assert main(["map", "run.yaml"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(message)
    assert said.err.count("\n") == 1


def test_a_key_below_a_named_mapping_is_refused(folder: Path) -> None:
    (folder / "run.yaml").write_text("extends: eyeriss_lenet5\nmapping: ./saved.yaml\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"'mapping' must be a mapping to take the key 'C3' \(got './saved"):
        load("run.yaml", mapping__C3__m=3)


def test_layers_that_differ_in_name_alone_are_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = load("eyeriss_vgg16", layers=["CONV5_1", "CONV5_2", "CONV5_3", "CONV4_1"])
    names = []

    def watched(space: Space, layer: Layer, *rest: Any, **options: Any) -> Found:
        names.append(layer.name)
        return search(space, layer, *rest, **options)

    monkeypatch.setattr("accelsim.search.mapper.search", watched)
    mappings = list(experiment.mappings())
    assert names == ["CONV5_1", "CONV4_1"]
    assert [mapping.layer.name for mapping in mappings] == ["CONV5_1", "CONV5_2", "CONV5_3", "CONV4_1"]
    assert mappings[0].loops == mappings[1].loops
