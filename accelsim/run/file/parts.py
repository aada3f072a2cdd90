"""The parts of a run file, each built from the document, with the faults of all at once."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

from accelsim.config import Document, Resolved, build, near, resolve, to_plain
from accelsim.config.document import merged
from accelsim.energy import EnergyTable
from accelsim.errors import ConfigError, LegalityError
from accelsim.machine import Arch, Sparsity
from accelsim.mapping.dataflow import find_dataflow
from accelsim.mapping.nest import Dataflow
from accelsim.network.graph import Network
from accelsim.network.layer import Layer
from accelsim.run.file.locating import located
from accelsim.run.file.named import PRUNE, SPARSITY, with_field
from accelsim.run.settings import Settings
from accelsim.search.mapper import Plans
from accelsim.values.schemes import machines, schemes_of

_T = TypeVar("_T")

COMPARE = "compare"
"""The key of a run file whose labels say how the run differs under each; the run itself ignores it."""

_PATHS = {SPARSITY: "mask", "density": "mask", "input": "file", "weights": "file", "labels": "file"}
"""Parts of a run file that can name files of arrays, and the key of each path."""


@dataclass(frozen=True)
class RunFile:
    """What a run file says: the parts of an experiment, and where they are written."""

    settings: Settings
    arch: Arch
    network: Network
    energy: EnergyTable
    plans: Plans
    document: Document  # with what it names written out

    def machines(self) -> dict[str, Arch]:
        """The machine as each layer of the network sees it, by name: with the datapath of its scheme.

        Raises:
            LegalityError: if the machine cannot have that of one.
        """
        schemes = schemes_of(self.settings.datapaths, self.network.layers())
        with self.located():
            return machines(self.arch, self.network, schemes)

    def layers(self) -> dict[str, Layer]:
        """The layers that the run simulates, by name, in order."""
        layers = self.network.layers(self.settings.batch)
        return {name: layers[name] for name in self.settings.layers or layers}

    def resolved(self) -> Resolved:
        """The run in full as plain data, defaults included; written as YAML it is a run file."""
        parts = {"arch": self.arch, "network": self.network, "energy": self.energy}
        return cast(Resolved, to_plain(self.settings)) | {key: to_plain(part) for key, part in parts.items()}

    @contextmanager
    def located(self) -> Iterator[None]:
        """Add file and line to an error that says which part of the run is at fault."""
        try:
            yield
        except ConfigError as error:
            if not error.at:
                raise
            raise type(error)(located(self.document, error)) from error


def parts_of(document: Document) -> RunFile:
    """The parts of a *document* that names no file but those of its parts.

    Raises:
        ConfigError: with the faults of all of them.
    """
    makers: dict[str, Callable[[], object]] = {
        "settings": lambda: _settings(document),
        "arch": lambda: build(_arch(document), Arch),
        "network": lambda: build(resolve(document, "network", "networks"), Network),
        "energy": lambda: build(resolve(document, "energy", "energy"), EnergyTable),
        "plans": lambda: _plans(document),
    }
    parts: Resolved = collected(makers)
    return RunFile(**parts, document=document)


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
    """What is left of *document* when the other parts have taken theirs."""
    return build(_sources(document.without("arch", "network", "energy", COMPARE)), Settings)


def _sources(document: Document) -> Document:
    """A run with no more of its ``sparsity`` than where zeros come from, and paths of files made absolute.

    The rest of that block is the machine's. A path is relative to the file it is written in.
    """
    block = document.child(SPARSITY)
    if block is not None and block.value is not None:
        prune = {key: child for key, child in block.fields.items() if key == PRUNE}
        rest = document.without(SPARSITY)
        document = with_field(rest, SPARSITY, replace(block, value=prune)) if prune else rest
    for key, path in _PATHS.items():
        if key in document:
            document = with_field(document, key, _absolute(document[key], path))
    return document


def _absolute(document: Document, key: str) -> Document:
    """*document* with the text under every *key* as an absolute path."""
    if not isinstance(document.value, dict):
        return document
    fields = {name: _absolute(child, key) for name, child in document.value.items()}
    path = fields.get(key)
    if path is not None and isinstance(path.value, str):
        folder = path.origin.file.parent if path.origin.file else Path()
        fields[key] = replace(path, value=str((folder / path.value).resolve()))
    return replace(document, value=fields)


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


def _check_sizes(given: Mapping[str, Document], dataflow: Document, cls: type[Dataflow]) -> None:
    """Raise ConfigError at a *dataflow* that was given after mappings of another, with other sizes."""
    known = [field.name for field in fields(cls)]  # type: ignore[arg-type]
    for layer, sizes in given.items():
        if dataflow.origin.given > sizes.latest.origin.given and set(sizes.fields) - set(known):
            raise dataflow.origin.error(
                f"{dataflow.value} has mappings of {', '.join(known)} (mapping.{layer} has"
                f" {', '.join(sizes.fields)}); give it its own, or mapping: null for a search"
            )
