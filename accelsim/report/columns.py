"""Tables as columns of text, and as many of them side by side as a line has room for."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from accelsim.report.hints import Table

_T = TypeVar("_T")

Declared: TypeAlias = tuple[str, str, Callable[[_T], str]]
"""A column before it has cells: its head, its unit, and what a row has there."""

GAP = 2
"""Spaces after every column."""


@dataclass(frozen=True)
class Column:
    """One column: its *head* above its *unit*, then a cell for each layer and one for the total."""

    head: str
    unit: str
    cells: tuple[str, ...]

    @property
    def width(self) -> int:
        """Characters of the widest line, and of the gap."""
        return max(map(len, (self.head, self.unit, *self.cells))) + GAP

    @property
    def empty(self) -> bool:
        """Whether every layer has a zero here."""
        return set(self.cells) == {"0"}


@dataclass(frozen=True)
class Section:
    """A table under a *title*: the first of its *columns* names the rows, the others are numbers."""

    title: str
    columns: tuple[Column, ...]
    total: bool = False  # whether the last row is that of the total


def columns_of(rows: Iterable[_T], declared: Iterable[Declared[_T]]) -> tuple[Column, ...]:
    """The columns that are *declared*, with a cell for each of *rows*."""
    found = tuple(rows)
    return tuple(Column(head, unit, tuple(map(cell, found))) for head, unit, cell in declared)


def percent(share: float) -> str:
    """*share* in percent, to a tenth."""
    return f"{100 * share:.1f}" if share else "0"


def aligned(rows: Iterable[Sequence[str]], left: Container[int]) -> list[str]:
    """A line for each of *rows*, whose cells are in columns: those numbered *left* to the left."""
    found = list(rows)
    widths = [max(map(len, column)) for column in zip(*found, strict=True)]
    lines = []
    for row in found:
        cells = enumerate(zip(row, widths, strict=True))
        texts = [cell.ljust(width) if at in left else cell.rjust(width) for at, (cell, width) in cells]
        lines.append((" " * GAP).join(texts).rstrip())
    return lines


def fitting(first: Column, columns: list[Column], width: int) -> list[list[Column]]:
    """*columns* in as many tables as *width* asks for, each beginning with *first*."""
    parts, room = [[first]], width - first.width
    for column in columns:
        if room < column.width and len(parts[-1]) > 1:
            parts.append([first])
            room = width - first.width
        parts[-1].append(column)
        room -= column.width
    return parts


def table_of(columns: list[Column], *, total: bool) -> Table:
    """*columns* side by side; bold is the last cell of each, where it is a *total*."""
    from rich.table import Table

    table = Table(box=None, padding=(0, GAP, 0, 0))
    for i, column in enumerate(columns):
        head = f"{column.head}\n{column.unit}" if any(c.unit for c in columns) else column.head
        table.add_column(head, justify="right" if i else "left", no_wrap=True, header_style="dim")
    rows = list(zip(*(column.cells for column in columns), strict=True))
    for i, row in enumerate(rows):
        table.add_row(*row, style="bold" if total and i == len(rows) - 1 else None)
    return table
