"""What descriptions read from files share: strict reading, and checks of bounds."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

from accelsim.errors import ConfigError

STRICT = {"extra": "forbid", "strict": True}
"""How a description is read from a file: no unknown key, no silent conversion."""

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def description(cls: type[_T]) -> type[_T]:
    """A frozen dataclass of *cls* that is read from files: no unknown key, no silent conversion."""
    cls.__pydantic_config__ = STRICT  # type: ignore[attr-defined]  # what pydantic looks for
    return dataclass(frozen=True)(cls)


def at_least(low: int, **values: float | None) -> None:
    """Raise ConfigError for the first of *values* that is given, not None, and below *low*."""
    for name, value in values.items():
        if value is not None and value < low:
            raise ConfigError(f"{name} must be at least {low} (got {value})")


def check_positive(**values: float | None) -> None:
    """Raise ConfigError for the first of *values* that is given, not None, and not above 0."""
    for name, value in values.items():
        if value is not None and value <= 0:
            raise ConfigError(f"{name} must be above 0 (got {value})")


def check_within(low: int, high: int, **values: float | None) -> None:
    """Raise ConfigError for the first of *values* that is given, not None, and not in *low* to *high*."""
    for name, value in values.items():
        if value is not None and not low <= value <= high:
            raise ConfigError(f"{name} must be in {low}..{high} (got {value})")
