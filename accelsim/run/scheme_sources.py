"""What a run file says of schemes, as it is read."""

from __future__ import annotations

from dataclasses import replace

from accelsim.config import Document, near, resolve
from accelsim.config.document import EXTENDS
from accelsim.errors import ConfigError
from accelsim.network.graph import Network
from accelsim.run.telling import told
from accelsim.values.schemes.assigning import ALL, check_all

DATAPATHS = "datapaths"
"""The key of a run file: a scheme for all layers, or schemes by layer."""

_KIND, _FIRST_LAST = "schemes", "first_last"

_OF_A_SCHEME = (EXTENDS, "datapath")
"""A mapping with one of these keys is a scheme; others have schemes by layer."""


def with_schemes(document: Document) -> Document:
    """A run whose ``datapaths`` are by layer, each scheme with all it says in place of its name.

    Raises:
        ConfigError: if there is no such scheme.
    """
    named = _by_layer(document)
    if named is None:
        return document
    found = {layer: _opened(resolve(named, layer, _KIND)) for layer in named.fields}
    return _with(document, DATAPATHS, replace(named, value=found))


def check_scheme_names(document: Document, network: Network) -> None:
    """Layers with a scheme of their own must be layers of *network*, and all of those must have one.

    Raises:
        ConfigError: for all that are not, with file and line.
    """
    named, known = _by_layer(document), list(network.layers())
    if named is None:
        return
    about = [("network",)]
    wrong = [
        ConfigError(
            f"must name a layer of {network.name}, or {ALL} (got {name!r}){near(name, known)}",
            at=(DATAPATHS, name),
            also=about,
        )
        for name in named.fields
        if name not in (ALL, *known)
    ]
    try:
        check_all(named.fields, known)
    except ConfigError as error:
        wrong = wrong or [ConfigError(str(error), at=(DATAPATHS,), also=about)]
    if wrong:
        raise ConfigError("\n".join(told(document, error) for error in wrong))


def _by_layer(document: Document) -> Document | None:
    """What *document* has under ``datapaths``, by layer; None without."""
    given = document.child(DATAPATHS)
    if given is None or given.value is None:
        return None
    if isinstance(given.value, dict) and not any(key in given for key in _OF_A_SCHEME):
        return given
    return replace(given, value={ALL: given})


def _opened(scheme: Document) -> Document:
    """*scheme* with what it names for the first and the last layer in place of the name."""
    if _FIRST_LAST not in scheme or scheme[_FIRST_LAST].value is None:
        return scheme
    return _with(scheme, _FIRST_LAST, resolve(scheme, _FIRST_LAST, _KIND))


def _with(document: Document, key: str, value: Document) -> Document:
    return replace(document, value={**document.fields, key: value})
