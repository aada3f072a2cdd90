"""Plain data that knows where each value was written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Union

from accelsim.errors import ConfigError

Scalar = str | int | float | bool | None
Plain = Union[Scalar, "list[Plain]", "dict[str, Plain]"]
"""What a YAML file can say."""

Resolved = dict[str, Any]
"""A configuration, or a part of one, by its keys: values have the types that its description gives them."""

EXTENDS = "extends"
"""The key whose value names what a mapping starts from."""

KIND = "kind"
"""The key that says which of several things a mapping describes."""

NAMED = ("arch", "energy", "network", "workload")
"""The keys at the top of a run whose text is the name of another config."""

LONGEST_QUOTE = 60
"""Characters of a value that a message repeats."""

LATER = 1000
"""How much later an override is given than the one before; more than files extend each other."""


@dataclass(frozen=True)
class Origin:
    """Where a value was written: a line of a file, or an override, and the key it has there."""

    file: Path | None  # none: an override
    line: int = 0  # counted from 1
    override: str = ""  # its dotted key
    key: str = ""  # dotted path inside the file or the override; empty at its top
    given: int = 0  # how late: a file is one below what extends it, an override LATER than what came before

    @property
    def label(self) -> str:
        """``file:line`` or ``override arch.dram``."""
        return f"override {self.override}" if self.file is None else f"{shown(self.file)}:{self.line}"

    def child(self, step: str | int) -> "Origin":
        """The place one key, or list position, further in."""
        if isinstance(step, int):
            return replace(self, key=f"{self.key}[{step}]")
        return replace(self, key=f"{self.key}.{step}" if self.key else step)

    def says(self, why: str) -> str:
        """One line of complaint: ``file:line: dotted.path: why``, or ``override dotted.path: why``."""
        key = "" if f"{self.override}.".startswith(f"{self.key}.") else self.key
        return ": ".join(part for part in (self.label, key, why) if part)

    def error(self, why: str) -> ConfigError:
        """*why*, located; for the caller to raise."""
        return ConfigError(self.says(why))


@dataclass(frozen=True)
class Document:
    """A value and its origin; mappings and lists hold further documents."""

    value: "Scalar | list[Document] | dict[str, Document]"
    origin: Origin

    @property
    def plain(self) -> Plain:
        """The value as Python data, as written: units are still text."""
        if isinstance(self.value, dict):
            return {key: child.plain for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain for child in self.value]
        return self.value

    @property
    def fields(self) -> "dict[str, Document]":
        """The keys of a mapping, in the order written.

        Raises:
            ConfigError: if the value is no mapping.
        """
        if not isinstance(self.value, dict):
            raise self.origin.error(f"must be a mapping (got {quoted(self.plain)})")
        return self.value

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __getitem__(self, key: str) -> "Document":
        """The value under *key*; a ConfigError if there is none."""
        if key not in self.fields:
            raise self.origin.child(key).error("must be given (the key is missing)")
        return self.fields[key]

    def child(self, step: str | int) -> "Document | None":
        """The value under a key or at a place in a list; none if there is none."""
        if isinstance(self.value, dict) and isinstance(step, str):
            return self.value.get(step)
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None

    def nearest(self, path: Sequence[str | int]) -> "Document":
        """The value under *path*, or the last on the way to it that there is."""
        child = self.child(path[0]) if path else None
        return self if child is None else child.nearest(path[1:])

    @property
    def latest(self) -> "Document":
        """The part of the value that was given last: itself, or what an override or a later file changed."""
        return max(self.parts, key=lambda part: part.origin.given)

    @property
    def parts(self) -> "Iterator[Document]":
        """The value itself, then every one inside it."""
        yield self
        children: Iterable[Document] = ()
        if isinstance(self.value, dict):
            children = self.value.values()
        elif isinstance(self.value, list):
            children = self.value
        for child in children:
            yield from child.parts

    def without(self, *keys: str) -> "Document":
        """This mapping without any of *keys* that it has."""
        return replace(self, value={k: child for k, child in self.fields.items() if k not in keys})

    def with_overrides(self, values: Mapping[str, Plain]) -> "Document":
        """The document with *values* at their dotted keys: whole blocks first, then keys within them.

        A mapping is merged into what is there. Where the document has the name of a config
        (``arch: eyeriss``) and the override a key below it (``arch.dram``), the name becomes a
        mapping that extends it. The order of *values* only decides which of them was given last.

        Raises:
            ConfigError: if a dotted key leads into a value that has no keys.
        """
        before = self.latest.origin.given
        placed: list[tuple[list[str], Document]] = []
        for dotted, value in values.items():
            origin = Origin(None, override=dotted, given=before + (len(placed) + 1) * LATER)
            if dotted == EXTENDS or not all(dotted.split(".")):
                raise origin.error("must be the dotted key of a value, such as arch.dram")
            placed.append((dotted.split("."), from_plain(value, origin)))
        document = self
        for path, new in sorted(placed, key=lambda one: (len(one[0]), one[0][-1] != KIND)):
            document = _placed(document, path, new, 0)
        return document


def from_plain(value: Plain, origin: Origin) -> Document:
    """*value* as a document, all of it written at *origin*."""
    if isinstance(value, Mapping):
        return Document({k: from_plain(child, origin.child(k)) for k, child in value.items()}, origin)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return Document([from_plain(child, origin.child(i)) for i, child in enumerate(value)], origin)
    return Document(value, origin)


def merged(base: Document, over: Document) -> Document:
    """*over* on top of *base*: mappings key by key, anything else replaced.

    Two mappings with a different ``kind`` describe different things, so the later replaces the earlier.
    """
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    if KIND in base and KIND in over and base[KIND].value != over[KIND].value:
        return over
    fields = dict(base.value)
    for key, child in over.value.items():
        fields[key] = merged(fields[key], child) if key in fields else child
    return Document(fields, over.origin)


def _placed(document: Document, path: Sequence[str], new: Document, depth: int) -> Document:
    """*document*, found *depth* steps down *path*, with *new* at the end of that path."""
    if depth == len(path):
        return merged(document, new)
    here, key = ".".join(path[:depth]), path[depth]
    if isinstance(document.value, str) and here in NAMED:
        document = replace(document, value={EXTENDS: document})
    if document.value is None:
        document = replace(document, value={})
    if not isinstance(document.value, dict):
        raise new.origin.error(
            f"{here!r} must be a mapping to take the key {key!r} (got {quoted(document.plain)})"
        )
    # What the override makes up on its way lies above the override: its key is said in full.
    made_up = replace(new.origin, key=".".join(path[: depth + 1]))
    below = _placed(document.value.get(key, Document({}, made_up)), path, new, depth + 1)
    if key == KIND and KIND in document and document[KIND].value != below.value:
        return Document({KIND: below}, replace(new.origin, key=here))
    return replace(document, value={**document.value, key: below})


def shown(path: Path) -> Path:
    """*path* as a message shows it: relative where it lies below the working folder."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_absolute() and path.is_relative_to(here) else path


def quoted(value: Plain) -> str:
    """*value* as a message shows it after "got"."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "a mapping"
    text = repr(value)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."
