"""A comparison as a folder that says all: what was compared, by what, and what came out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from accelsim.comparison import Comparison
from accelsim.config import dump_yaml
from accelsim.errors import ConfigError
from accelsim.report.comparison.figures import all_figures
from accelsim.report.comparison.rows import key, to_json
from accelsim.report.files import _manifest, _refused, _swap, _write_csv
from accelsim.report.style import styled

RESULT = "comparison.json"
"""The one file that the same comparison always writes with the same bytes."""


def write(
    comparison: Comparison,
    folder: str | Path = "results",
    *,
    argv: Sequence[str] = (),
    overwrite: bool = False,
) -> Path:
    """Write *comparison* to ``<folder>/<name>-<key>`` as a whole or not at all; that folder's path.

    A comparison that is there is replaced by the same one, by another only with *overwrite*; files that
    others put there stay.

    Args:
        comparison: what to write.
        folder: of the results; made if it is not there.
        argv: the command that ran, for the manifest.
        overwrite: replace a different comparison.

    Raises:
        ConfigError: if the folder cannot be written, or holds something else.
    """
    target = Path(folder) / folder_name(comparison)
    text = to_json(comparison)
    with _refused(target):
        if target.exists() and not overwrite and not _holds(target, text):
            raise ConfigError(
                f"{target}: must hold the same comparison, or be overwritten on purpose (got another one)"
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".accelsim-", dir=target.parent) as holder:
            new = Path(holder) / "new"
            if target.exists():
                copytree(target, new)
            new.mkdir(exist_ok=True)
            _fill(new, comparison, text, argv)
            _swap(new, target, Path(holder) / "old")
    return target


def folder_name(comparison: Comparison) -> str:
    """``<name>-<key>``, with a dash for what is not safe in a file's name."""
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', comparison.name).lstrip('.')}-{key(comparison)}"


def _holds(folder: Path, text: str) -> bool:
    there = folder / RESULT
    return there.exists() and there.read_bytes() == text.encode()


def _fill(folder: Path, comparison: Comparison, text: str, argv: Sequence[str]) -> None:
    (folder / RESULT).write_bytes(text.encode())
    (folder / "config.resolved.yaml").write_text(dump_yaml(dict(comparison.config)), encoding="utf-8")
    manifest = _manifest(next(iter(comparison.results.values())), argv)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    _write_csv(folder / "comparison.csv", comparison.rows())
    with styled():
        for name, figure in all_figures(comparison):
            figure.savefig(folder / f"{name}.png")
