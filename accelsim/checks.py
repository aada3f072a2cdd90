"""What descriptions read from files share: strict reading, and a check of lower bounds."""

from accelsim.errors import ConfigError

STRICT = {"extra": "forbid", "strict": True}
"""How a description is read from a file: no unknown key, no silent conversion."""


def at_least(low: int, **values: float) -> None:
    """Raise ConfigError for the first of *values* that is below *low*."""
    for name, value in values.items():
        if value < low:
            raise ConfigError(f"{name} must be at least {low} (got {value})")
