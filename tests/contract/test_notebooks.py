"""Notebooks: they run from top to bottom, hold no outputs and no logic."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

LOGIC = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Try, ast.Lambda)

FIGURE = (
    r"(?:report|comparison)\.(?:(?:op_)?energy_\w+|cycles_\w+|edp)\("
    r"|sparsity\.(?:speedup|pe_cycles|busy_map|sweep_figure)\("
    r"|(?:accuracy_and_energy|arithmetic_figure|weight_bits_figure)\(|luts\.lut_figure\("
    r"|\.draw\(|\.plot(?:\.bar)?\("
)
"""A call that draws a figure of its own."""

SECONDS = 120
"""A cell may take this long on a slow machine; the longest takes some 20 seconds of two processors."""


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def code(path: Path) -> list[dict[str, Any]]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.slow
def test_a_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ipykernel", reason="notebooks need ipykernel")
    nbclient = pytest.importorskip("nbclient", reason="notebooks need nbclient")
    nbformat = pytest.importorskip("nbformat", reason="notebooks need nbformat")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=resources).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    drawn = [output for output in shown if "image/png" in output.get("data", {})]
    assert len(drawn) == len(re.findall(FIGURE, "".join(cell["source"] for cell in notebook.cells)))
    assert not [output.text for output in shown if output.get("name") == "stderr"]


def test_outputs_are_cleared(path: Path) -> None:
    for cell in code(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


def test_a_notebook_has_no_logic(path: Path) -> None:
    for cell in code(path):
        tree = ast.parse("".join(line for line in cell["source"] if not line.startswith("%")))
        assert not [node for node in ast.walk(tree) if isinstance(node, LOGIC)], cell["source"]
