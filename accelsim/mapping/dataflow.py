"""Dataflows by name: files of ``dataflows/``, or classes anywhere."""

from dataclasses import is_dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from accelsim.config import near
from accelsim.errors import ConfigError
from accelsim.mapping.nest import Dataflow


def find_dataflow(name: str) -> type[Dataflow]:
    """``row_stationary`` is RowStationary of ``dataflows/row_stationary.py``; a dotted name is any class.

    Raises:
        ConfigError: if there is none.
    """
    module, _, cls = name.rpartition(".") if "." in name else (f"dataflows.{name}", "", _camel(name))
    unknown = ConfigError(
        f"must be a file of dataflows/ or a dotted class (got {name!r}){near(name, dataflow_names())}"
    )
    packaged = "." in name or name in dataflow_names()
    if not packaged or not all(part.isidentifier() for part in (*module.split("."), cls)):
        raise unknown
    try:
        found = getattr(import_module(module), cls, None)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            raise unknown from None
        raise
    if not isinstance(found, type) or not is_dataclass(found) or not _has(found, "map", "space"):
        raise ConfigError(f"{module} must define the dataflow {cls}, a dataclass with map and space")
    return cast(type[Dataflow], found)


def _has(found: type, *methods: str) -> bool:
    return all(hasattr(found, method) for method in methods)


def dataflow_names() -> tuple[str, ...]:
    """The dataflows that can be named without a dot: the files of ``dataflows/``."""
    return tuple(sorted(path.stem for path in dataflow_folder().glob("[!_]*.py")))


def dataflow_folder() -> Path:
    """Where the packaged dataflows are."""
    spec = find_spec("dataflows")
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError("the package dataflows must be installed beside accelsim (got none)")
    return Path(spec.submodule_search_locations[0])


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
