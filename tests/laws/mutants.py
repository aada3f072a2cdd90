"""The model with one line changed, to see whether a law notices."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Protocol

import pytest

import accelsim
from accelsim import passes
from accelsim.engines import fast, reference
from accelsim.engines.timing import Outcome
from accelsim.errors import SimulationError
from accelsim.mapping.operands import Operands
from accelsim.program.jobs import Program
from tests.laws.seeds import MUTANT
from tests.laws.test_engines_agree import assert_same

Change = tuple[str, str, str]
"""File, the line in it, and what becomes of the line."""


class Experiment(Protocol):
    """A program with its values."""

    @property
    def program(self) -> Program:
        """What runs."""
        ...

    @property
    def operands(self) -> Operands:
        """On which values."""
        ...


PACKAGES = ("accelsim", "dataflows", "tests")

ASKED_BY_FAST = ("build", "value_costs", "queue_costs", "repeats")
"""Modules of passes that the fast engine alone asks; mutants have copies of them."""

Answers = tuple[tuple[Experiment, Outcome], ...]
"""Experiments with what the reference engine says of them."""


def answered(cases: Iterable[Experiment]) -> Answers:
    """*cases* as the reference engine has them."""
    return tuple((case, reference.simulate(case.program, case.operands)) for case in cases)


def assert_agrees(mutant: ModuleType, answers: Answers) -> None:
    """*mutant*, a fast engine, says the same of all experiments."""
    for case, outcome in answers:
        assert_same(mutant.simulate(case.program, case.operands), outcome)


def assert_told(mutant: ModuleType, answers: Answers) -> None:
    """It says something else of one of them, or fails on it."""
    with pytest.raises((AssertionError, IndexError, SimulationError)):
        assert_agrees(mutant, answers)


def mutated(name: str, change: Change, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The fast engine after *change*, with nothing compiled, as a package of its own."""
    package = "mutant_" + "".join(c if c.isalnum() else "_" for c in name)
    assert package not in sys.modules
    shutil.copytree(fast.__path__[0], folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for module in ASKED_BY_FAST:
        shutil.copy(Path(passes.__path__[0]) / f"{module}.py", folder / package)
    file, line, becomes = change
    source = changed(folder / package / file, line, becomes)
    (folder / package / file).write_text(source)
    for path in (folder / package).glob("*.py"):
        plain = path.read_text().replace("@numba.njit(cache=True)\n", "").replace("import numba\n", "")
        assert "@numba" not in plain
        plain = plain.replace("accelsim.engines.fast", package)
        for module in ASKED_BY_FAST:
            plain = plain.replace(f"accelsim.passes.{module}", f"{package}.{module}")
        path.write_text(plain)
    monkeypatch.syspath_prepend(str(folder))
    try:
        return importlib.import_module(f"{package}.layer")
    finally:
        for module in [m for m in sys.modules if m.split(".")[0] == package]:
            del sys.modules[module]  # for good: another mutant may have the same name


def changed(file: Path, line: str, becomes: str) -> str:
    """The source of *file*, in which *line* stands once, after the change."""
    source = file.read_text()
    assert source.count(line) == 1, f"{file.name} must hold the mutated line once: {line}"
    return source.replace(line, becomes)


def unchanged(change: Change) -> None:
    """Refuse a *change* whose line is not in the package, or there twice."""
    changed(Path(accelsim.__path__[0]) / change[0], *change[1:])


def mutate_in_place(change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both engines after *change* to a file of the package: objects that are there already change with it.

    The functions of the file are replaced wherever they were imported, and the methods of its classes in
    the classes themselves.
    """
    file, line, becomes = change
    home = Path(accelsim.__path__[0]) / file
    original = sys.modules["accelsim." + file.removesuffix(".py").replace("/", ".")]
    mutant = ModuleType(MUTANT + original.__name__.replace(".", "_"))
    monkeypatch.setitem(sys.modules, mutant.__name__, mutant)
    exec(compile(changed(home, line, becomes), str(home), "exec"), mutant.__dict__)
    for name, new in list(vars(mutant).items()):
        old = vars(original).get(name)
        if getattr(new, "__module__", None) != mutant.__name__ or old is None:
            continue
        if isinstance(new, type):
            for method, body in _methods(new):
                monkeypatch.setattr(old, method, body)
            mutant.__dict__[name] = old  # there is one class of the name, whoever makes its objects
        elif callable(new):
            for module, known_as in list(_known(old)):
                monkeypatch.setattr(module, known_as, new)


def _known(value: object) -> Iterator[tuple[ModuleType, str]]:
    """The modules of the project that know *value*, and the name that each has for it."""
    for module in list(sys.modules.values()):
        if module.__name__.split(".")[0] in PACKAGES:
            yield from ((module, name) for name, held in vars(module).items() if held is value)


def forget() -> None:
    """Empty the caches of the model: what they hold may come from a changed line, or from before it."""
    for module in list(sys.modules.values()):
        if module.__name__.split(".")[0] in ("accelsim", "dataflows"):
            for held in list(vars(module).values()):
                if hasattr(held, "cache_clear"):
                    held.cache_clear()


def _methods(cls: type[Any]) -> Iterator[tuple[str, Any]]:
    """What *cls* does itself."""
    for name, body in vars(cls).items():
        ours = name == "__call__" or not name.startswith("__")
        if ours and isinstance(body, (FunctionType, property, cached_property)):
            yield name, body
