"""A page: what a result says to people and to other programs, and the one way to show and to keep it."""

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

import numpy as np

from accelsim.config import Resolved, dump_yaml
from accelsim.report.columns import Section, fitting, table_of
from accelsim.report.folder import Fields, put_folder, safe, write_csv, write_manifest
from accelsim.report.hints import Console, Figure
from accelsim.report.style import styled


@dataclass(frozen=True, kw_only=True)
class Page:
    """What is said of a result: as text for people, and as one JSON object for other programs."""

    body: tuple[Section | str, ...]  # tables; text stands as it is, whatever the width
    notes: tuple[str, ...] = ()  # paragraphs below
    document: Mapping[str, object]
    width: int = 120  # characters of a line where there is no terminal to ask


@dataclass(frozen=True, kw_only=True)
class FiledPage(Page):
    """A page that is kept in a folder, too, with all that is needed to run the same again."""

    name: str
    key: str  # of what was run: the same for the same run
    kind: str  # what a complaint calls it
    file: str  # of the document: the one that the same run always writes with the same bytes
    config: Resolved
    seed: object
    tables: Mapping[str, Iterable[Fields]]  # by file, without the suffix; all rows have the same columns
    figures: Callable[[], Iterable[tuple[str, Figure]]]  # by file, likewise; drawn when they are written

    @property
    def folder_name(self) -> str:
        """``<name>-<key>``, with a dash for what is not safe in a file's name."""
        return f"{safe(self.name)}-{self.key}"


def render(page: Page, width: int | None = None) -> str:
    """The text of *page* without colours; its tables and notes in lines of at most *width* characters."""
    from rich.console import Console

    stream = io.StringIO()
    _print(page, Console(file=stream, width=width or page.width, color_system=None, force_jupyter=False))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def show(page: Page, file: TextIO | None = None) -> None:
    """Print *page* to *file*, by default to stdout: as wide as its terminal, plain text if it is none.

    Colours are left out if ``NO_COLOR`` is set.
    """
    from rich.console import Console

    console = Console(file=file, force_jupyter=False)
    if console.is_terminal:
        _print(page, console)
    else:
        console.file.write(render(page))


def to_json(page: Page) -> str:
    """The document of *page* as text; the same bytes for the same result."""
    return json.dumps(page.document, indent=2, default=_plain, ensure_ascii=False, allow_nan=False) + "\n"


def write(
    page: FiledPage, folder: str | Path = "results", *, argv: Sequence[str] = (), overwrite: bool = False
) -> Path:
    """Write *page* to ``<folder>/<name>-<key>`` as a whole or not at all; that folder's path.

    What is there is replaced by the same result, by another only with *overwrite*; files that others put
    there stay.

    Args:
        page: its JSON, its tables as CSV, its figures, the resolved configuration, and a manifest.
        folder: of the results; made if it is not there.
        argv: the command that ran, for the manifest.
        overwrite: replace a different result.

    Raises:
        ConfigError: if the folder cannot be written, or holds something else.
    """
    target = Path(folder) / page.folder_name
    fill = partial(_fill, page, argv)
    put_folder(target, page.file, to_json(page), fill, overwrite=overwrite, what=page.kind)
    return target


def _print(page: Page, console: Console) -> None:
    for part in page.body:
        if isinstance(part, str):
            console.out(part, highlight=False)
        else:
            _print_section(part, console)
    for note in page.notes:
        console.print(note, highlight=False, markup=False)


def _print_section(section: Section, console: Console) -> None:
    first, *others = section.columns
    console.print(section.title, style="bold", highlight=False, markup=False)
    for columns in fitting(first, [column for column in others if not column.empty], console.width):
        console.print(table_of(columns, total=section.total))
        console.print()


def _fill(page: FiledPage, argv: Sequence[str], folder: Path) -> None:
    (folder / "config.resolved.yaml").write_text(dump_yaml(dict(page.config)), encoding="utf-8")
    write_manifest(folder, page.seed, argv)
    for name, rows in page.tables.items():
        write_csv(folder / f"{name}.csv", rows)
    with styled():
        for name, figure in page.figures():
            figure.savefig(folder / f"{name}.png")


def _plain(value: object) -> object:
    """What JSON does not know: a scalar of numpy."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
