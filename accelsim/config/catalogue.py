"""Where configs live: packaged by kind and name, or anywhere by path; and what they extend."""

import difflib
from collections.abc import Iterable
from functools import reduce
from pathlib import Path

from accelsim.config.document import EXTENDS, Document, merged, quoted, shown
from accelsim.config.reading import read
from accelsim.errors import ConfigError

KINDS = ("arch", "networks", "energy", "pruning", "schemes", "runs", "published")
"""The folders of configs."""

_SINGULAR = {
    "arch": "arch",
    "networks": "network",
    "energy": "energy table",
    "pruning": "pruning",
    "schemes": "scheme",
    "runs": "run",
    "published": "set of published numbers",
}


def folder(kind: str) -> Path:
    """The folder of the configs of *kind*: inside the package, or beside it in a checkout.

    Raises:
        ConfigError: if *kind* is none of :data:`KINDS`.
    """
    if kind not in KINDS:
        raise ConfigError(f"kind must be one of {', '.join(KINDS)} (got {kind!r})")
    package = Path(__file__).parents[1]
    inside = package / "configs" / kind
    return inside if inside.is_dir() else package.parent / "configs" / kind


def names(kind: str) -> tuple[str, ...]:
    """The names of the packaged configs of *kind*, sorted."""
    return tuple(sorted(path.stem for path in folder(kind).glob("*.yaml")))


def find(kind: str, name_or_path: str | Path, relative_to: Path | None = None) -> Path:
    """The file of a config.

    Args:
        kind: one of :data:`KINDS`.
        name_or_path: a bare name of a packaged config (``eyeriss``), or a path: with a ``/`` or ending in
            ``.yaml``.
        relative_to: the file that a relative path starts from; by default the working folder.

    Raises:
        ConfigError: if there is no such config; says which there are.
    """
    text = str(name_or_path)
    if _is_path(text):
        path = (relative_to.parent if relative_to else Path()) / text
        _require(path)
        return path
    known = names(kind)
    if text not in known:
        raise ConfigError(f"no {_SINGULAR[kind]} is named {text!r}{near(text, known)}")
    return folder(kind) / f"{text}.yaml"


def load_yaml(path: str | Path, kind: str | None = None) -> Document:
    """The mapping a YAML file holds, on top of what it ``extends``; every value keeps its file and line.

    ``extends`` is a name or path, or a list of them of which later ones win. A bare name is a file in the
    same folder, or else a packaged config of *kind*.

    Raises:
        ConfigError: if a file is missing, unreadable, not a YAML mapping, or extends itself.
    """
    return _load(Path(path), kind, (), 0)


def resolve(document: Document, key: str, kind: str) -> Document:
    """The config that *document* names, or holds, under *key*.

    ``arch: eyeriss`` and ``arch: my/chip.yaml`` give that file, ``arch: {extends: eyeriss, dram: ideal}``
    the file with the other keys on top, and a mapping without ``extends`` itself.

    Raises:
        ConfigError: if the key is missing, or its config cannot be found or read.
    """
    child = document[key]
    if isinstance(child.value, str):
        return _load(_base(child, kind, sibling=False), kind, (), child.origin.given)
    if not isinstance(child.value, dict):
        raise child.origin.error(f"must be a name, a path or a mapping (got {quoted(child.plain)})")
    return _extended(child, kind, ())


def near(text: str, known: Iterable[str]) -> str:
    """What to add to "unknown *text*": the likely name, or else all that are known."""
    known = list(known)
    holding = [name for name in known if text and text in name]
    close = holding if len(holding) == 1 else difflib.get_close_matches(text, known, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(known)}" if known else ""


def _is_path(text: str) -> bool:
    return "/" in text or text.endswith((".yaml", ".yml"))


def _require(path: Path) -> None:
    if not path.exists():
        known = sorted(file.stem for file in path.parent.glob("*.yaml"))
        raise ConfigError(f"{shown(path)}: no such file{near(path.stem, known)}")


def _load(path: Path, kind: str | None, chain: tuple[Path, ...], given: int) -> Document:
    _require(path)
    return _extended(read(path, given), kind, (*chain, path))


def _extended(document: Document, kind: str | None, chain: tuple[Path, ...]) -> Document:
    """*document* on top of its bases; *chain* holds the files being read, outermost first."""
    if EXTENDS not in document:
        return document
    entry = document[EXTENDS]
    entries = entry.value if isinstance(entry.value, list) else [entry]
    if not entries:
        raise entry.origin.error("must name at least one config (got [])")
    bases = []
    for named in entries:
        path = _base(named, kind, sibling=bool(chain))
        _refuse_circle(named, path, chain)
        bases.append(_load(path, kind, chain, named.origin.given - 1))
    return reduce(merged, [*bases, document.without(EXTENDS)])


def _base(named: Document, kind: str | None, *, sibling: bool) -> Path:
    """The file that *named* names; a *sibling* of the file it is written in comes first."""
    text, origin = named.value, named.origin
    if not isinstance(text, str):
        raise origin.error(f"must be a name or a path (got {quoted(named.plain)})")
    if sibling and origin.file is not None and not _is_path(text):
        beside = origin.file.parent / f"{text}.yaml"
        if kind is None or (beside.exists() and not beside.samefile(origin.file)):
            text = f"{text}.yaml"
    try:
        return find(kind or KINDS[0], text, origin.file)
    except ConfigError as error:
        raise origin.error(str(error)) from None


def _refuse_circle(named: Document, path: Path, chain: tuple[Path, ...]) -> None:
    resolved = [file.resolve() for file in chain]
    if path.resolve() in resolved:
        circle = [*chain[resolved.index(path.resolve()) :], path]
        files = " -> ".join(file.name for file in circle)
        raise named.origin.error(f"files must not extend each other in a circle (got {files})")
