"""Exit codes, and a complaint on stderr."""

import click

OK, BUG, REFUSED, FAILED, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: done; our bug; what was asked cannot be; the simulated machine cannot go on; Ctrl-C."""

MISSED = 1
"""Exit code of ``validate`` if a band is missed."""


def complain(message: str, code: int) -> int:
    """Say *message* on stderr; *code*."""
    click.echo(message, err=True)
    return code
