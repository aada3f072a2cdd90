"""Options that several commands take, and what is checked of them before anything is simulated."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from accelsim.errors import ConfigError

CHANGES = click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", help="A value, as YAML, at a dotted key."
)

OUT = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="results",
    show_default=True,
    metavar="DIR",
    help="Where the folder NAME-KEY of the results goes.",
)
JOBS = click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at work at a time.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
OVERWRITE = click.option("--overwrite", is_flag=True, help="Replace results that are there and differ.")


def overrides(changes: Sequence[str], **options: object) -> dict[str, object]:
    """The values that ``KEY=VALUE`` arguments give, by dotted key, with the *options* that were given.

    Raises:
        UsageError: for an argument of another form, or a key that is given two values.
    """
    from accelsim.config import parse_value

    values = {key: value for key, value in options.items() if value is not None}
    for change in changes:
        key, equals, text = change.partition("=")
        if not key or not equals:
            raise click.UsageError(f"--set must be KEY=VALUE (got {change!r})")
        value = parse_value(text, override=key)
        if values.setdefault(key, value) != value:
            raise click.UsageError(f"{key} must be given one value (got {values[key]!r} and {value!r})")
    return values


def labels(text: str | None) -> list[str] | None:
    """The labels in *text*, with commas between them; None: all."""
    return None if text is None else [label.strip() for label in text.split(",")]


def densities(text: str | None) -> list[float] | None:
    """The densities in *text*, with commas between them; None: none but the run's own.

    Raises:
        ConfigError: if one of them is no number.
    """
    return None if text is None else [_density(part.strip()) for part in text.split(",")]


def _density(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"--sweep must be densities with commas between them (got {text!r})") from None


def require_folder(path: Path) -> None:
    """Refuse, before anything is simulated, a folder that could not be made or written."""
    there = next(parent for parent in (path.absolute(), *path.absolute().parents) if parent.exists())
    if not there.is_dir():
        raise ConfigError(f"{path}: --out must be a folder ({there.name} is a file)")
    if not os.access(there, os.W_OK):
        raise ConfigError(f"{path}: --out must be a folder that can be written ({there.name} cannot)")


def require_file(path: Path, overwrite: bool) -> None:
    """Refuse, before anything is searched, a file that could not be written or should not be replaced."""
    if path.exists() and not overwrite:
        raise ConfigError(f"{path}: --save must be a new file, or be overwritten on purpose (got one there)")
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"{path}: --save must be in a folder (got none named {path.parent})")
