"""Documents into frozen, validated objects, with every complaint at once."""

import json
from collections.abc import Hashable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from accelsim.config import units
from accelsim.config.document import Document, Plain
from accelsim.config.explaining import Complaint, explain, unknown_keys
from accelsim.errors import ConfigError

_T = TypeVar("_T")

EXACT = 2**53
"""Up to here every integral float is the integer that was written."""


def build(document: Document, cls: type[_T]) -> _T:
    """*document* as an instance of *cls*, a dataclass or any type made of them.

    Quantities with a unit become numbers in the unit their key ends in; integral floats such as 200e6 may
    stand for integers. Nothing else is converted, and no key may be unknown.

    Raises:
        ConfigError: with one line ``file:line: dotted.path: why`` for each thing wrong.
    """
    found = unknown_keys(document, cls)
    data = _numbers(document, "", found)
    try:
        built: _T = _adapter(cast(Hashable, cls)).validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        found += _complaints(error, document, cls, found)
        assert found, f"every error must be explained: {error}"
        raise _refusal(found) from None
    if found:
        raise _refusal(found)
    return built


def to_plain(instance: object) -> Plain:
    """*instance* as the plain data that :func:`build` makes it from, defaults included."""
    return _kind_first(_adapter(cast(Hashable, type(instance))).dump_python(instance, mode="json"))


def _kind_first(plain: Plain) -> Plain:
    """*plain* with the kind of each mapping in front, as people write it."""
    if isinstance(plain, dict):
        fields = {name: _kind_first(child) for name, child in plain.items()}
        return {"kind": fields.pop("kind"), **fields} if "kind" in fields else fields
    return [_kind_first(child) for child in plain] if isinstance(plain, list) else plain


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    """What reads and writes instances of *cls*. Kept, since making one takes longer than using it."""
    return TypeAdapter(cls)


def _numbers(document: Document, key: str, complaints: list[Complaint]) -> Plain:
    """The plain data of *document*, found under *key*, with units and integral floats made numbers."""
    value = document.value
    if isinstance(value, dict):
        return {name: _numbers(child, name, complaints) for name, child in value.items()}
    if isinstance(value, list):
        return [_numbers(child, key, complaints) for child in value]
    number = int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= EXACT else value
    unit = units.unit_of(key)
    if number is None or isinstance(number, bool) or unit is None:
        return number
    try:
        amount = units.parse_quantity(number, unit) if isinstance(number, str) else number
        units.check_range(amount, unit, value)
    except ConfigError as error:
        complaints.append(Complaint(document.origin, str(error)))
        return None
    return amount


def _complaints(
    error: ValidationError, document: Document, cls: Any, known: list[Complaint]
) -> list[Complaint]:
    """What *error* says, without the choices nobody meant and without what is *known* of the same value."""
    explained = (explain(detail, document, cls) for detail in error.errors(include_url=False))
    seen = {complaint.origin for complaint in known}
    return [complaint for complaint in explained if complaint and complaint.origin not in seen]


def _refusal(complaints: list[Complaint]) -> ConfigError:
    """One error with a line for each complaint, in the order of the files."""
    ordered = sorted(complaints, key=lambda one: (str(one.origin.file), one.origin.line))
    return ConfigError("\n".join(dict.fromkeys(str(complaint) for complaint in ordered)))
