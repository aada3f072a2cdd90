"""Which part of a document an error is about, when a rule is about several."""

import re
from collections.abc import Iterator

from accelsim.config.document import Document

_KEY = re.compile(r"(?<![\w.])(?:\w+\.[\w.]*\w|\w+(?==|: ))")
"""A dotted key, or the name of one in front of its value."""


def blamed(document: Document, error: Exception) -> Document:
    """The part of *document* that was given last among those that *error* blames and its words name.

    A rule that two values break together was kept until the second of them came: an override, or the file
    that extends the other. The document itself, if the error is about no part of it.
    """
    at = document.nearest(getattr(error, "at", ()))
    others = [_part(document, path) for path in _others(error)]
    named = [part for part in others if part is not document]
    if not named:
        return at if at is document else at.latest
    return max([at, *named] if at is not document else named, key=lambda part: part.origin.given)


def _part(document: Document, path: tuple[str | int, ...]) -> Document:
    """What was given last under *path*; where that leads to nothing, the last on the way there is."""
    for step in path:
        child = document.child(step)
        if child is None:
            return document
        document = child
    return document.latest


def _others(error: Exception) -> Iterator[tuple[str | int, ...]]:
    for key in keys_in(str(error)):
        yield tuple(key.split("."))
    yield from getattr(error, "also", ())


def keys_in(why: str) -> list[str]:
    """What may be a key in *why*: its first word, and others that are written as keys are.

    >>> keys_in("sparsity.skip needs rf.kind: split, and drain: hidden (got pooled)")
    ['sparsity.skip', 'rf.kind', 'drain']
    """
    first = re.match(r"[\w.]*", why)
    assert first, "no word is a word, too"
    return [first.group(), *_KEY.findall(why, first.end())]


def without(key: str, named: str) -> str:
    """The dotted *key* less what a message that begins with *named* says of it.

    >>> without("arch.datapath", "datapath.lanes")
    'arch'
    """
    steps = named.split(".")
    ends = (".".join(steps[:length]) for length in range(len(steps), 0, -1))
    said = next((end for end in ends if f".{key}".endswith(f".{end}")), "")
    return key.removesuffix(said).rstrip(".")
