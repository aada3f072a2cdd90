"""Where zeros pay as a folder that says all: what was run, by what, and what came out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from accelsim.config import dump_yaml
from accelsim.report.folder import put, safe, write_csv, write_manifest
from accelsim.report.sparsity.figures import all_figures
from accelsim.report.sparsity.rows import key, to_json
from accelsim.report.style import styled
from accelsim.studies.sparsity import Gains, Sweep

RESULT = "sparsity.json"
"""The one file that the same run and sweep always write with the same bytes."""


def write(
    gains: Gains,
    sweep: Sweep | None = None,
    folder: str | Path = "results",
    *,
    argv: Sequence[str] = (),
    overwrite: bool = False,
) -> Path:
    """Write *gains* and *sweep* to ``<folder>/<name>-<key>`` as a whole or not at all; that folder's path.

    Results that are there are replaced by the same ones, by others only with *overwrite*; files that others
    put there stay.

    Args:
        gains: what to write.
        sweep: of the same run.
        folder: of the results; made if it is not there.
        argv: the command that ran, for the manifest.
        overwrite: replace a different result.

    Raises:
        ConfigError: if the folder cannot be written, or holds something else.
    """
    target = Path(folder) / f"{safe(gains.name)}-{key(gains, sweep)}"
    fill = partial(_fill, gains=gains, sweep=sweep, argv=argv)
    put(target, RESULT, to_json(gains, sweep), fill, overwrite=overwrite, what="result")
    return target


def _fill(folder: Path, gains: Gains, sweep: Sweep | None, argv: Sequence[str]) -> None:
    (folder / "config.resolved.yaml").write_text(dump_yaml(dict(gains.config)), encoding="utf-8")
    write_manifest(folder, gains.config["seed"], argv)
    write_csv(folder / "layers.csv", gains.rows())
    if sweep is not None:
        write_csv(folder / "sweep.csv", sweep.rows())
    with styled():
        for name, figure in all_figures(gains, sweep):
            figure.savefig(folder / f"{name}.png")
