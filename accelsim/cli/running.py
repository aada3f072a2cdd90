"""The command line as a function: what it is given, and the exit code that says whose fault it was."""

import os
import sys
from collections.abc import Sequence

import click

from accelsim.cli.commands import cli
from accelsim.cli.exits import BUG, FAILED, INTERRUPTED, OK, REFUSED, complain
from accelsim.errors import ConfigError, SimulationError

_DEBUG = "ACCELSIM_DEBUG"
"""Environment variable that asks for the traceback of a bug."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line on *arguments*, by default those of the process; the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = cli.main(given, "accelsim", standalone_mode=False, obj=("accelsim", *given))
        return code if isinstance(code, int) else OK
    except click.exceptions.NoArgsIsHelpError as error:
        return complain(error.format_message(), REFUSED)
    except click.ClickException as error:
        return complain(_usage(error), REFUSED)
    except ConfigError as error:
        return complain(str(error), REFUSED)
    except SimulationError as error:
        return complain(str(error), FAILED)
    except (click.Abort, KeyboardInterrupt):
        return complain("interrupted", INTERRUPTED)
    except MemoryError as error:
        return complain(f"out of memory: {error or 'the run is too large for this machine'}", FAILED)
    except Exception as error:
        if os.environ.get(_DEBUG, "0") != "0":
            raise
        what = " ".join(f"{type(error).__name__}: {error}".split())
        return complain(f"this is a bug of accelsim, please report it: {what} ({_DEBUG}=1 shows where)", BUG)


def _usage(error: click.ClickException) -> str:
    """*error* as one line that begins with the command it is about."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "accelsim"
    return f"{command}: {' '.join(error.format_message().split())} (see {command} --help)"
