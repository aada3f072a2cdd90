"""Public names have one meaning, docstrings stand alone, and only ``config`` is free of types."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

TWICE = {
    "SECTIONS": "the command line repeats what can be listed, so that --help is quick; a test compares",
    "simulate": "one contract that both engines fulfil, and a module that chooses between them",
}
"""Names that several modules define with one meaning: why."""

DEPENDENT = re.compile(r"(Of|The same|Those of|Likewise|That of)\b")
"""How a docstring begins that says nothing without the lines around it."""


def modules() -> list[Path]:
    """Every file of the package and of the dataflows."""
    return sorted(path for folder in ("accelsim", "dataflows") for path in (ROOT / folder).rglob("*.py"))


def room(path: Path) -> str:
    """The folder or loose module directly in ``accelsim`` that *path* belongs to, or ``dataflows``."""
    first, *rest = path.relative_to(ROOT).with_suffix("").parts
    return rest[0] if first == "accelsim" else first


def defined(tree: ast.Module) -> Iterator[str]:
    """Public names that a module defines itself, which leaves out what it imports."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            stored = [each for target in targets for each in ast.walk(target)]
            found = [each.id for each in stored if isinstance(each, ast.Name)]
        else:
            continue
        yield from (name for name in found if not name.startswith("_"))


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of each docstring: of the module, its classes, functions, constants and fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            for text in node.body:
                if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                    yield text.lineno, str(text.value.value)


def test_a_public_name_has_one_home():
    homes: dict[str, list[Path]] = defaultdict(list)
    for path in modules():
        for name in set(defined(ast.parse(path.read_text()))) - TWICE.keys():
            homes[name].append(path)
    several = {
        name: [str(path.relative_to(ROOT)) for path in paths]
        for name, paths in homes.items()
        if len(paths) > 1
    }
    assert not several


def test_docstrings_stand_alone():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text.splitlines()[0]}"
        for path in modules()
        for line, text in docstrings(ast.parse(path.read_text()))
        if DEPENDENT.match(text)
    ]
    assert not found


def test_any_is_at_home_in_config():
    free = {room(path) for path in modules() if re.search(r"\bAny\b", path.read_text())}
    assert free == {"config"}
