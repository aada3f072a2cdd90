"""Tables, files and figures of what zeros save: every number is that of the gains, in every form."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.container import BarContainer

from accelsim.report import render, run_page, show, sparsity_page, write
from accelsim.report import sparsity as report
from accelsim.report.sparsity.figures import SLOT_COLOURS, sparsity_figures
from accelsim.report.table import run_notes
from accelsim.report.units import number
from accelsim.run.result import LayerResult
from accelsim.stats import CAUSES, Actions
from accelsim.studies.comparison import Refusal
from accelsim.studies.sparsity import Gains, Sweep, SweepPoint
from accelsim.studies.sparsity.layer import busy_cycles
from tests.unit.small_gains import small, swept

FIGURES = {"speedup.png", "pe_cycles.png", "busy_map.png", "sweep.png"}
FILES = {"sparsity.json", "layers.csv", "sweep.csv", "config.resolved.yaml", "manifest.json", *FIGURES}

NUMBER = re.compile(r"\d[\d,]*\.?\d*")


@pytest.fixture(autouse=True)
def figures() -> Iterator[None]:
    with plt.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def groups(ax: Axes) -> list[BarContainer]:
    return [group for group in ax.containers if isinstance(group, BarContainer)]


def many(layers: int) -> Gains:
    """Gains of so many layers."""
    one = small().layers[0]
    made = tuple(replace(one, own=replace(one.own, name=f"CONV{at}_1")) for at in range(layers))
    dense = (one.dense,) * layers
    own = replace(small().own, layers=tuple(gain.own for gain in made))
    return Gains(own, replace(small().dense, layers=dense), made)


def without_macs() -> Gains:
    """Gains of a layer that zeros leave nothing of."""
    (one, *_) = small().layers
    actions = one.own.actions.copy()
    actions["mac.skipped:psum"] += actions.pop("mac.multiply_add:psum") + actions.pop("mac.gated:psum", 0)
    causes = {**one.own.causes, "busy.mac": 0, "idle": one.own.causes["idle"] + one.own.causes["busy.mac"]}
    own = replace(one.own, actions=actions, causes=causes, cause_map=np.zeros((len(CAUSES), 168), np.int64))
    results = (replace(small().own, layers=(own,)), replace(small().dense, layers=(one.dense,)))
    return Gains(*results, (replace(one, own=own, imbalance=0),))


def crossing() -> Sweep:
    """A sweep whose lines cross 1: the dense run of the last density takes half of everything."""
    *points, last = swept().points
    assert isinstance(last.outcome, Gains)
    halves = tuple(map(_half, last.outcome.dense.layers))
    dense = replace(last.outcome.dense, layers=halves)
    layers = (replace(gain, dense=half) for gain, half in zip(last.outcome.layers, halves, strict=True))
    outcome = Gains(last.outcome.own, dense, tuple(layers))
    return replace(swept(), points=(*points, replace(last, outcome=outcome)))


def _half(layer: LayerResult) -> LayerResult:
    actions = Actions({name: count // 2 for name, count in layer.actions.items()})
    energy = {name: energy / 2 for name, energy in layer.energy_pj.items()}
    return replace(layer, cycles=layer.cycles // 2, actions=actions, energy_pj=energy)


# Figures


def test_speedup_stands_between_dense_and_ideal() -> None:
    ax = report.speedup(small())
    gains = (*small().layers, small().total)
    dense, simulated, ideal = ([bar.get_height() for bar in group] for group in groups(ax))
    assert dense == [1, 1, 1]
    assert simulated == [gain.speedup for gain in gains]
    assert ideal == [gain.ideal_speedup for gain in gains]
    ticks = [float(line.get_ydata()[0]) for line in ax.lines]
    assert ticks == [1 / gain.work for gain in gains]
    shown = {text.get_text().strip() for text in ax.texts}
    assert shown == {number(value) for value in simulated + ideal}
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["A", "B", "total"]


def test_without_a_mac_the_ideal_has_no_bar_but_a_word() -> None:
    ax = report.speedup(without_macs())
    assert [text.get_text().strip() for text in ax.texts if "bound" in text.get_text()] == ["no bound"] * 2
    assert list(ax.lines) == []


@pytest.mark.parametrize("lanes", [1, 3])
def test_pe_cycles_fill_the_dense_bar_and_their_share_beside_it(lanes: int) -> None:
    gains = small(lanes)
    ax = report.pe_cycles(gains)
    parts = groups(ax)
    assert len(parts) % 2 == 0
    heights = [[bar.get_height() for bar in group] for group in parts]
    for side, expected in (
        (heights[: len(parts) // 2], [100, 100, 100]),
        (heights[len(parts) // 2 :], [100 * gain.cycles_ratio for gain in (*gains.layers, gains.total)]),
    ):
        assert [sum(bar) for bar in zip(*side, strict=True)] == pytest.approx(expected, rel=1e-9)
    legend = ax.get_legend()
    assert legend is not None
    labels = [text.get_text() for text in legend.get_texts()]
    assert len(labels) == len(set(labels)) == len(parts) // 2
    assert ("idle lanes" in labels) == (lanes > 1)


def test_no_two_things_share_a_colour() -> None:
    shown = {name: colour for name, colour in SLOT_COLOURS.items() if name != "busy.mac"}
    assert len(set(shown.values())) == len(shown)


def test_a_map_shows_every_pe_where_it_sits() -> None:
    figure = report.busy_map(small())
    panels = [ax for ax in figure.axes if ax.images]
    for ax, gain in zip(panels, small().layers, strict=True):
        (image,) = ax.images
        shares = 100 * busy_cycles(gain.own).reshape(12, 14) / gain.own.cycles
        assert np.array_equal(np.asarray(image.get_array()), shares)
        assert ax.get_title() == f"{gain.name}, mean {shares.mean():.1f} %"
    assert len({ax.images[0].get_clim() for ax in panels}) == 1


def test_a_sweep_has_a_line_a_quantity_and_marks_crossovers() -> None:
    sweep = crossing()
    ax = report.sweep_figure(sweep)
    lines = {str(line.get_label()): line for line in ax.lines}
    assert set(lines) == {"dense", "cycles", "energy", "ideal cycles"}
    for quantity, found in sweep.crossovers().items():
        xy = np.column_stack([lines[quantity].get_xdata(), lines[quantity].get_ydata()])
        assert xy.tolist() == [list(pair) for pair in sweep.ratios(quantity)]
        assert found.density is not None
        assert f"{found.density:.3g}" in {text.get_text() for text in ax.texts}
    assert ax.get_xlabel() == "density of weights and ifmaps"


def overlap(ax: Axes) -> bool:
    """Whether any two texts on or below *ax* cover each other, once it is drawn."""
    boxes = [text.get_window_extent() for text in (*ax.texts, *ax.get_xticklabels()) if text.get_text()]
    return any(one.overlaps(two) for at, one in enumerate(boxes) for two in boxes[:at])


@pytest.mark.parametrize("gains", [small, partial(many, 10), without_macs])
def test_nothing_overlaps_and_no_window_opens(gains: Callable[[], Gains]) -> None:
    for title, figure in sparsity_figures(gains(), crossing()):
        figure.draw_without_rendering()
        for ax in figure.axes:
            assert not overlap(ax), title
    assert plt.get_fignums() == []


def test_a_given_ax_is_drawn_on() -> None:
    _, ax = plt.subplots()
    assert report.speedup(small(), ax) is ax
    assert len(plt.get_fignums()) == 1


# Tables


def section(text: str, title: str) -> dict[str, list[str]]:
    """The lines below *title* up to the next empty one, cells apart, by their first."""
    lines = iter(text.splitlines())
    assert any(title in line for line in lines), title
    rows = {}
    for line in lines:
        if not line:
            break
        label, *cells = re.split(r"\s{2,}", line.strip())
        rows[label] = cells
    return rows


@pytest.mark.parametrize("layer", ["A", "B", "total"])
def test_the_summary_has_the_numbers_of_the_gain(layer: str) -> None:
    gain = small()[layer]
    row = section(render(sparsity_page(small())), "against dense")[layer]
    assert row[:5] == [
        f"{100 * gain.work:.1f}",
        f"{gain.dense.cycles:,}",
        f"{gain.own.cycles:,}",
        number(gain.speedup),
        number(gain.ideal_speedup),
    ]
    assert row[-2:] == [number(gain.energy_ratio), f"{100 * gain.imbalance_share:.1f}"]


@pytest.mark.parametrize("title", ["PE cycles, %", "PE cycles of the dense run, %"])
def test_shares_of_pe_cycles_sum_to_all(title: str) -> None:
    for cells in list(section(render(sparsity_page(small(3))), title).values())[-3:]:
        assert sum(map(float, cells)) == pytest.approx(100, abs=0.05 * len(cells))


def test_lanes_are_told_where_there_are_several() -> None:
    assert "% of those of 168 PEs of 3 lanes\n" in render(sparsity_page(small(3)))
    assert "lanes" not in render(sparsity_page(small())).split("Dense: ")[0]


def test_bits_per_value_stand_by_operand_and_level() -> None:
    row = section(render(sparsity_page(small())), "Bits per value")["total"]
    codings = [small().total.coding(*at) for at in (("ifmap", "dram"), ("weight", "dram"), ("weight", "glb"))]
    assert row[:3] == [number(coding.bits_per_value) for coding in codings if coding]
    assert "Bits per value" not in render(
        sparsity_page(replace(small(), layers=tuple(map(_uncoded, small().layers))))
    )


def _uncoded(gain):  # type: ignore[no-untyped-def]
    return replace(gain, codings=())


def test_a_sweep_has_a_line_for_each_density_and_its_crossovers() -> None:
    text = render(sparsity_page(small(), crossing()))
    rows = section(text, "small: all layers by density")
    assert rows["0.2"][-3:] == [
        number(crossing().ratios("cycles")[0][1]),
        number(crossing().ideal()[0][1]),
        number(crossing().ratios("energy")[0][1]),
    ]
    found = section(text, "takes less than the dense run")
    assert found["total"] == [str(one) for one in crossing().crossovers().values()]


def test_a_refused_density_says_why() -> None:
    refused = SweepPoint(0.9, 0.8, 0.9, Refusal("no room"))
    text = render(sparsity_page(small(), replace(swept(), points=(*swept().points, refused))))
    assert section(text, "all layers by density")["0.9"] == ["0.8000", "0.9000", "-", "-", "-", "-"]
    assert "\ndensity 0.9: refused: no room\n" in text


def overflown() -> Gains:
    """Gains whose first layer was planned anew."""
    one, *others = small().layers
    grown = replace(one.own, overflowed=True, planned={"ifmap": 1.0, "weight": 2.5})
    own = replace(small().own, layers=(grown, *(gain.own for gain in others)))
    return Gains(own, small().dense, (replace(one, own=grown), *others))


def test_what_was_planned_anew_is_told() -> None:
    line = "Planned anew, as coded words took more than their planned share: A (weight 2.500 for 2)."
    assert line in render(sparsity_page(overflown()))
    assert line in run_notes(overflown().own)
    assert not any("Planned anew" in note for note in run_notes(small().own))
    point = replace(swept().points[0], outcome=overflown())
    told = render(sparsity_page(small(), replace(swept(), points=(point,))))
    assert "density 0.2: planned anew, as coded words overflowed: A." in told


def test_a_run_tells_what_became_of_its_macs() -> None:
    rows = section(render(run_page(small().own)), "MACs by what values did to them, thousands")
    own = small()["A"].own
    done, skipped = own.actions["mac.multiply_add:psum"], own.actions["mac.skipped:psum"]
    assert rows["A"][:3] == [number(count / 1e3) for count in (own.macs, done, skipped)]
    assert "MACs by what" not in render(run_page(small().dense))


@pytest.mark.parametrize("width", [40, 79, 200])
def test_no_width_cuts_a_number(width: int) -> None:
    wide, narrow = (render(sparsity_page(small(3), swept()), size) for size in (300, width))
    assert max(map(len, narrow.splitlines())) <= width
    assert "…" not in narrow
    assert set(NUMBER.findall(wide)) == set(NUMBER.findall(narrow))


def test_show_writes_plain_text_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    file = io.StringIO()
    show(sparsity_page(small(), swept()), file)
    assert file.getvalue() == render(sparsity_page(small(), swept()))


# Files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    argv = ["accelsim", "sparsity", "small.yaml"]
    return write(sparsity_page(small(), swept()), tmp_path_factory.mktemp("results"), argv=argv)


def test_a_folder_holds_all(folder: Path) -> None:
    assert folder.name == f"small-{sparsity_page(small(), swept()).key}"
    assert {path.name for path in folder.iterdir()} == FILES
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in FIGURES)


def test_csv_has_the_rows(folder: Path) -> None:
    for name, rows in (("layers.csv", small().rows()), ("sweep.csv", swept().rows())):
        with (folder / name).open(newline="", encoding="utf-8") as file:
            found = list(csv.DictReader(file))
        assert found == [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]


def test_json_has_the_rows_and_the_crossovers(folder: Path) -> None:
    document = json.loads((folder / "sparsity.json").read_text(encoding="utf-8"))
    assert document["rows"] == list(small().rows())
    assert document["sweep"]["rows"] == list(swept().rows())
    assert len(document["sweep"]["crossovers"]) == 2 * len(swept().layers)
    assert document["config"]["arch"]["sparsity"]["skip"] == "both"
    assert document["mapping"]["A"] == dict(small()["A"].own.choice)


def test_the_key_is_of_the_run_and_of_the_densities() -> None:
    fewer = replace(swept(), points=swept().points[:1])
    keys = {
        sparsity_page(small()).key,
        sparsity_page(small(), swept()).key,
        sparsity_page(small(), fewer).key,
        sparsity_page(small(3)).key,
    }
    assert len(keys) == 4


def test_importing_reports_loads_no_plots_and_no_frames() -> None:
    code = "import sys, accelsim.report.sparsity; print({'matplotlib', 'pandas', 'rich'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"
