"""The fast engine with one line changed, to see whether a law notices."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

import accelsim.fast

Change = tuple[str, str, str]
"""File, the line in it, and what becomes of the line."""


def mutated(name: str, change: Change, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The fast engine after *change*, with nothing compiled, as a package of its own."""
    package = "mutant_" + "".join(c if c.isalnum() else "_" for c in name)
    assert package not in sys.modules
    home = Path(accelsim.fast.__path__[0])
    shutil.copytree(home, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    file, line, changed = change
    source = (folder / package / file).read_text()
    assert source.count(line) == 1, f"{file} must hold the mutated line once: {line}"
    (folder / package / file).write_text(source.replace(line, changed))
    for path in (folder / package).glob("*.py"):
        plain = path.read_text().replace("@numba.njit(cache=True)\n", "").replace("import numba\n", "")
        assert "@numba" not in plain
        path.write_text(plain.replace("accelsim.fast", package))
    monkeypatch.syspath_prepend(str(folder))
    try:
        return importlib.import_module(f"{package}.layer")
    finally:
        for module in [m for m in sys.modules if m.split(".")[0] == package]:
            del sys.modules[module]  # for good: another mutant may have the same name
