"""Tables, files and figures of a comparison: every number is the comparison's, in every form."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

from accelsim.errors import ConfigError
from accelsim.report import comparison as report
from accelsim.report import comparison_page, render, show, to_json, write
from accelsim.report.comparison import page
from accelsim.report.comparison.bars import spoken
from accelsim.report.units import number
from accelsim.studies.comparison import Comparison
from tests.unit.small_comparison import fresh, small

VIEWS = [report.op_energy_by_component, report.op_energy_by_operand]
DRAWS = [*VIEWS, report.dram_words, report.edp]
RAN = ("RS", "one", "half")
FIGURES = {
    "dram_words.png",
    "edp.png",
    "energy_by_component.png",
    "energy_by_operand.png",
    "layers_by_component.png",
    "layers_by_operand.png",
}
FILES = {"comparison.csv", "comparison.json", "config.resolved.yaml", "manifest.json", *FIGURES}

Draw = Callable[..., Axes]


@pytest.fixture(autouse=True)
def figures() -> Iterator[None]:
    with plt.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take most of the time of writing; here there are none."""
    monkeypatch.setattr(page, "comparison_figures", lambda comparison: ())


def groups(ax: Axes) -> list[BarContainer]:
    return [group for group in ax.containers if isinstance(group, BarContainer)]


def stacks(ax: Axes) -> list[list[float]]:
    """Heights of the parts of every bar, from the bottom."""
    parts = [[bar.get_height() for bar in group] for group in groups(ax)]
    return [list(bar) for bar in zip(*parts, strict=True)]


def many(labels: int, name: str = "L{}") -> Comparison:
    """A comparison of so many labels, one of which was refused."""
    result, refused = small()["RS"], small().refusals["none of it"]
    outcomes: dict[str, Any] = {name.format(at): result for at in range(labels - 1)} | {"refused": refused}
    return replace(small(), outcomes=outcomes, baseline=next(iter(outcomes)))


# Figures


@pytest.mark.parametrize("draw", VIEWS)
@pytest.mark.parametrize("baseline", ["one", None])
def test_the_parts_of_a_bar_sum_to_the_energy_per_op(draw: Draw, baseline: str | None) -> None:
    comparison = small().over(baseline)
    ax = draw(comparison)
    assert ax.get_ylabel() == "energy per op" + (", normalised" if baseline else " (pJ)")
    energy = [comparison.costs()[label].energy for label in RAN]
    assert [sum(bar) for bar in stacks(ax)] == pytest.approx(energy, rel=1e-12)


@pytest.mark.parametrize("draw", [*VIEWS, report.dram_words])
def test_a_bar_stands_without_gaps(draw: Draw) -> None:
    for bars in zip(*groups(draw(small())), strict=True):
        top = 0.0
        for bar in bars:
            assert bar.get_y() == pytest.approx(top)
            top = bar.get_y() + bar.get_height()


def test_both_views_have_the_same_scale() -> None:
    one, two = (draw(small()) for draw in VIEWS)
    assert one.get_ylim() == pytest.approx(two.get_ylim())
    assert [round(bar.get_x(), 9) for bar in groups(one)[0]] == [
        round(bar.get_x(), 9) for bar in groups(two)[0]
    ]


def test_dram_words_are_read_by_operand_and_written() -> None:
    ax = report.dram_words(small().over(None))
    assert ax.get_ylabel() == "DRAM accesses per op (words)"
    assert [group.get_label() for group in groups(ax)] == ["ifmap reads", "weight reads", "ofmap writes"]
    cost = small().cost("half")
    parts = [cost.dram_reads["ifmap"], cost.dram_reads["weight"], cost.dram_writes]
    assert stacks(ax)[2] == pytest.approx(parts, rel=1e-12)
    assert {bar.get_hatch() for bar in groups(ax)[-1]} != {""}


def test_edp_has_a_bar_for_each_delay_side_by_side() -> None:
    ax = report.edp(small())
    costs = small().costs()
    simulated, active = groups(ax)
    assert [bar.get_height() for bar in simulated] == [costs[label].edp for label in RAN]
    assert [bar.get_height() for bar in active] == [costs[label].edp_isca16 for label in RAN]
    for left, right in zip(simulated, active, strict=True):
        assert left.get_x() + left.get_width() == pytest.approx(right.get_x())
    assert report.edp(small("eyeriss_relative").over(None)).get_ylabel() == "EDP per op (MAC cycles)"


@pytest.mark.parametrize("draw", DRAWS)
def test_a_refused_label_keeps_its_place_and_says_so(draw: Draw) -> None:
    ax = draw(small())
    names = [" ".join(tick.get_text().split()) for tick in ax.get_xticklabels()]
    assert names == ["RS", "one", "none of it", "half"]
    (word,) = [text for text in ax.texts if text.get_text().strip() == "refused"]
    assert word.get_position() == (2, 0)
    centres = [bar.get_x() + bar.get_width() / 2 for bar in groups(ax)[0]]
    assert [round(at) for at in centres] == [0, 1, 3]


@pytest.mark.parametrize("draw", DRAWS)
def test_a_given_ax_is_drawn_on_and_the_figure_left_alone(draw: Draw) -> None:
    _, ax = plt.subplots(layout="constrained")
    assert draw(small(), ax, layer="C3") is ax
    assert "An op is a MAC; RS is 1." in ax.get_xlabel().replace("\n", " ")
    assert ax.figure.get_supxlabel() == ""
    assert len(plt.get_fignums()) == 1


def test_a_layer_that_the_baseline_did_not_run_has_no_bar() -> None:
    one = replace(small()["RS"], layers=(small()["RS"]["C1"],))
    comparison = replace(small(), outcomes={"RS": one, "half": small()["half"]}, baseline="RS")
    figure = report.energy_by_layer(comparison, "component")
    words = [[text.get_text().strip() for text in ax.texts if text.get_rotation()] for ax in figure.axes]
    assert words == [[], ["not run", "not run"], []]
    assert groups(report.edp(comparison, layer="C3"))[0].patches == []


def test_every_bar_has_its_number() -> None:
    ax = report.op_energy_by_component(small())
    costs = small().costs()
    shown = {text.get_text() for text in ax.texts} - {" refused"}
    assert shown == {f"{costs[label].energy:#.3g}" for label in RAN}


def overlap(figure: Figure, ax: Axes) -> bool:
    """Whether any two texts on or below *ax* cover each other."""
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in (*ax.texts, *ax.get_xticklabels()) if text.get_text()]
    return any(one.overlaps(two) for at, one in enumerate(boxes) for two in boxes[:at])


@pytest.mark.parametrize("labels, name", [(2, "L{}"), (8, "output_stationary_moc_{}"), (12, "L{}")])
def test_nothing_overlaps(labels: int, name: str) -> None:
    for title, figure in report.comparison_figures(many(labels, name)):
        for ax in figure.axes:
            assert not overlap(figure, ax), title


def test_a_panel_for_each_layer_and_the_total_on_one_scale() -> None:
    figure = report.energy_by_layer(small(), "operand")
    assert [ax.get_title() for ax in figure.axes] == ["C1", "C3", "total"]
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    for ax in figure.axes:
        energy = [small().costs(ax.get_title())[label].energy for label in RAN]
        assert [sum(bar) for bar in stacks(ax)] == pytest.approx(energy, rel=1e-12)


def test_the_caption_says_what_is_1_and_every_price() -> None:
    figure = dict(report.comparison_figures(small()))["energy_by_component"]
    text = figure.get_supxlabel().replace("\n", " ")
    assert text.startswith(
        "An op is a MAC; RS is 1. Prices of horowitz_45nm in pJ per word or operation: ALU"
    )
    assert text.endswith("No clock and no leakage energy.")
    assert text.count("Prices of") == 1


def test_where_prices_differ_the_caption_says_whose_they_are() -> None:
    half = small()["half"]
    layers = [
        replace(layer, prices={name: price / 2 for name, price in layer.prices.items()})
        for layer in half.layers
    ]
    outcomes = {**small().outcomes, "half": replace(half, layers=tuple(layers))}
    figure = dict(report.comparison_figures(replace(small(), outcomes=outcomes)))["edp"]
    text = figure.get_supxlabel().replace("\n", " ")
    assert "RS, one: Prices of" in text
    assert "half: Prices of" in text


def test_figures_for_files_open_no_window_and_single_layers_have_no_grid() -> None:
    names = {f"{name}.png" for name, _ in report.comparison_figures(small())}
    assert names == FIGURES
    first = {label: replace(r, layers=r.layers[:1]) for label, r in small().results.items()}
    names = {f"{name}.png" for name, _ in report.comparison_figures(replace(small(), outcomes=first))}
    assert names == {name for name in FIGURES if not name.startswith("layers")}
    assert plt.get_fignums() == []


def test_a_name_of_a_file_is_told_in_words() -> None:
    assert spoken("output_stationary_soc_mop") == "output stationary soc mop"


# Tables


def section(text: str, title: str) -> dict[str, list[str]]:
    """The lines below *title* up to the next empty one, cells apart, by label."""
    lines = iter(text.splitlines())
    assert any(line == title for line in lines), title
    rows = {}
    for line in lines:
        if not line:
            break
        label, *cells = re.split(r"\s{2,}", line.strip())
        rows[label] = cells
    return rows


def test_the_summary_has_a_line_for_each_label_that_ran() -> None:
    rows = section(render(comparison_page(small())), "small: all layers")
    cost, result = small().cost("half"), small()["half"]
    assert [label for label in rows if label in small().outcomes] == list(RAN)
    assert rows["half"] == [
        f"{result.total.cycles:,}",
        number(cost.latency_ms),
        f"{100 * cost.utilisation:.1f}",
        f"{cost.active_pes} of 84",
        number(cost.dram_words),
        number(cost.energy),
        number(cost.edp),
        number(cost.edp_isca16),
    ]


@pytest.mark.parametrize("baseline, scale", [("RS", "RS = 1"), (None, "pJ")])
def test_parts_stand_beside_their_total(baseline: str | None, scale: str) -> None:
    comparison = small().over(baseline)
    text = render(comparison_page(comparison))
    for view in ("component", "operand"):
        *parts, total = section(text, f"Energy per op by {view}, {scale}")["one"]
        assert total == number(comparison.costs()["one"].energy)
        assert sum(map(float, parts)) == pytest.approx(float(total), rel=1e-3)
    *parts, total = section(text, f"DRAM accesses per op, {scale if baseline else 'words'}")["one"]
    assert sum(map(float, parts)) == pytest.approx(float(total), rel=1e-3)


def test_ratios_are_shown_only_over_a_baseline() -> None:
    assert section(render(comparison_page(small())), "All layers, RS = 1")["RS"] == ["1.000"] * 7
    assert "= 1" not in render(comparison_page(small().over(None)))


@pytest.mark.parametrize("baseline, scale", [("RS", ", RS = 1"), (None, "")])
def test_by_layer_there_is_a_table_for_each_quantity(baseline: str | None, scale: str) -> None:
    comparison = small().over(baseline)
    text = render(comparison_page(comparison, layers=True))
    cycles = section(text, f"By layer: cycles{scale}")["one"]
    expected = [comparison.costs(layer)["one"].cycles for layer in comparison.layers]
    assert cycles == [number(n) if baseline else f"{n:,}" for n in expected]
    assert "By layer" not in render(comparison_page(comparison))
    assert len(re.findall("^By layer", text, re.MULTILINE)) == 7


def test_refusals_and_what_is_left_out_are_told() -> None:
    text = render(comparison_page(small()), 200)
    assert "\nnone of it: refused: C1 must have a legal mapping; the smallest breaks GLB, psums:" in text
    assert "No clock and no leakage energy" in text
    assert text.count("Run in numpy outside the model, at no cycles and no energy: S2.") == 1


@pytest.mark.parametrize("width", [40, 79, 100, 200])
def test_no_width_cuts_a_number(width: int) -> None:
    wide, narrow = (
        render(comparison_page(small(), layers=True), 300),
        render(comparison_page(small(), layers=True), width),
    )
    assert max(map(len, narrow.splitlines())) <= width
    assert "…" not in narrow
    numbers = r"[\d,]+\.?\d*"
    assert set(re.findall(numbers, wide)) == set(re.findall(numbers, narrow))


def test_up_to_eight_short_labels_fit_100_columns() -> None:
    lines = render(comparison_page(many(8))).splitlines()
    head = next(line for line in lines if "cycles" in line)
    assert "utilisation" in head and head.count("EDP") == 2


def test_show_writes_plain_text_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    file = io.StringIO()
    show(comparison_page(small()), file)
    assert file.getvalue() == render(comparison_page(small()))
    assert "\x1b" not in file.getvalue()


# Files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(
        comparison_page(small()),
        tmp_path_factory.mktemp("results"),
        argv=["accelsim", "compare", "small.yaml"],
    )


def test_a_folder_holds_all(folder: Path) -> None:
    assert folder.name == f"small-{comparison_page(small()).key}"
    assert {path.name for path in folder.iterdir()} == FILES
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in FIGURES)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["argv"] == ["accelsim", "compare", "small.yaml"]


def test_csv_has_the_rows_of_the_comparison(folder: Path) -> None:
    with (folder / "comparison.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    expected = [{k: "" if v is None else str(v) for k, v in row.items()} for row in small().rows()]
    assert rows == expected


def test_json_has_the_rows_and_what_stands_behind_them(folder: Path) -> None:
    document = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    assert document["rows"] == list(small().rows())
    assert document["normalised_to"] == "RS"
    assert list(document["refused"]) == ["none of it"]
    assert list(document["runs"]) == list(RAN)
    layer = document["runs"]["half"]["layers"]["C3"]
    assert layer["words"] == small()["half"]["C3"].actions
    assert layer["mapping"] == dict(small()["half"]["C3"].choice)
    assert document["config"]["compare"]["half"]["arch"]["array"]["rows"] == 6


def test_the_key_is_of_the_runs_their_order_and_what_is_1() -> None:
    comparison = small()
    turned = replace(comparison, outcomes=dict(reversed(comparison.outcomes.items())))
    keys = {
        comparison_page(one).key
        for one in (comparison, turned, comparison.over("one"), comparison.over(None))
    }
    assert len(keys) == 4
    assert comparison_page(fresh()).key == comparison_page(comparison).key
    assert to_json(comparison_page(fresh())) == to_json(comparison_page(comparison))


def test_the_same_comparison_refreshes_the_folder(tmp_path: Path, drawn: None) -> None:
    target = write(comparison_page(small()), tmp_path)
    (target / "notes.txt").write_text("mine")
    (target / "comparison.csv").write_text("spoilt")
    assert write(comparison_page(small()), tmp_path) == target
    assert (target / "notes.txt").exists()
    assert (target / "comparison.csv").read_text().startswith("label,layer,")


def test_another_comparison_is_refused_and_left(tmp_path: Path, drawn: None) -> None:
    target = write(comparison_page(small()), tmp_path)
    (target / "comparison.json").write_text("{}")
    with pytest.raises(ConfigError) as caught:
        write(comparison_page(small()), tmp_path)
    assert str(caught.value) == (
        f"{target}: must hold the same comparison, or be overwritten on purpose (got another one)"
    )
    assert (target / "comparison.json").read_text() == "{}"
    write(comparison_page(small()), tmp_path, overwrite=True)
    assert (target / "comparison.json").read_text(encoding="utf-8") == to_json(comparison_page(small()))
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(comparison: Comparison) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr(page, "comparison_figures", fail)
    with pytest.raises(RuntimeError, match="no ink"):
        write(comparison_page(small()), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    with pytest.raises(ConfigError, match=r": cannot write results \(File exists\)$"):
        write(comparison_page(small()), tmp_path / "results")


def test_importing_reports_loads_no_plots_and_no_frames() -> None:
    code = (
        "import sys, accelsim.report.comparison, accelsim.studies.comparing;"
        "print({'matplotlib', 'pandas', 'rich'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"
