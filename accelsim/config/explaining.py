"""The validator's complaints, put in the words and at the place of the file."""

from collections.abc import Callable
from dataclasses import dataclass, is_dataclass, replace
from itertools import chain

from pydantic_core import ErrorDetails

from accelsim.config import shape
from accelsim.config.blame import blamed, keys_in, without
from accelsim.config.catalogue import near
from accelsim.config.document import Document, Origin, quoted


@dataclass(frozen=True)
class Complaint:
    """One thing wrong, and where."""

    origin: Origin
    why: str

    def __str__(self) -> str:
        return self.origin.says(self.why)


@dataclass(frozen=True)
class _Spot:
    """A value, what was expected there, and the steps that lead on to nothing."""

    document: Document
    hint: shape.Hint
    rest: tuple[str | int, ...]


def explain(error: ErrorDetails, document: Document, hint: shape.Hint) -> Complaint | None:
    """*error* of the validator as a complaint; none if it is about a choice the value was not meant as."""
    steps = list(error["loc"])
    unknown = steps.pop() if error["type"] in _UNKNOWN_KEY else None
    spot = _spot(document, shape.bare(hint), steps)
    if spot is None:
        return None
    if len(shape.members(spot.hint)) > 1:
        return _no_member(spot)
    if unknown is not None:
        return _unknown_key(spot, str(unknown))
    return _EXPLAINERS.get(error["type"], _other)(error, spot)


def unknown_keys(document: Document, hint: shape.Hint) -> list[Complaint]:
    """The keys that *hint* does not have; a class need not forbid them, but may ask to ignore them."""
    choices = shape.members(hint)
    hint = shape.bare(choices[0] if len(choices) == 1 else shape.meant(hint, document))
    steps: list[tuple[str | int, Document]] = []
    complaints: list[Complaint] = []
    if isinstance(document.value, dict):
        known = shape.keys(hint)
        spare = [key for key in document.value if known and key not in known]
        if not shape.ignores_keys(hint):
            complaints = [_unknown_key(_Spot(document, hint, ()), key) for key in spare]
        steps = [(key, child) for key, child in document.value.items() if key not in spare]
    elif isinstance(document.value, list):
        steps = list(enumerate(document.value))
    inner = [unknown_keys(child, shape.bare(shape.inner(hint, step))) for step, child in steps]
    return [*complaints, *chain(*inner)]


def _spot(document: Document, hint: shape.Hint, steps: list[str | int]) -> _Spot | None:
    """Follow *steps* through the value and its type; none if they take another choice of a union."""
    while True:
        if len(shape.members(hint)) > 1:
            choice = shape.meant(hint, document)
            if choice is None:
                return _Spot(document, hint, ())
            if steps and not _is_label(steps.pop(0), choice, hint):
                return None
            hint = shape.bare(choice)
            continue
        if not steps or (child := document.child(steps[0])) is None:
            return _Spot(document, hint, tuple(steps))
        document, hint = child, shape.bare(shape.inner(hint, steps.pop(0)))


def _is_label(label: str | int, choice: shape.Hint, hint: shape.Hint) -> bool:
    """Whether the validator's *label* in an error's path names *choice* among the members of *hint*."""
    if is_dataclass(choice):
        return label in (_name(choice), *shape.tag_values(choice, shape.tag(hint)))
    return str(label).startswith(_name(choice))  # of list[int], say, the label is its text


def _name(hint: shape.Hint) -> str:
    return str(hint.__name__)


def _no_member(spot: _Spot) -> Complaint:
    document, key = spot.document, shape.tag(spot.hint)
    if not isinstance(document.value, dict) or not key:
        return _must_be(shape.described(spot.hint), document)
    values = [value for choice in shape.members(spot.hint) for value in shape.tag_values(choice, key)]
    words = shape.either([repr(value) for value in values])
    if key not in document:
        return Complaint(document.origin.child(key), f"must be given: {words} (the key is missing)")
    return _must_be(words, document[key])


def _must_be(words: str, document: Document) -> Complaint:
    return Complaint(document.origin, f"must be {words} (got {quoted(document.plain)})")


def _unknown_key(spot: _Spot, key: str) -> Complaint:
    place = spot.document.fields.get(key, spot.document)
    return Complaint(place.origin, f"unknown key {key!r}{near(key, shape.keys(spot.hint))}")


def _missing(error: ErrorDetails, spot: _Spot) -> Complaint:
    if not isinstance(spot.document.value, dict):
        return _wrong_length(error, spot)
    return Complaint(spot.document.origin.child(spot.rest[0]), "must be given (the key is missing)")


def _wrong_length(error: ErrorDetails, spot: _Spot) -> Complaint:
    return _must_be(f"a list of {shape.length(spot.hint)} values", spot.document)


def _refused(error: ErrorDetails, spot: _Spot) -> Complaint:
    """A rule of the class, reported at what was given last of the parts that it blames or names."""
    refusal = error["ctx"]["error"]
    place, why = blamed(spot.document, refusal).origin, str(refusal)
    if not getattr(refusal, "at", ()):
        place = replace(place, key=without(place.key, keys_in(why)[0]))
    return Complaint(place, why)


def _other(error: ErrorDetails, spot: _Spot) -> Complaint:
    if error["type"].endswith(("_type", "_parsing", "_from_float", "_error", "_required")):
        return _must_be(shape.described(spot.hint), spot.document)
    why = str(error["msg"])
    return Complaint(spot.document.origin, f"{why[:1].lower()}{why[1:]} (got {quoted(spot.document.plain)})")


_UNKNOWN_KEY = ("unexpected_keyword_argument", "extra_forbidden")

_EXPLAINERS: dict[str, Callable[[ErrorDetails, _Spot], Complaint]] = {
    "missing": _missing,
    "too_long": _wrong_length,
    "value_error": _refused,
}
