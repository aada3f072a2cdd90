"""The command line of a comparison of schemes: labels of the block win, refused ones say why."""

import csv
import json
from pathlib import Path

import pytest

import accelsim
from accelsim.cli import main
from accelsim.errors import ConfigError
from accelsim.report import comparison_page, to_json
from accelsim.report.comparison import page

Capture = pytest.CaptureFixture[str]

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")

RUN = """\
name: small
network: lenet5
energy: horowitz_45nm
arch: eyeriss
layers: [C1]
"""

BLOCK = """\
compare:
  int8: {datapaths: {all: int8, C1: int4}}
  half: {datapaths: ternary, seed: 1}
"""

HOSTS_NO_REUSE = "arch: systolic_8x8\ndataflow: weight_stationary_gemm\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the run file and nothing else."""
    monkeypatch.chdir(tmp_path)
    Path("run.yaml").write_text(RUN, encoding="utf-8")
    Path("block.yaml").write_text(RUN + BLOCK, encoding="utf-8")
    Path("gemm.yaml").write_text(RUN.replace("arch: eyeriss\n", HOSTS_NO_REUSE), encoding="utf-8")
    return tmp_path


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take most of the time of writing; here there are none."""
    monkeypatch.setattr(page, "comparison_figures", lambda comparison: ())


def test_schemes_run_on_top_of_the_run(capsys: Capture, drawn: None) -> None:
    asked = ["--datapaths", "int8, xnor", "--json", "--jobs", "1"]
    assert main(["compare", "run.yaml", *asked]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document["runs"]) == ["int8", "xnor"]
    totals = {row["label"]: row for row in document["schemes"] if row["layer"] == "total"}
    assert totals["int8"]["bits_per_weight"] == pytest.approx((8 * 150 + 32) / 150)  # a scale of 32 bits
    assert totals["int8"]["word_bits.ifmap"] == "8"
    assert totals["xnor"]["schemes"] == "int8"  # of the first layer
    assert document["runs"]["int8"]["layers"]["C1"]["scheme"] == "int8"


def test_a_table_says_what_limits_and_the_folder_has_the_rows(capsys: Capture, drawn: None) -> None:
    assert main(["compare", "run.yaml", "--datapaths", "int16,ternary"]) == 0
    said = capsys.readouterr()
    assert "small: one image under each scheme, all layers\n" in said.out
    assert "accuracy" not in said.out.split("All layers, int16 = 1")[0]
    (results,) = Path("results").iterdir()
    with (results / "schemes.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["label"], row["layer"]) for row in rows] == [
        (label, layer) for label in ("int16", "ternary") for layer in ("C1", "total")
    ]
    assert float(rows[0]["arithmetic_per_mac_pj"]) > float(rows[2]["arithmetic_per_mac_pj"])
    assert {row["limited_by"] for row in rows} == {"array"}


def test_figures_of_schemes_are_among_the_files(capsys: Capture) -> None:
    assert main(["compare", "run.yaml", "--datapaths", "int8,int4", "--jobs", "1"]) == 0
    (results,) = Path("results").iterdir()
    assert {path.stem for path in results.glob("*.png")} == {
        "energy_by_component",
        "energy_by_operand",
        "edp",
        "weight_bits",
        "arithmetic_by_part",
    }


def test_a_label_of_the_block_wins_over_a_scheme_of_that_name(capsys: Capture, drawn: None) -> None:
    asked = ["--datapaths", "int8,half,binary", "--json", "--jobs", "1"]
    assert main(["compare", "block.yaml", *asked]) == 0
    document = json.loads(capsys.readouterr().out)
    schemes = {label: run["layers"]["C1"]["scheme"] for label, run in document["runs"].items()}
    assert schemes == {"int8": "int4", "half": "ternary", "binary": "binary"}
    assert document["config"]["compare"]["half"]["seed"] == 1


def test_a_scheme_that_no_pe_of_the_dataflow_can_do_is_refused(capsys: Capture, drawn: None) -> None:
    assert main(["compare", "gemm.yaml", "--datapaths", "int8,repeated_kernels", "--jobs", "1"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert (
        "repeated_kernels: refused: C1 must have a legal mapping: datapath of systolic_8x8 must make" in out
    )
    (results,) = Path("results").iterdir()
    document = json.loads((results / "comparison.json").read_text(encoding="utf-8"))
    assert list(document["refused"]) == ["repeated_kernels"]
    (row,) = [row for row in document["schemes"] if row["label"] == "repeated_kernels"]
    assert row["refused"] == document["refused"]["repeated_kernels"]
    assert row["energy_per_image_pj"] is None


def test_a_comparison_of_schemes_says_the_same_again(capsys: Capture, drawn: None) -> None:
    assert main(["compare", "block.yaml", "--datapaths", "half,int8", "--json", "--jobs", "1"]) == 0
    first = json.loads(capsys.readouterr().out)
    (results,) = Path("results").iterdir()
    resolved = str(results / "config.resolved.yaml")
    assert main(["compare", resolved, "--json", "--jobs", "1", "--out", "again"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["schemes"] == first["schemes"]
    assert again["key"] == first["key"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            ["--dataflows", "row_stationary", "--datapaths", "int8"],
            "either dataflows or datapaths must be left out (got both)",
        ),
        (
            ["--datapaths", "int9"],
            "datapaths must be labels of the run's compare block or schemes of accelsim list",
        ),
        (["--datapaths", "int8,int8"], "datapaths must be named once (got 'int8' twice)"),
        (["--datapaths", ""], "datapaths must be labels of the run's compare block or schemes"),
        (
            ["--datapaths", "int8", "--normalise", "int4"],
            "normalise must be a label of the comparison or none",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(arguments: list[str], message: str, capsys: Capture) -> None:
    assert main(["compare", "run.yaml", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(message)
    assert said.err.count("\n") == 1
    assert not Path("results").exists()


def test_python_compares_as_the_command_does(capsys: Capture, drawn: None) -> None:
    assert main(["compare", "run.yaml", "--datapaths", "int8,int4", "--json", "--jobs", "1"]) == 0
    found = accelsim.compare(accelsim.load("run.yaml"), datapaths=["int8", "int4"], jobs=1)
    assert to_json(comparison_page(found)) == capsys.readouterr().out
    with pytest.raises(ConfigError, match="either dataflows or datapaths"):
        accelsim.compare(accelsim.load("run.yaml"), ["row_stationary"], datapaths=["int8"])
