"""What a run file means: its parts, each built from the document, with the faults of all at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from accelsim.config import Document, build, near, resolve
from accelsim.config.document import merged
from accelsim.energy import EnergyTable
from accelsim.errors import ConfigError, LegalityError
from accelsim.machine import Arch, Sparsity
from accelsim.mapping.dataflow import find_dataflow
from accelsim.network.graph import Network
from accelsim.run.pruning_sources import sources_of
from accelsim.run.settings import Settings, TensorFile
from accelsim.search.mapper import Plans

_T = TypeVar("_T")

COMPARE = "compare"
"""The key of a run file whose labels say how the run differs under each; the run itself ignores it."""


def _parts(document: Document) -> dict[str, Any]:
    """The fields of an Experiment; the faults of all of them at once."""
    makers: dict[str, Callable[[], Any]] = {
        "settings": lambda: _settings(document),
        "arch": lambda: build(_arch(document), Arch),
        "network": lambda: build(resolve(document, "network", "networks"), Network),
        "energy": lambda: build(resolve(document, "energy", "energy"), EnergyTable),
        "plans": lambda: _plans(document),
    }
    return collected(makers)


def collected(makers: Mapping[str, Callable[[], _T]]) -> dict[str, _T]:
    """What *makers* make, by name; the complaints of all that cannot make it, at once.

    Raises:
        LegalityError: if nothing but mappings is at fault.
        ConfigError: otherwise.
    """
    made: dict[str, _T] = {}
    faults: list[ConfigError] = []
    for name, make in makers.items():
        try:
            made[name] = make()
        except ConfigError as error:
            faults.append(error)
    if not faults:
        return made
    kind = LegalityError if all(isinstance(fault, LegalityError) for fault in faults) else ConfigError
    causes = "; ".join(str(fault.__cause__ or fault) for fault in faults)
    raise kind("\n".join(dict.fromkeys(map(str, faults)))) from kind(causes)


def _arch(document: Document) -> Document:
    """The architecture of a run, with the run's own ``sparsity`` on top of its."""
    arch, block = resolve(document, "arch", "arch"), document.child("sparsity")
    if block is None or block.value is None:
        return arch
    machine = block
    if isinstance(block.value, dict):
        machine = block.without("prune")
        known = [*(field.name for field in fields(Sparsity)), "prune"]
        for key, child in machine.fields.items():
            if key not in known:
                raise child.origin.error(f"unknown key {key!r}{near(key, known)}")
    if "sparsity" in arch:
        _refuse_hidden(arch["sparsity"], machine, "sparsity")
    return merged(arch, replace(block, value={"sparsity": machine}))


def _refuse_hidden(below: Document, above: Document, key: str) -> None:
    """Raise ConfigError if *above*, a run's own *key*, hides what its ``arch`` was given later, *below*."""
    if isinstance(below.value, dict) and isinstance(above.value, dict):
        for name in [name for name in below.value if name in above.value]:
            _refuse_hidden(below[name], above[name], f"{key}.{name}")
    elif below.latest.origin.given > above.latest.origin.given and below.plain != above.plain:
        raise below.latest.origin.error(f"the run's own {key} is on top of this (it is {above.plain!r})")


def _settings(document: Document) -> Settings:
    """What is left of *document*, with tensor files where it means them: relative to itself."""
    for key in ("arch", "network", "energy", COMPARE):
        if key in document:
            document = document.without(key)
    settings = build(sources_of(document), Settings)
    for key in ("input", "weights", "labels"):
        where = getattr(settings, key)
        if isinstance(where, TensorFile):
            written = document[key]["file"].origin.file
            path = ((written.parent if written else Path()) / where.file).resolve()
            changes: dict[str, Any] = {key: replace(where, file=str(path))}
            settings = replace(settings, **changes)
    return settings


def _plans(document: Document) -> Plans:
    name = document["dataflow"].value if "dataflow" in document else Settings.dataflow
    if not isinstance(name, str):
        raise document["dataflow"].origin.error("must be text, the name of a dataflow")
    try:
        cls = find_dataflow(name)
    except ConfigError as error:
        raise document["dataflow"].origin.error(str(error)) from None
    given = document["mapping"].fields if "mapping" in document and document["mapping"].value else {}
    if given and "dataflow" in document:
        _check_sizes(given, document["dataflow"], cls)
    return Plans(cls, collected({layer: partial(build, sizes, cls) for layer, sizes in given.items()}))


def _check_sizes(given: Mapping[str, Document], dataflow: Document, cls: type[Any]) -> None:
    """Raise ConfigError at a *dataflow* that was given after mappings of another, with other sizes."""
    known = [field.name for field in fields(cls)]
    for layer, sizes in given.items():
        if dataflow.origin.given > sizes.latest.origin.given and set(sizes.fields) - set(known):
            raise dataflow.origin.error(
                f"{dataflow.value} has mappings of {', '.join(known)} (mapping.{layer} has"
                f" {', '.join(sizes.fields)}); give it its own, or mapping: null for a search"
            )
