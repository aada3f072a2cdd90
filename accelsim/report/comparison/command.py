"""What ``accelsim compare`` does once it knows the run: simulate, print, write."""

from collections.abc import Sequence
from pathlib import Path

from accelsim.report.comparison.files import write
from accelsim.report.comparison.rows import to_json
from accelsim.report.comparison.table import show
from accelsim.run.experiment import Experiment
from accelsim.studies.comparing import compare


def carry_out(
    experiment: Experiment,
    out: Path,
    argv: Sequence[str],
    *,
    dataflows: str | None,
    datapaths: str | None,
    jobs: int | None,
    normalise: str | None,
    layers: bool,
    as_json: bool,
    overwrite: bool,
) -> Path:
    """Compare, print tables or JSON to stdout, and write the results below *out*; their folder.

    Args:
        experiment: the run.
        out: where the folder of the results goes.
        argv: the command, for the manifest.
        dataflows: labels with commas between them; None: all.
        datapaths: likewise, of schemes; not both.
        jobs: processes at work at a time.
        normalise: the label whose numbers are 1, or none.
        layers: print tables by layer, too.
        as_json: print JSON instead of tables.
        overwrite: replace a different comparison.
    """
    comparison = compare(experiment, _labels(dataflows), jobs, normalise, datapaths=_labels(datapaths))
    if as_json:
        print(to_json(comparison), end="")
    else:
        show(comparison, layers=layers)
    return write(comparison, out, argv=argv, overwrite=overwrite)


def _labels(text: str | None) -> list[str] | None:
    return None if text is None else [label.strip() for label in text.split(",")]
