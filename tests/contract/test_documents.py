"""What the documents say is in the house is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

_PATH = re.compile(r"`((?:[\w.]+/)*[\w.]+\.py|(?:[\w.]+/)+)`")
"""A module, or a folder, as documents write them."""

_MADE = {"results/", "dataflows/my_flow.py"}
"""What a reader makes."""


@pytest.mark.parametrize("name", ["README.md", "DESIGN.md", "CONTRIBUTING.md"])
def test_files_that_a_document_names_are_there(name: str) -> None:
    paths = set(_PATH.findall((ROOT / name).read_text(encoding="utf-8"))) - _MADE
    assert paths
    gone = [path for path in sorted(paths) if not any(_found(path))]
    assert not gone, f"{name} names what is not there: {', '.join(gone)}"


def _found(path: str) -> list[Path]:
    """Where *path* is: below the root, or at the end of a path of the package or its tests."""
    inside = [found for room in ("accelsim", "tests") for found in (ROOT / room).rglob(path.rstrip("/"))]
    return [*([ROOT / path] if (ROOT / path).exists() else []), *inside]
