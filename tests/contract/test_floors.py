"""The house: imports go down the floors, each library has one home, accelsim never imports dataflows."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FLOORS = [
    ["errors"],
    ["checks"],
    ["config"],
    ["formats"],
    ["quant", "workload"],
    ["datapath"],
    ["arch"],
    ["stats", "rules"],
    ["nodes", "rounding"],
    ["glue"],
    ["arrays", "tensors", "network", "control"],
    ["counts", "pruning"],
    ["tiling"],
    ["mapping"],
    ["boxes"],
    ["plan", "traffic"],
    ["queues", "coding"],
    ["stream"],
    ["program"],
    ["outcome"],
    ["energy"],
    ["hw", "fast"],
    ["search"],
    ["choice"],
    ["forecast"],
    ["fitting"],
    ["sim", "dataflow"],
    ["schemes"],
    ["sizes", "settings"],
    ["saved"],
    ["result"],
    ["flows"],
    ["session"],
    ["experiment"],
    ["comparison"],
    ["variants"],
    ["comparing"],
    ["gains", "digits"],
    ["validate", "listing"],
    ["report"],
    ["cli"],
]
HOMES = {"ruamel": "config", "pydantic": "config", "simpy": "hw", "matplotlib": "report", "click": "cli"}
MODULES = sorted((ROOT / "accelsim").rglob("*.py"))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports must be absolute"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _room(path: Path) -> str:
    return path.relative_to(ROOT / "accelsim").parts[0].removesuffix(".py")


def _floor(room: str) -> int:
    return next(i for i, rooms in enumerate(FLOORS) if room in rooms)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down(path):
    room = _room(path)
    if room in ("__init__", "__main__"):
        return
    rooms = {room for floor in FLOORS for room in floor}
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] != "accelsim" or len(parts) == 1 or parts[1] not in rooms or parts[1] == room:
            continue
        assert _floor(parts[1]) < _floor(room), f"{room} must not import {parts[1]}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_has_one_home(path):
    for name in _imports(path):
        library = name.split(".")[0]
        assert HOMES.get(library, _room(path)) == _room(path), f"{library} lives in {HOMES[library]}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_model_never_imports_a_dataflow(path):
    assert not any(name.split(".")[0] == "dataflows" for name in _imports(path))


def test_dataflows_do_not_import_each_other():
    for path in (ROOT / "dataflows").glob("*.py"):
        others = {other.stem for other in (ROOT / "dataflows").glob("[!_]*.py")} - {path.stem}
        assert not {f"dataflows.{other}" for other in others} & _imports(path)


def test_every_room_has_a_floor():
    rooms = {_room(path) for path in MODULES} - {"__init__", "__main__"}
    assert rooms == {room for floor in FLOORS for room in floor}
