"""A page: one way to show it, to write it, and to turn it into JSON, whatever it is about."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from accelsim.report import FiledPage, Page, render, show, to_json, write
from accelsim.report.columns import Column, Section

LONG = "word " * 30


def table(*columns: Column, total: bool = False) -> Section:
    return Section("title", (Column("", "", ("a", "b")), *columns), total)


def page(*body: Section | str, **more: object) -> Page:
    return replace(Page(body=body, document={}), **more)  # type: ignore[arg-type]


def filed() -> FiledPage:
    return FiledPage(
        body=("text",),
        document={"n": np.int64(3)},
        name="my run/1",
        key="0a",
        kind="sum",
        file="sum.json",
        config={"name": "x"},
        seed=7,
        tables={"rows": [{"a": 1, "b": 2}]},
        figures=lambda: (),
    )


def test_text_stands_as_it_is_and_notes_are_wrapped() -> None:
    assert render(page(LONG), 40) == LONG.rstrip() + "\n"
    assert render(page(f"{LONG}[bold]"), 40) == f"{LONG}[bold]\n"
    lines = render(page(notes=(LONG,)), 40).splitlines()
    assert " ".join(lines) == LONG.rstrip()
    assert max(map(len, lines)) <= 40


def test_columns_of_zeros_are_left_out() -> None:
    text = render(page(table(Column("none", "", ("0", "0")), Column("some", "", ("0", "1")))))
    assert "none" not in text
    assert text.splitlines() == ["title", "   some", "a     0", "b     1", ""]


def test_a_table_that_is_too_wide_is_printed_in_parts_that_each_name_the_rows() -> None:
    columns = [Column(f"column{i}", "", ("1", "2")) for i in range(6)]
    text = render(page(table(*columns)), 40)
    assert text.count("\na ") == text.count("\nb ") > 1
    assert max(map(len, text.splitlines())) <= 40


def test_a_page_is_as_wide_as_it_says_unless_it_is_asked() -> None:
    narrow = page(notes=(LONG,), width=30)
    assert render(narrow) == render(narrow, 30) != render(narrow, 60)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("total, bold", [(True, 2), (False, 1)])
def test_only_a_total_is_bold_beside_the_title(
    monkeypatch: pytest.MonkeyPatch, total: bool, bold: int
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    file = Terminal()
    show(page(table(Column("n", "", ("1", "2")), total=total)), file)
    assert sum("\x1b[1m" in line for line in file.getvalue().splitlines()) == bold


def test_json_has_numbers_of_numpy_and_nothing_else_that_is_not_json() -> None:
    assert json.loads(to_json(page(document={"n": np.int64(3), "x": np.float32(0.5)}))) == {"n": 3, "x": 0.5}
    with pytest.raises(TypeError, match="cannot write complex as JSON"):
        to_json(page(document={"x": 1j}))
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(page(document={"x": float("nan")}))


def test_a_folder_has_the_json_the_tables_and_what_runs_it_again(tmp_path: Path) -> None:
    target = write(filed(), tmp_path, argv=["x", "y"])
    assert target == tmp_path / "my-run-1-0a"
    assert {path.name for path in target.iterdir()} == {
        "sum.json",
        "rows.csv",
        "config.resolved.yaml",
        "manifest.json",
    }
    assert (target / "sum.json").read_text(encoding="utf-8") == to_json(filed())
    assert (target / "rows.csv").read_text(encoding="utf-8") == "a,b\n1,2\n"
    assert (target / "config.resolved.yaml").read_text(encoding="utf-8") == "name: x\n"
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["seed"], manifest["argv"]) == (7, ["x", "y"])


def test_figures_are_drawn_only_when_they_are_written(tmp_path: Path) -> None:
    def draw() -> tuple[()]:
        raise RuntimeError("no ink")

    one = replace(filed(), figures=draw)
    assert render(one) == "text\n"
    with pytest.raises(RuntimeError, match="no ink"):
        write(one, tmp_path)
    assert list(tmp_path.iterdir()) == []
