"""What a type expects of a value, read from its hints."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import chain
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from accelsim.config.document import Document

Hint = Any
"""A type hint: a class, a union, ``list[int]``, ``Literal["a"]``, ..."""

PLAIN_WORDS: dict[Hint, str] = {
    int: "an integer",
    float: "a number",
    bool: "true or false",
    str: "text",
    NoneType: "null",
}


def bare(hint: Hint) -> Hint:
    """*hint* without ``Annotated`` and, where it leaves one choice, without ``None``."""
    if _origin(hint) is Annotated:
        return bare(get_args(hint)[0])
    choices = members(hint)
    return bare(choices[0]) if len(choices) == 1 and choices[0] is not hint else hint


def members(hint: Hint) -> list[Hint]:
    """The choices of a union, unions inside it opened and ``None`` left out; *hint* itself if it is none."""
    if _origin(hint) is Annotated:
        return members(get_args(hint)[0])
    if _origin(hint) not in (Union, UnionType):
        return [hint]
    return [inside for choice in get_args(hint) if choice is not NoneType for inside in members(choice)]


def keys(hint: Hint) -> list[str]:
    """The keys that a mapping for *hint* may have; none if any may."""
    return [field.name for field in fields(hint) if field.init] if is_dataclass(hint) else []


@cache
def fields_of(hint: Hint) -> dict[str, Hint]:
    """What a dataclass expects under each key; empty for any other hint. Slow to read, hence kept."""
    return get_type_hints(hint) if is_dataclass(hint) else {}


def ignores_keys(hint: Hint) -> bool:
    """Whether the class *hint* asks that keys it does not have be let pass."""
    return getattr(hint, "__pydantic_config__", {}).get("extra") == "ignore"


def inner(hint: Hint, step: str | int) -> Hint:
    """What *hint* expects under a key or at a place in a list; ``Any`` if it does not say."""
    if own := fields_of(hint):
        return own.get(str(step), Any)
    arguments = get_args(hint)
    if not arguments:
        return Any
    if length(hint) is not None and isinstance(step, int):
        return arguments[step] if step < len(arguments) else Any
    return arguments[-1] if isinstance(step, str) else arguments[0]


def length(hint: Hint) -> int | None:
    """How many values a list for *hint* must have, if that is fixed."""
    arguments = get_args(hint)
    fixed = _origin(hint) is tuple and Ellipsis not in arguments
    return len(arguments) if fixed else None


def takes_mapping(hint: Hint) -> bool:
    """Whether a mapping is what *hint* expects."""
    return is_dataclass(hint) or _container(hint) not in (list, tuple, set, frozenset, Literal, None)


def takes_list(hint: Hint) -> bool:
    """Whether a list is what *hint* expects."""
    return _container(hint) in (list, tuple, set, frozenset)


def meant(hint: Hint, document: Document) -> Hint | None:
    """The member of the union *hint* that the value must have been meant as; none if it fits no one.

    A mapping is meant as the only member that takes one, or the one whose tag (see :func:`tag`) it has; a
    list as the only member that takes a list.
    """
    if isinstance(document.value, dict):
        choices = [choice for choice in members(hint) if takes_mapping(choice)]
        if len(choices) > 1:
            key = tag(hint)
            value = document[key].value if key in document else None
            choices = [choice for choice in choices if value in tag_values(choice, key)]
    elif isinstance(document.value, list):
        choices = [choice for choice in members(hint) if takes_list(choice)]
    else:
        choices = []
    return choices[0] if len(choices) == 1 else None


def tag(hint: Hint) -> str:
    """The key whose value tells the mappings of a union apart: a literal, different in each; or empty."""
    choices = [choice for choice in members(hint) if is_dataclass(choice)]
    if len(choices) < 2:
        return ""
    return next((key for key in keys(choices[0]) if _tells_apart(key, choices)), "")


def _tells_apart(key: str, choices: list[Hint]) -> bool:
    values = [tag_values(choice, key) for choice in choices]
    return all(values) and len(set(chain(*values))) == sum(map(len, values))


def tag_values(hint: Hint, key: str) -> tuple[str, ...]:
    """The values that a literal field *key* of *hint* may have; none if it is no literal."""
    expected = fields_of(hint).get(key)
    return get_args(expected) if _origin(expected) is Literal else ()


def described(hint: Hint) -> str:
    """What a value for *hint* must be, in words."""
    key = tag(hint)
    tagged = [repr(value) for choice in members(hint) for value in tag_values(choice, key)]
    words = [_words(choice) for choice in members(hint) if not tag_values(choice, key)]
    return either([f"a mapping with {key} {either(tagged)}", *words] if tagged else words)


def either(words: Sequence[str]) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    *front, last = words
    return f"{', '.join(front)} or {last}" if front else last


def _words(hint: Hint) -> str:
    if _origin(hint) is Literal:
        return either([repr(value) for value in get_args(hint)])
    if is_dataclass(hint):
        return f"a mapping with the keys {', '.join(keys(hint))}"
    if takes_list(hint):
        return "a list"
    return PLAIN_WORDS.get(hint, "a mapping" if takes_mapping(hint) else "plain data")


def _container(hint: Hint) -> Hint | None:
    return _origin(hint) or (hint if hint in (dict, list, tuple, set) else None)


def _origin(hint: Hint) -> Any:
    return get_origin(hint)
