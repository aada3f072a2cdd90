"""The command line of what zeros save: tables or JSON on stdout, all else on stderr."""

import csv
import json
from pathlib import Path

import pytest

from accelsim.cli import main
from accelsim.errors import SimulationError
from accelsim.report.sparsity import page
from accelsim.run.session import Session
from tests.unit.small_gains import RUN

Capture = pytest.CaptureFixture[str]

COMMAND = ["sparsity", "run.yaml", "--jobs", "1"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the run file and nothing else, where no figure is drawn."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(page, "sparsity_figures", lambda gains, sweep: ())
    Path("run.yaml").write_text(RUN, encoding="utf-8")
    return tmp_path


def test_it_prints_tables_and_says_where_the_results_are(capsys: Capture) -> None:
    assert main(COMMAND) == 0
    said = capsys.readouterr()
    assert said.out.startswith("small: two, batch 1, row_stationary on eyeriss, against dense\n")
    assert "by density" not in said.out
    (results,) = Path("results").iterdir()
    assert said.err == f"results written to results/{results.name}\n"
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["argv"] == ["accelsim", *COMMAND]
    assert not (results / "sweep.csv").exists()


def test_densities_operands_and_overrides_are_those_asked_for(capsys: Capture) -> None:
    asked = ["--sweep", "0.5, 0.25", "--operands", "weight", "--set", "layers=[A]", "--out", "here"]
    assert main([*COMMAND, *asked]) == 0
    assert "\nsmall: all layers by density\n" in capsys.readouterr().out
    (results,) = Path("here").iterdir()
    with (results / "sweep.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["density"], row["ifmap_density"], row["layer"]) for row in csv.DictReader(file)]
    assert rows == [(density, "", layer) for density in ("0.25", "0.5") for layer in ("A", "total")]


def test_json_is_the_result_file(capsys: Capture) -> None:
    assert main([*COMMAND, "--sweep", "0.5", "--json", "--set", "layers=[A]"]) == 0
    said = capsys.readouterr()
    (results,) = Path("results").iterdir()
    assert said.out == (results / "sparsity.json").read_text(encoding="utf-8")
    assert json.loads(said.out)["sweep"]["operands"] == "both"


def test_a_different_result_is_overwritten_only_on_request(capsys: Capture) -> None:
    command = [*COMMAND, "--set", "layers=[A]"]
    assert main(command) == 0
    (results,) = Path("results").iterdir()
    (results / "sparsity.json").write_text("{}", encoding="utf-8")
    capsys.readouterr()
    assert main(command) == 2
    assert capsys.readouterr().err == (
        f"results/{results.name}: must hold the same result, or be overwritten on purpose (got another one)\n"
    )
    assert main([*command, "--overwrite"]) == 0


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--sweep", "0.5,half"], "--sweep must be densities with commas between them (got 'half')"),
        (["--sweep", ""], "--sweep must be densities with commas between them (got '')"),
        (["--sweep", "0.5,2"], "densities must be in 0..1 (got 2)"),
        (["--sweep", "0.5,0.5"], "densities must be given once (got 0.5 twice)"),
        (["--operands", "psum"], "accelsim sparsity: Invalid value for '--operands': 'psum' is not one of"),
        (["--jobs", "0"], "accelsim sparsity: Invalid value for '--jobs': 0 is not in the range x>=1."),
        (["--set", "sparsity.skp=both"], "override sparsity.skp: unknown key 'skp'; did you mean 'skip'?"),
        (["--set", "values=false"], "override values: values: false needs sparsity.skip: none (got both)"),
        (["--set", "arch.glb.banks=1"], "run: refused: A must have a legal mapping; the smallest breaks GLB"),
        (["--out", "run.yaml"], "run.yaml: --out must be a folder (run.yaml is a file)"),
    ],
)
def test_a_mistake_is_one_line_and_2_and_leaves_nothing(
    capsys: Capture, folder: Path, arguments: list[str], message: str
) -> None:
    assert main([*COMMAND, *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(message)
    assert said.err.count("\n") == 1
    assert [path.name for path in folder.iterdir()] == ["run.yaml"]


def test_densities_are_checked_before_anything_runs(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Session, "run")
    assert main([*COMMAND, "--sweep", "2"]) == 2


def test_a_machine_that_cannot_go_on_is_3(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Session) -> None:
        raise SimulationError("a circular wait")

    monkeypatch.setattr(Session, "run", fail)
    assert main(COMMAND) == 3
    assert capsys.readouterr().err == "run: a circular wait\n"
