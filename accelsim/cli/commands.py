"""The commands. They import what they need themselves, so that ``accelsim --help`` is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

import accelsim
from accelsim.cli.exits import MISSED, OK, complain
from accelsim.cli.options import CHANGES, JOBS, JSON, densities, labels, overrides, require_file
from accelsim.cli.pages import filed, say
from accelsim.run.sections import SECTIONS

if TYPE_CHECKING:
    from accelsim.report import FiledPage
    from accelsim.studies.sparsity import SweptOperands


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(accelsim.__version__, prog_name="accelsim", message="%(prog)s %(version)s")
def cli() -> None:
    """Simulate a deep neural network on an accelerator, cycle by cycle and word by word.

    A first run: accelsim run eyeriss_alexnet
    """


@cli.command("run")
@click.argument("config")
@CHANGES
@click.option("--engine", type=click.Choice(["fast", "reference"]), help="Both give the same result.")
@click.option("--seed", type=int, help="Of every generated tensor.")
@click.option("--values/--no-values", default=None, help="With tensors, or timing and dense counts alone.")
@filed
def _run(config: str, changes: tuple[str, ...], **given: object) -> FiledPage:
    """Simulate CONFIG and say what it cost.

    CONFIG is a run file or one of: accelsim list runs.

    For example: accelsim run eyeriss_alexnet --set arch.dram=ideal --set layers='[CONV1]'
    """
    from accelsim.report import run_page

    return run_page(accelsim.load(config, **overrides(changes, **given)).run())


@cli.command("compare")
@click.argument("config")
@click.option("--dataflows", metavar="A,B", help="Labels of its compare block, or dataflows; by default all.")
@click.option("--datapaths", metavar="A,B", help="Labels of its compare block, or schemes, instead.")
@CHANGES
@JOBS
@click.option("--normalise", metavar="LABEL|none", help="Whose numbers are 1; by default the first label's.")
@click.option("--layers", is_flag=True, help="Print a table of each quantity by layer, too.")
@filed
def _compare(
    config: str,
    dataflows: str | None,
    datapaths: str | None,
    changes: tuple[str, ...],
    jobs: int | None,
    normalise: str | None,
    layers: bool,
) -> FiledPage:
    """Simulate CONFIG under several dataflows or schemes, and say what each cost.

    CONFIG is a run file or one of: accelsim list runs. Its block compare has labels, and what each changes
    in the run; without one, the dataflows of accelsim list dataflows run on its own architecture. Schemes,
    of accelsim list schemes, say how its layers are quantised, and for which datapath.

    For example: accelsim compare alexnet_256pe --dataflows RS,WS

    Or: accelsim compare digits --datapaths int8,ternary,xnor
    """
    from accelsim.report import comparison_page

    experiment = accelsim.load(config, **overrides(changes))
    comparison = accelsim.compare(experiment, labels(dataflows), jobs, normalise, datapaths=labels(datapaths))
    return comparison_page(comparison, layers=layers)


@cli.command("sparsity")
@click.argument("config")
@click.option("--sweep", metavar="D,E", help="Densities to run it at, too, of weights and ifmaps.")
@click.option(
    "--operands",
    type=click.Choice(["both", "ifmap", "weight"]),
    default="both",
    show_default=True,
    help="Whose density is swept.",
)
@CHANGES
@JOBS
@filed
def _sparsity(
    config: str, sweep: str | None, operands: SweptOperands, changes: tuple[str, ...], jobs: int | None
) -> FiledPage:
    """Say what zeros save in CONFIG, and what takes it back.

    CONFIG is a run file or one of: accelsim list runs. It runs beside its dense counterpart: the same on the
    same machine, but nothing is gated, skipped or coded. Without a mapping, each has a search of its own.

    For example: accelsim sparsity eyeriss_alexnet --set layers='[CONV3]' --sweep 0.25,0.5,0.75,1
    """
    from accelsim.report import sparsity_page
    from accelsim.studies.sparsity.sweeping import check_densities

    experiment = accelsim.load(config, **overrides(changes))
    asked = densities(sweep)
    if asked is not None:
        check_densities(asked, operands)
    gains = accelsim.against_dense(experiment, jobs)
    return sparsity_page(
        gains, None if asked is None else accelsim.density_sweep(experiment, asked, jobs, operands)
    )


@cli.command("map")
@click.argument("config")
@CHANGES
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the mappings as YAML; a run takes them as mapping: FILE.",
)
@JSON
@click.option("--overwrite", is_flag=True, help="Replace a FILE that is there.")
def _map(config: str, changes: tuple[str, ...], save: Path | None, as_json: bool, overwrite: bool) -> None:
    """Print the loop nests of CONFIG and what their counts say, without running it.

    Counts are those of no zero gated and no word coded. The last line of a layer says what came second, and
    which actions made it lose, in percent of the best's energy.

    For example: accelsim map eyeriss_alexnet --set mapping=null --save best.yaml
    """
    from tqdm import tqdm

    from accelsim.report import forecasts_page
    from accelsim.run.file import save_mappings

    if save is not None:
        require_file(save, overwrite)
    experiment = accelsim.load(config, **overrides(changes))
    found = list(tqdm(experiment.forecasts(), file=sys.stderr, disable=None, unit="layer", leave=False))
    say(forecasts_page(experiment, found), as_json)
    if save is not None:
        choices = {forecast.mapping.layer.name: forecast.best.choice for forecast in found}
        save_mappings(save, experiment.settings.dataflow, choices)
        click.echo(f"mappings written to {save}", err=True)


@cli.command("validate")
@click.argument("name", default="eyeriss")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def _validate(name: str, as_json: bool) -> int:
    """Compare a run with what its paper measured.

    NAME is one of: accelsim list published. Exits with 1 if a number is outside its band.
    """
    from accelsim.report.validation import validation_page, verdict
    from accelsim.studies.validate import validate

    validation = validate(name)
    say(validation_page(validation), as_json)
    return OK if validation.ok else complain(verdict(validation), MISSED)


@cli.command("list")
@click.argument("section", type=click.Choice(SECTIONS), required=False)
def _list(section: str | None) -> None:
    """List what can be named: all of it, or one SECTION."""
    from accelsim.run.names import listing

    for title in [section] if section else SECTIONS:
        found = listing(title)
        width = max(map(len, found), default=0)
        if section is None:
            click.echo(f"{title}:")
        indent = "" if section else "  "
        for name, description in found.items():
            click.echo(f"{indent}{name:{width}}  {description}".rstrip())
