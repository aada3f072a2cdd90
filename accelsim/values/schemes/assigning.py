"""Which layer has which scheme."""

from collections.abc import Container, Iterable

from accelsim.errors import ConfigError
from accelsim.values.schemes.scheme import Scheme

ALL = "all"
"""The name that stands for all layers that are not named."""

Datapaths = dict[str, Scheme]
"""Schemes by the name of a layer, and under :data:`ALL` for the others."""


def schemes_of(datapaths: Datapaths | None, layers: Iterable[str]) -> dict[str, Scheme]:
    """The scheme of each of *layers*, all of a network in the order they run; empty without *datapaths*.

    A layer that is named has what is named; the first and the last of the others have what the scheme for all
    gives to the first and the last layer.

    Raises:
        ConfigError: if a layer has none.
    """
    if datapaths is None:
        return {}
    names = list(layers)
    check_all(datapaths, names)
    return {name: _scheme(datapaths, name, at_end=name in (names[0], names[-1])) for name in names}


def check_all(datapaths: Container[str], layers: Iterable[str]) -> None:
    """Raise ConfigError if one of *layers* is not named, and there is no scheme for all."""
    missing = [name for name in layers if name not in datapaths]
    if missing and ALL not in datapaths:
        raise ConfigError(f"must have a scheme for {ALL}, or for every layer (got none for {missing[0]})")


def _scheme(datapaths: Datapaths, name: str, *, at_end: bool) -> Scheme:
    if name in datapaths:
        return datapaths[name]
    scheme = datapaths[ALL]
    return scheme.first_last if at_end and scheme.first_last is not None else scheme
