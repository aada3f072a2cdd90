"""YAML text in and out: YAML 1.2, with the line of every value, and nothing silent."""

import io
import math
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from accelsim.config.document import Document, Origin, Plain, Scalar, quoted, shown
from accelsim.errors import ConfigError

MOST_VALUES = 200_000
"""Values one file may hold once its aliases are written out; more is an alias bomb."""

REMEMBERED = 64
"""Texts whose documents are kept: the files of a few runs. Most of the time of a load goes to parsing."""

_OTHER_VERSION = re.compile(r"^%YAML\s+(?!1\.2\s*$)", re.MULTILINE)
_TAG = "tag:yaml.org,2002:"
_TEXT_TAGS = tuple(_TAG + name for name in ("str", "timestamp", "value"))
_SCALAR_TAGS = tuple(_TAG + name for name in ("int", "float", "bool", "null"))


def read(path: Path, given: int = 0) -> Document:
    """The mapping a YAML file holds; ``extends`` is left as it is. How late it is *given* counts for errors.

    Raises:
        ConfigError: if the file is not there, not text, not YAML 1.2, empty or no mapping, if it has a
            key twice, or if its aliases repeat too much.
    """
    document = parse(_text(path), Origin(path, given=given))
    if document.value is None:
        raise ConfigError(f"{shown(path)}: must be a mapping of keys to values (got an empty file)")
    if not isinstance(document.value, dict):
        raise document.origin.error(f"must be a mapping of keys to values (got {quoted(document.plain)})")
    return document


@lru_cache(maxsize=REMEMBERED)
def parse(text: str, origin: Origin) -> Document:
    """*text* as a document whose lines count from that of *origin*.

    Raises:
        ConfigError: as :func:`read`.
    """
    if _OTHER_VERSION.search(text):
        raise replace(origin, line=1).error("must be YAML 1.2 (got a %YAML line with another version)")
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Origin(origin.file, mark.line + 1 if mark else 1, origin.override)
        raise where.error(f"must be YAML 1.2: {' '.join(str(error.problem).split())}") from None
    except YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        why = str(error).splitlines()[0]
        raise Origin(origin.file, line, origin.override).error(f"must be YAML 1.2: {why}") from None
    return Document(None, origin) if node is None else _Walk(origin).document(node, origin)


def parse_value(text: str, *, override: str) -> Plain:
    """The value that *text* would be in a YAML file, for an override given on the command line.

    Raises:
        ConfigError: if *text* is not YAML.

    >>> parse_value("200e6", override="clock_hz")
    200000000.0
    """
    return parse(text, Origin(None, override=override)).plain


def dump_yaml(data: Plain) -> str:
    """*data* as YAML, keys in their order, one per line."""
    stream = io.StringIO()
    yaml = cast(Any, YAML(typ="safe", pure=True))
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False
    yaml.dump(data, stream)
    return stream.getvalue()


def _text(path: Path) -> str:
    if path.is_dir():
        raise ConfigError(f"{shown(path)}: must be a file (got a folder)")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown(path)}: must be UTF-8 text (byte {error.start} is not)") from None
    except OSError as error:
        raise ConfigError(f"{shown(path)}: must be readable ({error.strerror})") from None


class _Walk:
    """Turns the nodes of one file into documents; counts them, since an alias is the same node again."""

    def __init__(self, origin: Origin) -> None:
        self._top = origin
        self._values = 0
        self._open: list[Node] = []
        self._constructor = cast(Any, YAML(typ="safe", pure=True).constructor)

    def document(self, node: Node, origin: Origin) -> Document:
        """*node* as a document written at *origin*."""
        self._values += 1
        origin = replace(origin, line=origin.line or self._line(node))
        if self._values > MOST_VALUES:
            raise origin.error(f"a file must hold at most {MOST_VALUES} values, aliases written out")
        if any(node is outer for outer in self._open):
            raise origin.error("an alias must not contain itself")
        self._open.append(node)
        value = self._value(node, origin)
        self._open.pop()
        return Document(value, origin)

    def _value(self, node: Node, origin: Origin) -> Scalar | list[Document] | dict[str, Document]:
        if node.tag == _TAG + "map" and isinstance(node, MappingNode):
            return self._mapping(node, origin)
        if node.tag == _TAG + "seq" and isinstance(node, SequenceNode):
            items = (self._place(item, origin.child(i)) for i, item in enumerate(node.value))
            return [self.document(item, place) for item, place in zip(node.value, items, strict=True)]
        if isinstance(node, ScalarNode) and node.tag in _TEXT_TAGS:
            return str(node.value)
        if isinstance(node, ScalarNode) and node.tag in _SCALAR_TAGS:
            return self._scalar(node, origin)
        raise origin.error(f"must be plain data (got the tag {str(node.tag)!r})")

    def _mapping(self, node: MappingNode, origin: Origin) -> dict[str, Document]:
        fields: dict[str, Document] = {}
        inherited: dict[str, Document] | None = None
        for key, value in node.value:
            if key.tag == _TAG + "merge":
                if inherited is not None:
                    raise self._place(key, origin).error("<< must be given once, with a list")
                inherited = self._merge(value, origin)
                continue
            name = self._name(key, origin)
            place = self._place(key, origin.child(name))
            if name in fields:
                raise place.error(f"a key must be given once (also on line {fields[name].origin.line})")
            fields[name] = self.document(value, place)
        return {**(inherited or {}), **fields}

    def _merge(self, node: Node, origin: Origin) -> dict[str, Document]:
        nodes = node.value if isinstance(node, SequenceNode) else [node]
        fields: dict[str, Document] = {}
        for source in reversed(nodes):
            document = self.document(source, self._place(source, origin))
            if not isinstance(document.value, dict):
                raise document.origin.error(f"<< must take a mapping (got {quoted(document.plain)})")
            fields.update(document.value)
        return fields

    def _scalar(self, node: ScalarNode, origin: Origin) -> Scalar:
        try:
            value = cast(Scalar, self._constructor.construct_object(node))
        except ValueError:
            raise origin.error(f"must be a value (got {str(node.value)!r})") from None
        if isinstance(value, float) and not math.isfinite(value):
            raise origin.error(f"must be a finite number (got {node.value})")
        return value

    def _name(self, key: Node, origin: Origin) -> str:
        if not isinstance(key, ScalarNode) or key.tag not in (*_TEXT_TAGS, *_SCALAR_TAGS):
            raise self._place(key, origin).error("a key must be text")
        return str(key.value)

    def _place(self, node: Node, origin: Origin) -> Origin:
        return replace(origin, line=self._line(node))

    def _line(self, node: Node) -> int:
        return int(node.start_mark.line) + 1 if self._top.file is not None else 0
