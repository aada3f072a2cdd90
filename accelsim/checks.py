"""What descriptions read from files share: strict reading, and a check of lower bounds."""

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


def at_least(low: int, **values: float) -> None:
    """Raise ConfigError for the first of *values* that is below *low*."""
    for name, value in values.items():
        if value < low:
            raise ConfigError(f"{name} must be at least {low} (got {value})")
