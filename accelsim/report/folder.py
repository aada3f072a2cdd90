"""A folder of results: written as a whole or not at all, and never over somebody's work."""

import csv
import hashlib
import json
import os
import platform
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from accelsim import __version__
from accelsim.errors import ConfigError

Fields = dict[str, object]
"""A row of a table by column, or a part of a JSON object by key."""

_KEY_DIGITS = 10
"""Hexadecimal digits of a key; among a million runs the chance that two share one is below one half."""

_LIBRARIES = ("numba", "numpy", "simpy")
"""What a simulated number could depend on; the manifest says their versions."""


def put_folder(
    target: Path, name: str, text: str, fill: Callable[[Path], None], *, overwrite: bool, what: str
) -> None:
    """Make *target* hold the file *name* with *text*, and what *fill* puts beside it.

    Files that others put there stay.

    Args:
        target: the folder; made if it is not there.
        name: of the one file that the same *what* always writes with the same bytes.
        text: of that file.
        fill: writes the others into a folder.
        overwrite: replace a different *what*.
        what: is written, for the complaint: "result".

    Raises:
        ConfigError: if the folder cannot be written, or holds something else.
    """
    with _refused(target):
        there = target / name
        same = there.exists() and there.read_bytes() == text.encode()
        if target.exists() and not same and not overwrite:
            raise ConfigError(
                f"{target}: must hold the same {what}, or be overwritten on purpose (got another one)"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".accelsim-", dir=target.parent) as holder:
            new = Path(holder) / "new"
            if target.exists():
                copytree(target, new)
            new.mkdir(exist_ok=True)
            (new / name).write_bytes(text.encode())
            fill(new)
            _swap(new, target, Path(holder) / "old")


def digest(config: Mapping[str, object]) -> str:
    """The first :data:`_KEY_DIGITS` digits of the SHA-256 of *config*, whatever the order of its keys."""
    text = json.dumps(config, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_DIGITS]


def safe(name: str) -> str:
    """*name* with a dash for what is not safe in a file's name."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).lstrip(".")


def write_manifest(folder: Path, seed: object, argv: Sequence[str]) -> None:
    """Who ran it, when and where: what may differ between two runs of the same."""
    manifest = {
        "accelsim": __version__,
        "python": platform.python_version(),
        **{library: version(library) for library in _LIBRARIES},
        "platform": platform.platform(),
        "time_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "argv": list(argv),
        "seed": seed,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def write_csv(path: Path, table: Iterable[Fields]) -> None:
    """A line for each row of *table*, which all have the same columns."""
    lines = list(table)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def _swap(new: Path, target: Path, old: Path) -> None:
    """Put *new* where *target* is; *target*, if there, becomes *old*, and stays if *new* cannot come."""
    if not target.exists():
        os.rename(new, target)
        return
    os.rename(target, old)
    try:
        os.rename(new, target)
    except BaseException:
        os.rename(old, target)
        raise


@contextmanager
def _refused(target: Path) -> Iterator[None]:
    """What the file system refuses, as one line."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{target}: cannot write results ({error.strerror})") from error
