"""A comparison as a folder that says all: what was compared, by what, and what came out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from accelsim.config import dump_yaml
from accelsim.report.comparison.figures import all_figures
from accelsim.report.comparison.rows import key, to_json
from accelsim.report.comparison.schemes.costs import has_schemes
from accelsim.report.comparison.schemes.rows import scheme_rows
from accelsim.report.folder import put, safe, write_csv, write_manifest
from accelsim.report.style import styled
from accelsim.studies.comparison import Comparison

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
    fill = partial(_fill, comparison=comparison, argv=argv)
    put(target, RESULT, to_json(comparison), fill, overwrite=overwrite, what="comparison")
    return target


def folder_name(comparison: Comparison) -> str:
    """``<name>-<key>``, with a dash for what is not safe in a file's name."""
    return f"{safe(comparison.name)}-{key(comparison)}"


def _fill(folder: Path, comparison: Comparison, argv: Sequence[str]) -> None:
    (folder / "config.resolved.yaml").write_text(dump_yaml(dict(comparison.config)), encoding="utf-8")
    write_manifest(folder, next(iter(comparison.results.values())).config["seed"], argv)
    write_csv(folder / "comparison.csv", comparison.rows())
    if has_schemes(comparison):
        write_csv(folder / "schemes.csv", scheme_rows(comparison))
    with styled():
        for name, figure in all_figures(comparison):
            figure.savefig(folder / f"{name}.png")
