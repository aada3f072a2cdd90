"""The house: imports go down the floors, each library has one home, accelsim never imports dataflows."""

import ast
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]

ROOMS = [
    "errors",
    "checks",
    "stats",
    "config",
    "network",
    "machine",
    "mapping",
    "values",
    "energy",
    "passes",
    "program",
    "engines",
    "search",
    "run",
    "studies",
    "report",
    "cli",
]
"""From the ground up: a room imports only rooms before it."""

HOMES = {
    "ruamel": "config",
    "pydantic": "config",
    "simpy": "engines/reference",
    "numba": "engines/fast",
    "matplotlib": "report",
    "click": "cli",
    "cloudpickle": "studies",
}
"""The one folder that imports a library."""


def modules() -> dict[str, Path]:
    """Every module of the package, by dotted name."""
    files = sorted((ROOT / "accelsim").rglob("*.py"))
    return {".".join(_parts(file)): file for file in files}


def _parts(file: Path) -> tuple[str, ...]:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def imports(path: Path, known: dict[str, Path]) -> set[str]:
    """What *path* imports: modules of the package where it means one, else names as written."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports must be absolute"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in known else node.module for name in whole}
    return found


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else "accelsim"


def test_imports_go_down():
    known = modules()
    assert {_room(module) for module in known} - {"accelsim", "__main__"} == {*ROOMS}
    for module, path in known.items():
        if _room(module) in ("accelsim", "__main__"):
            continue
        for name in imports(path, known):
            room = _room(name)
            if name.split(".")[0] == "accelsim" and room not in ("accelsim", _room(module)):
                assert ROOMS.index(room) < ROOMS.index(_room(module)), f"{module} must not import {name}"


def test_files_of_a_room_have_an_order():
    known = modules()
    below: dict[str, set[str]] = defaultdict(set)
    for module, path in known.items():
        inside = {name for name in imports(path, known) if name in known and name != "accelsim"}
        below[module] = inside - {module}
        own = [name for name in inside if module.startswith(f"{name}.")]
        assert not own, f"{module} must import what it needs from {own[0]}'s files, not from the whole"
    [*TopologicalSorter(below).static_order()]  # raises CycleError, with the circle


def test_each_library_has_one_home_and_dataflows_none():
    known = modules()
    for module, path in known.items():
        folder = "/".join(path.relative_to(ROOT / "accelsim").parent.parts)
        for name in imports(path, known):
            library = name.split(".")[0]
            assert library != "dataflows", f"{module} must find dataflows by name"
            home = HOMES.get(library, folder)
            assert f"{folder}/".startswith(f"{home}/"), f"{library} lives in {home}, not in {folder}"
    flows = [path for path in (ROOT / "dataflows").glob("[!_]*.py")]
    for path in flows:
        others = {f"dataflows.{other.stem}" for other in flows if other != path}
        assert not others & imports(path, {}), f"{path.stem} must not import another dataflow"
