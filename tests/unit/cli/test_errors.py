"""Every mistake of a user: one line that says where and what must hold, exit code 2, nothing left behind."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from accelsim.cli import main

NET = """\
name: small
input: [4, 9, 9]
nodes:
  - {op: conv, name: A, m: 4, kernel: 3, activation: relu}
  - {op: conv, name: B, m: 6, kernel: 3, groups: 2}
"""

RUN = """\
name: small
arch: {extends: eyeriss, glb: {banks: 25}}
network: net.yaml
energy: horowitz_45nm
dataflow: row_stationary
mapping:
  A: {m: 4, n: 1, e: 7, p: 4, q: 1, r: 1, t: 1}
layers: [A, B]
density: {A: {ofmap: 0.5}}
input: {file: x.npy}
weights: {file: w.npz}
batch: 1
"""

Refused = Callable[..., str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a small network, its tensors, and some that do not fit it."""
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", np.ones((1, 4, 9, 9), np.int64))
    np.save("narrow.npy", np.ones((1, 4, 9, 8), np.int64))
    np.save("floats.npy", np.ones((1, 4, 9, 9)))
    np.save("wide.npy", np.full((1, 4, 9, 9), 40000))
    np.savez("w.npz", A=np.ones((4, 4, 3, 3), np.int64), B=np.ones((6, 2, 3, 3), np.int64))
    write()
    return tmp_path


def write(*replacements: tuple[str, str]) -> None:
    """The small run, with texts replaced by others."""
    for name, text in (("net.yaml", NET), ("run.yaml", RUN)):
        for old, new in replacements:
            text = text.replace(old, new)
        Path(name).write_text(text, encoding="utf-8")


@pytest.fixture
def refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    """What stderr says of a run that must be refused; checks that it is one line and nothing else happens."""

    def call(*arguments: str) -> str:
        before = sorted(folder.rglob("*"))
        code = main(["run", *(arguments or ["run.yaml"])])
        said = capsys.readouterr()
        assert (code, said.out) == (2, "")
        assert sorted(folder.rglob("*")) == before
        assert "Traceback" not in said.err
        assert said.err.count("\n") == 1
        return said.err.rstrip("\n")

    return call


@pytest.mark.parametrize(
    "old, new, message",
    [
        pytest.param(
            "batch: 1",
            "batch: [1",
            "run.yaml:13: must be YAML 1.2: expected ',' or ']', but got '<stream end>'",
            id="bad YAML",
        ),
        pytest.param(
            "batch: 1",
            "name: again",
            "run.yaml:12: name: a key must be given once (also on line 1)",
            id="duplicate key",
        ),
        pytest.param(
            "batch: 1",
            "bach: 1",
            "run.yaml:12: bach: unknown key 'bach'; did you mean 'batch'?",
            id="unknown key",
        ),
        pytest.param(
            "banks: 25",
            "bank: 25",
            "run.yaml:2: arch.glb.bank: unknown key 'bank'; did you mean 'banks'?",
            id="unknown key below",
        ),
        pytest.param(
            "batch: 1",
            "batch: two",
            "run.yaml:12: batch: must be an integer (got 'two')",
            id="wrong type",
        ),
        pytest.param(
            "batch: 1",
            "batch: 0",
            "run.yaml:12: batch must be at least 1 (got 0)",
            id="out of range",
        ),
        pytest.param(
            "layers: [A, B]",
            "layers: []",
            "run.yaml:8: layers must name at least one layer (got none)",
            id="no layers",
        ),
        pytest.param(
            "name: B, m: 6, kernel: 3",
            "name: B, m: 6, kernel: 9",
            "net.yaml:5: nodes[1]: node 'B': the filter must fit the padded ifmap:"
            " its extent is 9, the padded ifmap's 7",
            id="filter larger than the padded ifmap",
        ),
        pytest.param(
            "groups: 2",
            "groups: 3",
            "net.yaml:5: nodes[1]: node 'B': groups must divide c (got groups=3, c=4)",
            id="groups that do not divide",
        ),
        pytest.param(
            "groups: 2",
            "groups: 2, input: C",
            "net.yaml:5: nodes[1]: node 'B': an input must be 'input' or a node listed before"
            " (got 'C'; there are input, A)",
            id="unknown input of a node",
        ),
        pytest.param(
            "p: 4",
            "p: 25",
            "run.yaml:7: mapping.A: filters of a pass, p*t <= m: needs 25 filters, has 4 (21 too many)",
            id="mapping that breaks a rule",
        ),
        pytest.param(
            ", t: 1",
            "",
            "run.yaml:7: mapping.A.t: must be given (the key is missing)",
            id="mapping with a missing key",
        ),
        pytest.param(
            "A: {m: 4",
            "A: {m: none",
            "run.yaml:7: mapping.A.m: must be an integer (got 'none')",
            id="mapping of the wrong type",
        ),
        pytest.param(
            "x.npy",
            "narrow.npy",
            "run.yaml:10: input.file: narrow.npy: shape must be (1, 4, 9, 9) (got (1, 4, 9, 8))",
            id="tensor of the wrong shape",
        ),
        pytest.param(
            "x.npy",
            "floats.npy",
            "run.yaml:10: input.file: floats.npy: dtype must be integer (got float64)",
            id="tensor of the wrong dtype",
        ),
        pytest.param(
            "x.npy",
            "wide.npy",
            "run.yaml:10: input.file: wide.npy: values must be in -32768..32767, 16 bits (got 40000..40000)",
            id="tensor of too wide values",
        ),
        pytest.param(
            "x.npy",
            "none.npy",
            "run.yaml:10: input.file: none.npy: file must exist (got no such file)",
            id="missing tensor",
        ),
        pytest.param(
            "w.npz",
            "w.npz, key: A",
            "run.yaml:11: weights.file: w.npz: shape must be (6, 2, 3, 3) (got (4, 4, 3, 3))",
            id="weights of the wrong shape",
        ),
        pytest.param(
            "{file: x.npy}",
            "picture",
            "run.yaml:10: input: channels of a picture must be 1 or 3 (got 4)",
            id="picture of four channels",
        ),
        pytest.param(
            "layers: [A, B]",
            "layers: [A, C]",
            "run.yaml:8: layers[1]: must name layers of small: A, B (got 'C')",
            id="unknown layer",
        ),
        pytest.param(
            "{A: {ofmap",
            "{C: {ofmap",
            "run.yaml:9: density.C: must name layers of small: A, B (got 'C')",
            id="density of an unknown layer",
        ),
        pytest.param(
            "  A: {m",
            "  C: {m",
            "run.yaml:7: mapping.C: must name layers of small: A, B (got 'C')",
            id="mapping of an unknown layer",
        ),
        pytest.param(
            "layers: [A, B]",
            "layers: [B]",
            "run.yaml:8: layers: B needs the ofmap of A, which is not run;"
            " add its layers or set density.B.ifmap",
            id="layer without its input",
        ),
        pytest.param(
            "row_stationary",
            "row_stationry",
            "run.yaml:5: dataflow: must be a file of dataflows/ or a dotted class"
            " (got 'row_stationry'); did you mean 'row_stationary'?",
            id="unknown dataflow",
        ),
        pytest.param(
            "row_stationary",
            "pathlib.Path",
            "run.yaml:5: dataflow: pathlib must define the dataflow Path, a dataclass with map and space",
            id="class that is no dataflow",
        ),
        pytest.param(
            "extends: eyeriss",
            "extends: eyeris",
            "run.yaml:2: arch.extends: no arch is named 'eyeris'; did you mean 'eyeriss'?",
            id="unknown arch",
        ),
        pytest.param(
            "batch: 1",
            "values: false",
            "run.yaml:12: values: values: false needs sparsity.gate: none (got ifmap) and"
            " sparsity.formats.ifmap.dram: null (got run_length) and sparsity.formats.ofmap.dram: null (got"
            " run_length), which depend on data",
            id="no values on a machine that needs them",
        ),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_line(
    refused: Refused, old: str, new: str, message: str
) -> None:
    assert old in NET + RUN
    write((old, new))
    assert refused() == message


def test_the_small_run_is_right_without_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "run.yaml"]) == 0
    assert "Error" not in capsys.readouterr().err


def test_no_legal_mapping_names_the_rule_and_by_how_much(refused: Refused) -> None:
    write(("mapping:\n  A: {m: 4, n: 1, e: 7, p: 4, q: 1, r: 1, t: 1}\n", ""), ("banks: 25", "banks: 1"))
    assert refused() == (
        "run.yaml:2: arch: A must have a legal mapping; the smallest breaks"
        " GLB, ifmap strips and psum planes: needs 2 banks, has 1 (1 too many)"
    )


def test_several_mistakes_are_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    write(("batch: 1", "bach: 1"), ("groups: 2", "groups: 3"), ("banks: 25", "banks: many"))
    assert main(["run", "run.yaml"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "run.yaml:12: bach: unknown key 'bach'; did you mean 'batch'?",
        "run.yaml:2: arch.glb.banks: must be an integer (got 'many')",
        "net.yaml:5: nodes[1]: node 'B': groups must divide c (got groups=3, c=4)",
    ]


def test_a_missing_file_names_what_there_is(refused: Refused) -> None:
    assert refused("rum.yaml") == "rum.yaml: no such file; did you mean 'run'?"
    assert refused("lenet5") == "no run is named 'lenet5'; did you mean 'eyeriss_lenet5'?"


@pytest.mark.parametrize(
    "change, message",
    [
        ("arch.glb.bank=1", "override arch.glb.bank: unknown key 'bank'; did you mean 'banks'?"),
        ("batch=two", "override batch: must be an integer (got 'two')"),
        ("batch=0", "override batch: batch must be at least 1 (got 0)"),
        ("batch=[", "override batch: must be YAML 1.2: expected the node content, but found '<stream end>'"),
        ("layers=[C]", "override layers: [0]: must name layers of small: A, B (got 'C')"),
        ("input.file=no.npy", "override input.file: no.npy: file must exist (got no such file)"),
        ("path=3", "override path: unknown key 'path'; did you mean 'datapaths'?"),
    ],
)
def test_a_mistake_on_the_command_line_is_told_with_its_key(
    refused: Refused, change: str, message: str
) -> None:
    assert refused("run.yaml", "--set", change) == message


@pytest.mark.parametrize(
    "change, option, message",
    [
        ("seed=3", ("--seed", "4"), "seed must be given one value (got 4 and 3)"),
        ("batch=2", ("--set", "batch=1"), "batch must be given one value (got 2 and 1)"),
    ],
)
def test_a_key_that_is_given_two_values_is_refused(
    refused: Refused, change: str, option: tuple[str, str], message: str
) -> None:
    assert (
        refused("run.yaml", "--set", change, *option) == f"accelsim run: {message} (see accelsim run --help)"
    )


def test_a_tensor_is_looked_for_beside_the_run_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert main(["run", "../run.yaml"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("out", ["taken", "taken/here"])
def test_a_folder_that_cannot_be_written_is_refused(refused: Refused, out: str) -> None:
    Path("taken").write_text("", encoding="utf-8")
    assert refused("run.yaml", "--out", out) == f"{out}: --out must be a folder (taken is a file)"


def test_a_folder_without_the_right_to_write_is_refused(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("locked").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert refused("run.yaml", "--out", "locked/a/b") == (
        "locked/a/b: --out must be a folder that can be written (locked cannot)"
    )
