"""A result as a folder that says all: what was run, by what, and what came out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from accelsim.config import dump_yaml
from accelsim.report import rows
from accelsim.report.figures import energy_figure
from accelsim.report.folder import put, safe, write_csv, write_manifest
from accelsim.report.style import styled
from accelsim.run.result import Result

RESULT = "result.json"
"""The one file that the same run always writes with the same bytes."""


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
    fill = partial(_fill, result=result, argv=argv)
    put(target, RESULT, rows.to_json(result), fill, overwrite=overwrite, what="result")
    return target


def folder_name(result: Result) -> str:
    """``<name>-<key>``, with a dash for what is not safe in a file's name."""
    return f"{safe(result.name)}-{rows.key(result.config)}"


def _fill(folder: Path, result: Result, argv: Sequence[str]) -> None:
    (folder / "config.resolved.yaml").write_text(dump_yaml(dict(result.config)), encoding="utf-8")
    write_manifest(folder, result.config["seed"], argv)
    write_csv(folder / "layers.csv", rows.layer_rows(result))
    write_csv(folder / "energy.csv", rows.action_rows(result))
    with styled():
        energy_figure(result, "component").savefig(folder / "energy_by_component.png")
        energy_figure(result, "operand").savefig(folder / "energy_by_operand.png")
