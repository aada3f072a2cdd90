"""The command line: stdout is the result, stderr everything else, the exit code says whose fault it was.

Commands import what they need themselves, so that ``accelsim --help`` is quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from accelsim import __version__
from accelsim.errors import ConfigError, SimulationError

OK, BUG, REFUSED, FAILED, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: done; our bug; what was asked cannot be; the simulated machine cannot go on; Ctrl-C."""

MISSED = 1
"""Exit code of ``validate`` if a band is missed."""

DEBUG = "ACCELSIM_DEBUG"
"""Environment variable that asks for the traceback of a bug."""

SECTIONS = ("runs", "arch", "networks", "energy", "pruning", "published", "dataflows")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line on *arguments*, by default those of the process; the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = cli.main(given, "accelsim", standalone_mode=False, obj=("accelsim", *given))
        return code if isinstance(code, int) else OK
    except click.exceptions.NoArgsIsHelpError as error:
        return _complain(error.format_message(), REFUSED)
    except click.ClickException as error:
        return _complain(_usage(error), REFUSED)
    except ConfigError as error:
        return _complain(str(error), REFUSED)
    except SimulationError as error:
        return _complain(str(error), FAILED)
    except (click.Abort, KeyboardInterrupt):
        return _complain("interrupted", INTERRUPTED)
    except MemoryError as error:
        return _complain(f"out of memory: {error or 'the run is too large for this machine'}", FAILED)
    except Exception as error:
        if os.environ.get(DEBUG, "0") != "0":
            raise
        what = " ".join(f"{type(error).__name__}: {error}".split())
        return _complain(f"this is a bug of accelsim, please report it: {what} ({DEBUG}=1 shows where)", BUG)


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
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
OVERWRITE = click.option("--overwrite", is_flag=True, help="Replace results that are there and differ.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="accelsim", message="%(prog)s %(version)s")
def cli() -> None:
    """Simulate a deep neural network on an accelerator, cycle by cycle and word by word.

    A first run: accelsim run eyeriss_alexnet
    """


@cli.command()
@click.argument("config")
@CHANGES
@click.option("--engine", type=click.Choice(["fast", "reference"]), help="Both give the same result.")
@click.option("--seed", type=int, help="Of every generated tensor.")
@click.option("--values/--no-values", default=None, help="With tensors, or timing and dense counts alone.")
@OUT
@JSON
@OVERWRITE
@click.pass_obj
def run(
    argv: Sequence[str],
    /,
    config: str,
    changes: tuple[str, ...],
    out: Path,
    as_json: bool,
    overwrite: bool,
    **given: Any,
) -> None:
    """Simulate CONFIG and say what it cost.

    CONFIG is a run file or one of: accelsim list runs.

    For example: accelsim run eyeriss_alexnet --set arch.dram=ideal --set layers='[CONV1]'
    """
    from accelsim.experiment import load

    overrides = _overrides(changes) | {key: value for key, value in given.items() if value is not None}
    experiment = load(config, **overrides)
    _require_folder(out)
    result = experiment.run()
    from accelsim.report.files import write
    from accelsim.report.rows import to_json
    from accelsim.report.table import show

    if as_json:
        click.echo(to_json(result), nl=False)
    else:
        show(result)
    click.echo(f"results written to {write(result, out, argv=argv, overwrite=overwrite)}", err=True)


@cli.command("compare")
@click.argument("config")
@click.option("--dataflows", metavar="A,B", help="Labels of its compare block, or dataflows; by default all.")
@CHANGES
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at work at a time.")
@click.option("--normalise", metavar="LABEL|none", help="Whose numbers are 1; by default the first label's.")
@click.option("--layers", is_flag=True, help="Print a table of each quantity by layer, too.")
@OUT
@JSON
@OVERWRITE
@click.pass_obj
def compare_(argv: Sequence[str], /, config: str, changes: tuple[str, ...], out: Path, **asked: Any) -> None:
    """Simulate CONFIG under several dataflows, and say what each cost.

    CONFIG is a run file or one of: accelsim list runs. Its block compare has labels, and what each changes
    in the run; without one, the dataflows of accelsim list dataflows run on its own architecture.

    For example: accelsim compare alexnet_256pe --dataflows RS,WS
    """
    from accelsim.experiment import load
    from accelsim.report.comparison.command import carry_out

    experiment = load(config, **_overrides(changes))
    _require_folder(out)
    click.echo(f"results written to {carry_out(experiment, out, argv, **asked)}", err=True)


@cli.command()
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
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at work at a time.")
@OUT
@JSON
@OVERWRITE
@click.pass_obj
def sparsity(argv: Sequence[str], /, config: str, changes: tuple[str, ...], out: Path, **asked: Any) -> None:
    """Say what zeros save in CONFIG, and what takes it back.

    CONFIG is a run file or one of: accelsim list runs. It runs beside its dense counterpart: the same on the
    same machine, but nothing is gated, skipped or coded. Without a mapping, each has a search of its own.

    For example: accelsim sparsity eyeriss_alexnet --set layers='[CONV3]' --sweep 0.25,0.5,0.75,1
    """
    from accelsim.experiment import load
    from accelsim.report.sparsity.command import carry_out

    experiment = load(config, **_overrides(changes))
    _require_folder(out)
    click.echo(f"results written to {carry_out(experiment, out, argv, **asked)}", err=True)


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
def map_(config: str, changes: tuple[str, ...], save: Path | None, as_json: bool, overwrite: bool) -> None:
    """Print the loop nests of CONFIG and what their counts say, without running it.

    Counts are those of no zero gated and no word coded. The last line of a layer says what came second, and
    which actions made it lose, in percent of the best's energy.

    For example: accelsim map eyeriss_alexnet --set mapping=null --save best.yaml
    """
    from tqdm import tqdm

    from accelsim.experiment import load
    from accelsim.report.forecasts import render, to_json
    from accelsim.saved import save as write

    if save is not None:
        _require_file(save, overwrite)
    experiment = load(config, **_overrides(changes))
    found = list(tqdm(experiment.forecasts(), file=sys.stderr, disable=None, unit="layer", leave=False))
    click.echo((to_json if as_json else render)(experiment, found), nl=False)
    if save is not None:
        choices = {forecast.mapping.layer.name: forecast.best.choice for forecast in found}
        write(save, experiment.settings.dataflow, choices)
        click.echo(f"mappings written to {save}", err=True)


@cli.command()
@click.argument("name", default="eyeriss")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def validate(name: str, as_json: bool) -> int:
    """Compare a run with what its paper measured.

    NAME is one of: accelsim list published. Exits with 1 if a number is outside its band.
    """
    from accelsim.report.validation import render, to_json, verdict
    from accelsim.validate import validate as compare

    validation = compare(name)
    click.echo(to_json(validation) if as_json else render(validation), nl=False)
    return OK if validation.ok else _complain(verdict(validation), MISSED)


@cli.command("list")
@click.argument("section", type=click.Choice(SECTIONS), required=False)
def list_(section: str | None) -> None:
    """List what can be named: all of it, or one SECTION."""
    from accelsim.listing import listing

    for title in [section] if section else SECTIONS:
        found = listing(title)
        width = max(map(len, found), default=0)
        if section is None:
            click.echo(f"{title}:")
        indent = "" if section else "  "
        for name, description in found.items():
            click.echo(f"{indent}{name:{width}}  {description}".rstrip())


def _overrides(changes: Sequence[str]) -> dict[str, Any]:
    """The values that ``KEY=VALUE`` arguments give, by dotted key."""
    from accelsim.config import parse_value

    values: dict[str, Any] = {}
    for change in changes:
        key, equals, text = change.partition("=")
        if not key or not equals:
            raise click.UsageError(f"--set must be KEY=VALUE (got {change!r})")
        values[key] = parse_value(text, override=key)
    return values


def _require_folder(path: Path) -> None:
    """Refuse, before anything is simulated, a folder that could not be made or written."""
    there = next(parent for parent in (path.absolute(), *path.absolute().parents) if parent.exists())
    if not there.is_dir():
        raise ConfigError(f"{path}: --out must be a folder ({there.name} is a file)")
    if not os.access(there, os.W_OK):
        raise ConfigError(f"{path}: --out must be a folder that can be written ({there.name} cannot)")


def _require_file(path: Path, overwrite: bool) -> None:
    """Refuse, before anything is searched, a file that could not be written or should not be replaced."""
    if path.exists() and not overwrite:
        raise ConfigError(f"{path}: --save must be a new file, or be overwritten on purpose (got one there)")
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"{path}: --save must be in a folder (got none named {path.parent})")


def _usage(error: click.ClickException) -> str:
    """*error* as one line that begins with the command it is about."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "accelsim"
    return f"{command}: {' '.join(error.format_message().split())} (see {command} --help)"


def _complain(message: str, code: int) -> int:
    click.echo(message, err=True)
    return code
