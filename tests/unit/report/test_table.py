"""Tables of a result: every number a reader sees is the result's, whatever the width."""

import io
import re
from dataclasses import replace

import pytest

from accelsim.report import render, run_page, show
from accelsim.report.table import run_notes
from accelsim.report.units import Scale, number, scale
from accelsim.stats import CAUSES, Actions
from tests.unit.small_run import small


def section(text: str, title: str) -> list[list[str]]:
    """The rows below *title* up to the next empty line, cells apart."""
    lines = iter(text.splitlines())
    assert any(title in line for line in lines), title
    rows: list[list[str]] = []
    for line in lines:
        if not line:
            return rows
        rows.append(re.split(r"\s{2,}", line.strip()))
    return rows


@pytest.mark.parametrize(
    "value, text",
    [
        (0, "0"),
        (1, "1.000"),
        (9.9996, "10.00"),
        (2663.139, "2663"),
        (123456.7, "123457"),
        (0.00123449, "0.001234"),
    ],
)
def test_a_number_has_four_digits_and_no_exponent(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    "unit, largest, expected",
    [
        ("pJ", 999, Scale(1, "pJ")),
        ("pJ", 1000, Scale(1e3, "nJ")),
        ("pJ", 2e9, Scale(1e9, "mJ")),
        ("pJ", 5e18, Scale(1e12, "J")),
        ("mac", 2e6, Scale(1e6, "MMAC")),
    ],
)
def test_the_scale_keeps_the_largest_below_a_thousand(unit: str, largest: float, expected: Scale) -> None:
    assert scale(unit, [1.0, largest]) == expected


def test_every_layer_and_the_total_have_a_row() -> None:
    rows = section(render(run_page(small())), "small: lenet5, batch 1, row_stationary on eyeriss")
    assert [row[0] for row in rows[2:]] == ["C1", "C3", "C5", "total"]


def test_the_summary_says_cycles_and_power() -> None:
    result = small()
    layer = result["C3"]
    (row,) = [row for row in section(render(run_page(result)), "small:") if row[0] == "C3"]
    assert row[1] == f"{layer.cycles:,}"
    assert row[-1] == number(layer.watts * 1e3)
    assert row[-2] == number(layer.gmacs_per_watt)


def test_a_column_for_each_cause_that_took_a_cycle() -> None:
    result = small()
    (total,) = [row for row in section(render(run_page(result)), "PE cycles by cause") if row[0] == "total"]
    took = [cause for cause in CAUSES if result.total.causes[cause]]
    assert len(total) == 1 + len(took) < 1 + len(CAUSES)
    assert sum(map(float, total[1:])) == pytest.approx(100, abs=0.05 * len(took))


def test_words_are_thousands_of_the_counts() -> None:
    result = small()
    (row,) = [row for row in section(render(run_page(result)), "Words on the chip") if row[0] == "C3"]
    actions = result["C3"].actions
    assert row[1] == number((actions["glb.read:ifmap"] + actions["glb.write:ifmap"]) / 1e3)
    assert row[-1] == number((actions["rf.read:psum"] + actions["rf.write:psum"]) / 1e3)
    weights = actions["rf.read:weight"] + actions["rf.write:weight"]
    assert row[-2] == number(weights / 1e3), "a gated read moves no word"


def test_many_words_are_counted_in_millions() -> None:
    many = replace(small()["C5"], actions=Actions({"dram.read:weight": 10**6}), dense_dram=Actions())
    result = replace(small(), layers=(many,))
    assert section(render(run_page(result)), "DRAM words, millions")[-1] == ["total", "1.000"]


def test_dram_words_stand_beside_those_without_coding() -> None:
    rows = section(render(run_page(small())), "DRAM words")
    assert rows[0] == ["layer", "ifmap", "ifmap", "weight", "psum", "psum"]
    assert rows[1] == ["uncoded", "uncoded"]


def test_relative_energy_has_no_watts() -> None:
    text = render(run_page(small("eyeriss_relative")))
    assert "GMACS/W" not in text and "mW" not in text
    assert "MAC/MAC" in text
    assert "The unit of energy is that of one MAC" in text


def test_the_notes_say_what_is_left_out() -> None:
    energy, glue = run_notes(small())
    assert energy.startswith("Energy: counts times the prices of horowitz_45nm. No clock and no leakage")
    assert glue == "Run in numpy outside the model, at no cycles and no energy: S2, S4."


@pytest.mark.parametrize("width", [40, 60, 79, 80, 120, 300])
def test_no_width_cuts_a_number(width: int) -> None:
    wide, narrow = render(run_page(small()), 300), render(run_page(small()), width)
    assert max(map(len, narrow.splitlines())) <= width
    assert "…" not in narrow
    numbers = r"[\d,]+\.?\d*"
    assert set(re.findall(numbers, wide)) == set(re.findall(numbers, narrow))


def test_show_writes_plain_text_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    file = io.StringIO()
    show(run_page(small()), file)
    assert file.getvalue() == render(run_page(small()))
    assert "\x1b" not in file.getvalue()


def test_show_fits_the_terminal_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    file = Terminal()
    show(run_page(small()), file)
    assert not re.search(r"\x1b\[[\d;]*3\d", file.getvalue()), "a colour was set"
    plain = re.sub(r"\x1b\[[\d;]*m", "", file.getvalue())
    assert max(len(line.rstrip()) for line in plain.splitlines()) <= 60
