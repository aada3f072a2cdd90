"""The command line of a comparison: the table or JSON on stdout, all else on stderr."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import accelsim
from accelsim.cli import main
from accelsim.errors import SimulationError
from accelsim.report.comparison import page
from accelsim.run.session import Session
from tests.unit.small_comparison import BLOCK, RUN

Capture = pytest.CaptureFixture[str]

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the run file and nothing else."""
    monkeypatch.chdir(tmp_path)
    Path("run.yaml").write_text(RUN + BLOCK, encoding="utf-8")
    return tmp_path


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take most of the time of writing; here there are none."""
    monkeypatch.setattr(page, "comparison_figures", lambda comparison: ())


def test_a_comparison_prints_tables_and_says_where_the_results_are(capsys: Capture) -> None:
    assert main(["compare", "run.yaml"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("small: all layers\n")
    assert "\nAll layers, RS = 1\n" in said.out
    assert "none of it: refused: " in said.out
    assert "By layer" not in said.out
    (results,) = Path("results").iterdir()
    assert said.err == f"results written to results/{results.name}\n"
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["argv"] == ["accelsim", "compare", "run.yaml"]


def test_labels_baseline_layers_and_overrides_are_those_asked_for(capsys: Capture, drawn: None) -> None:
    asked = [
        "--dataflows",
        "half, RS",
        "--normalise",
        "RS",
        "--layers",
        "--set",
        "layers=[C1]",
        "--out",
        "here",
    ]
    assert main(["compare", "run.yaml", *asked, "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert "All layers, RS = 1" in out
    assert "By layer: cycles, RS = 1" in out
    (results,) = Path("here").iterdir()
    with (results / "comparison.csv").open(newline="", encoding="utf-8") as file:
        rows = [(row["label"], row["layer"]) for row in csv.DictReader(file)]
    assert rows == [(label, layer) for label in ("half", "RS") for layer in ("C1", "total")]


def test_json_is_the_result_file_and_none_normalises_nothing(capsys: Capture, drawn: None) -> None:
    assert main(["compare", "run.yaml", "--dataflows", "RS,half", "--json", "--normalise", "none"]) == 0
    said = capsys.readouterr()
    (results,) = Path("results").iterdir()
    assert said.out == (results / "comparison.json").read_text(encoding="utf-8")
    assert json.loads(said.out)["normalised_to"] is None
    assert not any(name.startswith("normalised") for name in json.loads(said.out)["rows"][0])


def test_without_a_block_a_dataflow_is_named(capsys: Capture, drawn: None) -> None:
    assert (
        main(["compare", "eyeriss_lenet5", "--dataflows", "row_stationary", "--json", "--set", "layers=[C1]"])
        == 0
    )
    assert list(json.loads(capsys.readouterr().out)["runs"]) == ["row_stationary"]


def test_a_different_comparison_is_overwritten_only_on_request(capsys: Capture, drawn: None) -> None:
    command = ["compare", "run.yaml", "--dataflows", "half"]
    assert main(command) == 0
    (results,) = Path("results").iterdir()
    (results / "comparison.json").write_text("{}", encoding="utf-8")
    capsys.readouterr()
    assert main(command) == 2
    assert capsys.readouterr().err == (
        f"results/{results.name}: must hold the same comparison, or be overwritten on purpose"
        " (got another one)\n"
    )
    assert main([*command, "--overwrite"]) == 0


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            ["--dataflows", "haf"],
            "dataflows must be labels of the run's compare block or files of dataflows/",
        ),
        (["--normalise", "haf"], "normalise must be a label of the comparison or none (got 'haf'); did you"),
        (
            ["--normalise", "none of it"],
            "a baseline must be a label that ran (got 'none of it'); known: RS, ",
        ),
        (["--jobs", "0"], "accelsim compare: Invalid value for '--jobs': 0 is not in the range x>=1."),
        (
            ["--set", "compare.half.bach=1"],
            "override compare.half.bach: unknown key 'bach'; did you mean 'batch'?",
        ),
        (
            ["--dataflows", "none of it"],
            "none of it: refused: C1 must have a legal mapping; the smallest breaks",
        ),
        (["--out", "run.yaml"], "run.yaml: --out must be a folder (run.yaml is a file)"),
    ],
)
def test_a_mistake_is_one_line_and_2_and_leaves_nothing(
    capsys: Capture, folder: Path, arguments: list[str], message: str
) -> None:
    assert main(["compare", "run.yaml", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(message)
    assert said.err.count("\n") == 1
    assert [path.name for path in folder.iterdir()] == ["run.yaml"]


def test_a_mistake_in_an_entry_is_told_with_its_line(capsys: Capture) -> None:
    Path("run.yaml").write_text(RUN + BLOCK.replace("rows: 6", "rwos: 6"), encoding="utf-8")
    assert main(["compare", "run.yaml"]) == 2
    assert capsys.readouterr().err == (
        "run.yaml:12: compare.half.arch.array.rwos: unknown key 'rwos'; did you mean 'rows'?\n"
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_errors_of_workers_are_errors_without_a_traceback(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, jobs: str
) -> None:
    def fail(self: Session) -> None:
        raise (ZeroDivisionError("by zero") if self.settings.seed else SimulationError("a circular wait"))

    monkeypatch.setattr(Session, "run", fail)
    monkeypatch.delenv("ACCELSIM_DEBUG", raising=False)
    command = ["compare", "run.yaml", "--jobs", jobs]
    assert main(command) == 3
    assert capsys.readouterr().err == "RS: a circular wait\n"
    assert main([*command, "--set", "seed=1"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("this is a bug of accelsim, please report it: ZeroDivisionError: by zero")
    assert said.count("\n") == 1


def test_plain_text_where_there_is_no_terminal() -> None:
    root = str(Path(accelsim.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "accelsim", "compare", "run.yaml", "--set", "layers=[C1]"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root, "NO_COLOR": "1"},
    )
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
