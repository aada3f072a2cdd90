"""The command line: what goes to stdout, what to stderr, and whose fault the exit code says it was."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import accelsim
from accelsim.cli import main
from accelsim.config import names
from accelsim.errors import SimulationError
from accelsim.run.sections import SECTIONS
from accelsim.run.session import Session

HEAVY = ("matplotlib", "pandas", "numba", "onnx", "numpy", "pydantic", "rich", "ruamel", "simpy", "tqdm")
"""What ``accelsim --help`` must do without."""

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment())


def environment() -> dict[str, str]:
    """This process's, in which accelsim is found from any folder."""
    root = Path(accelsim.__file__).parents[1]
    return {**os.environ, "PYTHONPATH": str(root)}


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make every run end in *error*."""

    def fail(self: Session) -> None:
        raise error

    monkeypatch.setattr(Session, "run", fail)


def test_help_imports_nothing_heavy() -> None:
    done = python("-X", "importtime", "-m", "accelsim", "--help")
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert done.returncode == 0
    assert "click" in imported
    assert imported.isdisjoint(HEAVY)


def test_the_package_gives_its_names_when_asked() -> None:
    done = python(
        "-c", "import accelsim, sys; assert 'numpy' not in sys.modules; accelsim.load; accelsim.Result"
    )
    assert (done.returncode, done.stderr) == (0, "")
    for name in accelsim.__all__:
        assert hasattr(accelsim, name)
    assert not hasattr(accelsim, "loads")


def test_version(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"accelsim {accelsim.__version__}\n"


def test_without_a_command_the_help_is_shown_and_nothing_done(capsys: Capture) -> None:
    assert main([]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Usage: accelsim [OPTIONS] COMMAND")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["runn"], "accelsim: No such command 'runn'. Did you mean 'run'? (see accelsim --help)"),
        (["run"], "accelsim run: Missing argument 'CONFIG'. (see accelsim run --help)"),
        (
            ["run", "eyeriss_alexnet", "--set", "batch"],
            "accelsim run: --set must be KEY=VALUE (got 'batch') (see accelsim run --help)",
        ),
        (
            ["run", "x", "--engine", "slow"],
            "accelsim run: Invalid value for '--engine': 'slow' is not one of",
        ),
        (["validate", "eyerist"], "no set of published numbers is named 'eyerist'; did you mean 'eyeriss'?"),
    ],
)
def test_misuse_is_one_line_and_2(capsys: Capture, arguments: list[str], message: str) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(message)
    assert said.err.count("\n") == 1


def test_a_bug_is_1_and_asks_to_be_reported(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ZeroDivisionError("by\nzero"))
    monkeypatch.delenv("ACCELSIM_DEBUG", raising=False)
    assert main(["run", "eyeriss_lenet5"]) == 1
    assert capsys.readouterr().err == (
        "this is a bug of accelsim, please report it: ZeroDivisionError: by zero"
        " (ACCELSIM_DEBUG=1 shows where)\n"
    )


def test_a_bug_shows_its_traceback_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ZeroDivisionError())
    monkeypatch.setenv("ACCELSIM_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["run", "eyeriss_lenet5"])


def test_a_simulation_that_cannot_go_on_is_3(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, SimulationError("a circular wait"))
    assert main(["run", "eyeriss_lenet5"]) == 3
    assert capsys.readouterr().err == "a circular wait\n"


def test_an_overflow_is_3_and_names_the_layer(capsys: Capture) -> None:
    assert main(["run", "eyeriss_lenet5", "--set", "arch.accumulator_bits=16"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("C1: accumulator overflow: psums must fit 16 bits (got ")


def test_an_interrupt_is_130(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    assert main(["run", "eyeriss_lenet5"]) == 130
    assert capsys.readouterr().err.split() == ["interrupted"]


ENDLESS = """\
import signal, sys, time
from accelsim.cli import main
from accelsim.run.session import Session

signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may have it ignored

def run(self):
    print("running", flush=True)
    time.sleep(600)

Session.run = run
sys.exit(main(["run", "eyeriss_lenet5"]))
"""


def test_control_c_leaves_nothing_behind(folder: Path) -> None:
    command = [sys.executable, "-c", ENDLESS]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err.split()) == (130, ["interrupted"])
    assert list(folder.iterdir()) == []


def test_a_run_prints_tables_and_says_where_the_results_are(capsys: Capture, folder: Path) -> None:
    assert main(["run", "eyeriss_lenet5"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("eyeriss_lenet5: ")
    (results,) = (folder / "results").iterdir()
    assert said.err == f"results written to results/{results.name}\n"
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["argv"] == ["accelsim", "run", "eyeriss_lenet5"]


def test_json_is_the_result_file(capsys: Capture) -> None:
    assert main(["run", "eyeriss_lenet5", "--json", "--out", "here", "--seed", "3", "--engine", "fast"]) == 0
    said = capsys.readouterr()
    (results,) = Path("here").iterdir()
    assert said.out == (results / "result.json").read_text(encoding="utf-8")
    assert json.loads(said.out)["seed"] == 3


def test_overrides_are_yaml(capsys: Capture) -> None:
    changes = ["--set", "layers=[C1]", "--set", "arch.dram=ideal", "--set", "layers=[C1]"]
    assert main(["run", "eyeriss_lenet5", "--json", *changes]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [layer["layer"] for layer in found["layers"]] == ["C1"]
    assert found["config"]["arch"]["dram"] == "ideal"


def test_no_values_runs_on_a_machine_that_needs_none(capsys: Capture) -> None:
    off = ["gate=none", "formats.ifmap.dram=null", "formats.ofmap.dram=null"]
    without = ["--no-values", *(part for key in off for part in ("--set", f"sparsity.{key}"))]
    assert main(["run", "eyeriss_lenet5", "--json", *without]) == 0
    assert json.loads(capsys.readouterr().out)["config"]["values"] is False


def test_a_different_result_is_overwritten_only_on_request(capsys: Capture) -> None:
    assert main(["run", "eyeriss_lenet5"]) == 0
    (results,) = Path("results").iterdir()
    (results / "result.json").write_text("{}", encoding="utf-8")
    capsys.readouterr()
    assert main(["run", "eyeriss_lenet5"]) == 2
    assert capsys.readouterr().err == (
        f"{Path('results') / results.name}: must hold the same result, or be overwritten on purpose"
        " (got another one)\n"
    )
    assert main(["run", "eyeriss_lenet5", "--overwrite"]) == 0
    assert (results / "result.json").read_text(encoding="utf-8") != "{}"


def test_list_names_everything(capsys: Capture) -> None:
    assert main(["list"]) == 0
    said = capsys.readouterr().out
    for section in SECTIONS:
        assert f"{section}:\n" in said
    for kind in ("runs", "arch", "networks", "energy", "published"):
        for name in names(kind):
            assert f"\n  {name} " in said
    assert "\n  row_stationary " in said


def test_list_of_one_section_is_a_name_and_a_description_a_line(capsys: Capture) -> None:
    assert main(["list", "runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(names("runs"))
    assert all(len(line.split()) > 1 for line in lines)


def test_map_prints_the_nest_of_every_layer(capsys: Capture) -> None:
    assert main(["map", "eyeriss_alexnet", "--set", "layers=[CONV3, CONV5]"]) == 0
    blocks = capsys.readouterr().out.split("\n\n")
    assert [block.partition(":")[0] for block in blocks] == ["CONV3", "CONV5"]
    assert " glb         for c in 43 x 6 (last 4)" in blocks[0]


def test_validate_passes_and_is_0(capsys: Capture) -> None:
    assert main(["validate"]) == 0
    assert capsys.readouterr().out.endswith("All 28 bands hold.\n")


def test_validate_as_json(capsys: Capture) -> None:
    assert main(["validate", "eyeriss", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_validate_with_a_missed_band_is_1(capsys: Capture) -> None:
    Path("mine.yaml").write_text(
        "name: mine\nsource: me\nrun: eyeriss_lenet5\ntables:\n"
        "  - {title: PEs, quantity: active_pes, source: me, published: {C1: 1}, band: {absolute: 0}}\n",
        encoding="utf-8",
    )
    assert main(["validate", "mine.yaml"]) == 1
    said = capsys.readouterr()
    assert "MISSED" in said.out
    assert said.err == "1 of 1 bands missed: PEs of C1.\n"
