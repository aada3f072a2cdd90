"""What ``accelsim sparsity`` does once it knows the run: simulate, print, write."""

from collections.abc import Sequence
from pathlib import Path

from accelsim.errors import ConfigError
from accelsim.report.sparsity.files import write
from accelsim.report.sparsity.rows import to_json
from accelsim.report.sparsity.table import show
from accelsim.run.experiment import Experiment
from accelsim.studies.sparsity import SweptOperands, against_dense, density_sweep
from accelsim.studies.sparsity.sweeping import check_densities


def carry_out(
    experiment: Experiment,
    out: Path,
    argv: Sequence[str],
    *,
    sweep: str | None,
    operands: SweptOperands,
    jobs: int | None,
    as_json: bool,
    overwrite: bool,
) -> Path:
    """Run, print tables or JSON to stdout, and write the results below *out*; their folder.

    Args:
        experiment: the run.
        out: where the folder of the results goes.
        argv: the command, for the manifest.
        sweep: densities with commas between them; None: none but the run's own.
        operands: whose density is swept.
        jobs: processes at work at a time.
        as_json: print JSON instead of tables.
        overwrite: replace a different result.

    Raises:
        ConfigError: if *sweep* is not as above.
    """
    densities = None if sweep is None else [_density(text.strip()) for text in sweep.split(",")]
    if densities is not None:
        check_densities(densities, operands)
    gains = against_dense(experiment, jobs)
    swept = None if densities is None else density_sweep(experiment, densities, jobs, operands)
    if as_json:
        print(to_json(gains, swept), end="")
    else:
        show(gains, swept)
    return write(gains, swept, out, argv=argv, overwrite=overwrite)


def _density(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ConfigError(f"--sweep must be densities with commas between them (got {text!r})") from None
