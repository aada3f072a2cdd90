"""Results folders: whole or not there, the same bytes for the same run, never replaced in silence."""

import csv
import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accelsim.errors import ConfigError
from accelsim.report import digest, figures, run_page, to_json, write
from accelsim.report import folder as folder_of
from accelsim.run.experiment import load
from accelsim.run.result import Result
from accelsim.stats import CAUSES
from tests.unit.small_run import fresh, small

FILES = {
    "config.resolved.yaml",
    "energy.csv",
    "energy_by_component.png",
    "energy_by_operand.png",
    "layers.csv",
    "manifest.json",
    "result.json",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(
        run_page(small()), tmp_path_factory.mktemp("results"), argv=["accelsim", "run", "small.yaml"]
    )


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take most of the time of writing; here they are empty."""

    class Drawn:
        def savefig(self, path: Path) -> None:
            path.write_bytes(b"")

    monkeypatch.setattr(figures, "energy_figure", lambda result, view: Drawn())


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def other() -> Result:
    """A result that the configuration of the small run does not give."""
    return replace(small(), left_out=("C5",))


def refusal(result: Result, folder: Path, **options: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        write(run_page(result), folder, **options)
    return str(caught.value)


def test_a_folder_holds_all_and_is_named_by_the_configuration(folder: Path) -> None:
    assert folder.name == f"small-{digest(small().config)}"
    assert len(digest(small().config)) == 10
    assert {path.name for path in folder.iterdir()} == FILES
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert (folder / "energy_by_operand.png").read_bytes().startswith(b"\x89PNG")


def test_a_name_that_is_a_path_stays_in_the_folder(tmp_path: Path, drawn: None) -> None:
    result = small()
    named = replace(result, settings=replace(result.settings, name="../a b"))
    target = write(run_page(named), tmp_path)
    assert target.parent == tmp_path
    assert target.name.startswith("-a-b-")


def test_the_key_does_not_depend_on_the_order_of_keys() -> None:
    config = dict(small().config)
    assert digest(dict(reversed(config.items()))) == digest(config)
    assert digest({**config, "batch": 2}) != digest(config)


def test_two_runs_give_the_same_bytes() -> None:
    assert to_json(run_page(fresh())) == to_json(run_page(fresh()))
    assert to_json(run_page(fresh(seed=1))) != to_json(run_page(small()))


def test_the_resolved_configuration_gives_the_same_result(folder: Path) -> None:
    again = load(str(folder / "config.resolved.yaml")).run()
    assert to_json(run_page(again)).encode() == (folder / "result.json").read_bytes()


def test_json_says_units_seed_and_configuration(folder: Path) -> None:
    document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert document["units"]["energy"] == "pJ"
    assert (document["format"], document["seed"]) == (2, 0)
    assert document["config"]["arch"]["name"] == "eyeriss"
    assert document["not_modelled"]["run_in_numpy"] == ["S2", "S4"]
    assert document["not_modelled"]["energy"] == ["clock", "leakage"]


def test_json_has_every_layer_in_full(folder: Path) -> None:
    document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    for row, layer in zip(
        [*document["layers"], document["total"]], (*small().layers, small().total), strict=True
    ):
        assert row["layer"] == layer.name
        assert row["words"] == layer.actions
        assert row["energy_by_action"] == layer.energy_pj
        assert row["energy"] == layer.total_pj
        assert sum(row["pe_cycles"].values()) == row["pes"] * row["cycles"]
        assert row["mapping"] == layer.choice
        assert "\n".join(row["nest"]) == layer.nest


def test_layers_csv_has_a_row_per_layer_and_the_total(folder: Path) -> None:
    rows = table(folder / "layers.csv")
    assert [row["layer"] for row in rows] == ["C1", "C3", "C5", "total"]
    for column in ("cycles", "energy_pj", "words.dram.read:weight", f"pe_cycles.{CAUSES[0]}"):
        values = [float(row[column]) for row in rows]
        assert sum(values[:-1]) == pytest.approx(values[-1], rel=1e-12), column


def test_energy_csv_adds_up_to_the_total(folder: Path) -> None:
    rows = table(folder / "energy.csv")
    assert list(rows[0]) == ["layer", "action", "component", "operand", "words", "pj"]
    words: Counter[str] = Counter()
    for row in rows:
        assert row["action"].startswith(row["component"])
        assert row["operand"] == ("mac" if row["component"] == "mac" else row["action"].split(":")[1])
        words[row["action"]] += int(row["words"])
    assert words == small().total.actions
    assert sum(float(row["pj"]) for row in rows) == pytest.approx(small().total.total_pj, rel=1e-12)


def test_relative_energy_is_never_called_picojoules(tmp_path: Path, drawn: None) -> None:
    folder = write(run_page(small("eyeriss_relative")), tmp_path)
    assert list(table(folder / "energy.csv")[0])[-1] == "mac"
    columns = list(table(folder / "layers.csv")[0])
    assert "energy_mac" in columns and "energy.rf_mac" in columns
    assert not [column for column in columns if "pj" in column or "watt" in column or column == "power_w"]
    document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert document["units"]["energy"] == "energy of one MAC of eyeriss_relative"
    assert "power_w" not in document["total"]


def test_the_manifest_says_who_ran_it(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest) == {
        "accelsim",
        "python",
        "numba",
        "numpy",
        "simpy",
        "platform",
        "time_utc",
        "argv",
        "seed",
    }
    assert manifest["argv"] == ["accelsim", "run", "small.yaml"]
    assert manifest["time_utc"].endswith("+00:00")


def test_the_same_result_refreshes_the_folder(tmp_path: Path, drawn: None) -> None:
    target = write(run_page(small()), tmp_path)
    (target / "notes.txt").write_text("mine")
    (target / "layers.csv").write_text("spoilt")
    assert write(run_page(small()), tmp_path) == target
    assert {path.name for path in target.iterdir()} == FILES | {"notes.txt"}
    assert table(target / "layers.csv")[0]["layer"] == "C1"


def test_another_result_is_refused_and_left(tmp_path: Path, drawn: None) -> None:
    target = write(run_page(small()), tmp_path)
    before = (target / "result.json").read_bytes()
    assert refusal(other(), tmp_path) == (
        f"{target}: must hold the same result, or be overwritten on purpose (got another one)"
    )
    assert (target / "result.json").read_bytes() == before
    write(run_page(other()), tmp_path, overwrite=True)
    assert (target / "result.json").read_text(encoding="utf-8") == to_json(run_page(other()))
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_of_something_else_is_refused(tmp_path: Path, drawn: None) -> None:
    target = tmp_path / run_page(small()).folder_name
    target.mkdir()
    assert "must hold the same result" in refusal(small(), tmp_path)
    assert list(target.iterdir()) == []


@pytest.mark.parametrize("there", [False, True])
def test_a_failure_leaves_nothing_half_written(
    tmp_path: Path, drawn: None, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    before = {write(run_page(small()), tmp_path)} if there else set()

    def fail(*_: object) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr(figures, "energy_figure", fail)
    with pytest.raises(RuntimeError, match="no ink"):
        write(run_page(small()), tmp_path)
    assert set(tmp_path.iterdir()) == before
    assert all({path.name for path in target.iterdir()} == FILES for target in before)


def test_what_was_there_comes_back_if_the_new_cannot_come(
    tmp_path: Path, drawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, rename = write(run_page(small()), tmp_path), os.rename

    def fail(source: Path, to: Path) -> None:
        if source.name == "new":
            raise PermissionError(13, "Permission denied")
        rename(source, to)

    monkeypatch.setattr(os, "rename", fail)
    assert refusal(small(), tmp_path) == f"{target}: cannot write results (Permission denied)"
    assert list(tmp_path.iterdir()) == [target]
    assert {path.name for path in target.iterdir()} == FILES


def test_an_unwritable_folder_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(folder_of, "TemporaryDirectory", fail)
    target = tmp_path / run_page(small()).folder_name
    assert refusal(small(), tmp_path) == f"{target}: cannot write results (Permission denied)"


def test_a_file_in_the_way_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    message = refusal(small(), tmp_path / "results")
    assert message.endswith(": cannot write results (File exists)")
    assert "\n" not in message
