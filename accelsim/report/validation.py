"""A validation as text: a line for each published value, then what the bands came to."""

from collections.abc import Iterator

from accelsim.report.columns import aligned
from accelsim.report.folder import Fields
from accelsim.report.page import Page
from accelsim.report.units import number
from accelsim.studies.validate import Cell, Validation

_HEAD = ("cell", "layer", "simulated", "published", "error", "band", "ok?")

_WORDS = (0, 1, len(_HEAD) - 1)
"""Columns that are no numbers."""

_VERDICTS = {True: "ok", False: "MISSED", None: "-"}
"""What stands in the last column; ``-`` where no band is given."""


def validation_page(validation: Validation) -> Page:
    """A line for each published value, the notes of its paper, and the verdict.

    In the JSON ``ok`` of a cell is null where no band is given.
    """
    return Page(body=tuple(_lines(validation)), document=_document(validation))


def verdict(validation: Validation) -> str:
    """How many of the bands hold, in one line; names those that do not."""
    banded = [cell for cell in validation.cells if cell.ok is not None]
    if validation.ok:
        return f"All {len(banded)} bands hold."
    missed = ", ".join(f"{cell.table} of {cell.layer}" for cell in validation.missed)
    return f"{len(validation.missed)} of {len(banded)} bands missed: {missed}."


def _lines(validation: Validation) -> Iterator[str]:
    published = validation.published
    yield f"{published.name}: run {published.run} against {published.source}"
    yield ""
    yield from aligned([_HEAD, *map(_row, validation.cells)], left=_WORDS)
    yield ""
    yield from (f"Note: {note}" for note in published.notes)
    yield verdict(validation)


def _document(validation: Validation) -> Fields:
    published = validation.published
    return {
        "name": published.name,
        "source": published.source,
        "run": published.run,
        "ok": validation.ok,
        "notes": list(published.notes),
        "cells": [_fields(cell) for cell in validation.cells],
    }


def _fields(cell: Cell) -> Fields:
    return {
        "table": cell.table,
        "layer": cell.layer,
        "simulated": cell.simulated,
        "published": cell.published,
        "error_percent": cell.error_percent,
        "band": None if cell.band is None else str(cell.band),
        "ok": cell.ok,
    }


def _row(cell: Cell) -> tuple[str, ...]:
    return (
        cell.table,
        cell.layer,
        number(cell.simulated) if cell.simulated % 1 else f"{cell.simulated:g}",
        f"{cell.published:g}",
        f"{cell.error_percent:+.2f} %" if cell.simulated != cell.published else "0",
        "-" if cell.band is None else str(cell.band),
        _VERDICTS[cell.ok],
    )
