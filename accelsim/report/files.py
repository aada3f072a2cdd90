"""A result as a folder that says all: what was run, by what, and what came out."""

from __future__ import annotations

import csv
import json
import os
import platform
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from accelsim import __version__
from accelsim.config import dump_yaml
from accelsim.errors import ConfigError
from accelsim.report import rows
from accelsim.report.figures import energy_figure
from accelsim.report.style import styled
from accelsim.result import Result

RESULT = "result.json"
"""The one file that the same run always writes with the same bytes."""

LIBRARIES = ("numpy", "simpy")
"""What a simulated number could depend on; the manifest says their versions."""


def write(
    result: Result,
    folder: str | Path = "results",
    *,
    argv: Sequence[str] = (),
    overwrite: bool = False,
) -> Path:
    """Write *result* to ``<folder>/<name>-<key>`` as a whole or not at all; that folder's path.

    The key is that of the resolved configuration. Results that are there are replaced by the same ones,
    by others only with *overwrite*; files that others put there stay.

    Args:
        result: what to write.
        folder: of the results; made if it is not there.
        argv: the command that ran, for the manifest.
        overwrite: replace a different result.

    Raises:
        ConfigError: if the folder cannot be written, or holds a different result.
    """
    target = Path(folder) / folder_name(result)
    text = rows.to_json(result)
    with _refused(target):
        if not overwrite:
            _refuse_other(target, text)
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".accelsim-", dir=target.parent) as holder:
            new = Path(holder) / "new"
            if target.exists():
                copytree(target, new)
            new.mkdir(exist_ok=True)
            _fill(new, result, text, argv)
            _swap(new, target, Path(holder) / "old")
    return target


def folder_name(result: Result) -> str:
    """``<name>-<key>``, with a dash for what is not safe in a file's name."""
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', result.name).lstrip('.')}-{rows.key(result.config)}"


def _fill(folder: Path, result: Result, text: str, argv: Sequence[str]) -> None:
    (folder / RESULT).write_bytes(text.encode())
    (folder / "config.resolved.yaml").write_text(dump_yaml(dict(result.config)), encoding="utf-8")
    manifest = json.dumps(_manifest(result, argv), indent=2) + "\n"
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
    _write_csv(folder / "layers.csv", rows.layer_rows(result))
    _write_csv(folder / "energy.csv", rows.action_rows(result))
    with styled():
        energy_figure(result, "component").savefig(folder / "energy_by_component.png")
        energy_figure(result, "operand").savefig(folder / "energy_by_operand.png")


def _manifest(result: Result, argv: Sequence[str]) -> dict[str, object]:
    """Who ran *result*, when and where: what may differ between two runs of the same."""
    return {
        "accelsim": __version__,
        "python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
        "platform": platform.platform(),
        "time_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "argv": list(argv),
        "seed": result.config["seed"],
    }


def _write_csv(path: Path, table: Iterator[rows.Row]) -> None:
    lines = list(table)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def _refuse_other(target: Path, text: str) -> None:
    """Let *target* be missing or hold the very result; anything else is somebody's work."""
    if not target.exists():
        return
    there = target / RESULT
    if not there.exists() or there.read_bytes() != text.encode():
        raise ConfigError(
            f"{target}: must hold the same result, or be overwritten on purpose (got another one)"
        )


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
