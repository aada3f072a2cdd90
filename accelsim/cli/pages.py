"""What every command does with its page: print it, and leave it in a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from accelsim.cli.options import JSON, OUT, OVERWRITE, require_folder

if TYPE_CHECKING:
    from accelsim.report import FiledPage, Page


def say(page: Page, as_json: bool) -> None:
    """Print *page* to stdout: its text or its JSON."""
    from accelsim.report import show, to_json

    if as_json:
        click.echo(to_json(page), nl=False)
    else:
        show(page)


def filed(command: Callable[..., FiledPage]) -> Callable[..., None]:
    """*command*, with the options of results: the page that it gives is printed, and written to a folder.

    A folder that cannot be written is refused before anything is simulated.
    """

    @OUT
    @JSON
    @OVERWRITE
    @click.pass_obj
    @wraps(command)
    def keep(argv: Sequence[str], /, *, out: Path, as_json: bool, overwrite: bool, **asked: object) -> None:
        from accelsim.report import write

        require_folder(out)
        page = command(**asked)
        say(page, as_json)
        click.echo(f"results written to {write(page, out, argv=argv, overwrite=overwrite)}", err=True)

    return keep
