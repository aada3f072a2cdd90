"""Figures of a result: parts of a bar sum to the whole, both views to the same."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.container import BarContainer

from accelsim.report import cycles_by_cause, energy_by_component, energy_by_operand, energy_figure
from accelsim.report.caption import caption
from accelsim.report.style import CAUSE_COLOURS, COLOURS, cause_label
from accelsim.stats import CAUSES
from tests.unit.small_run import small

VIEWS = [energy_by_component, energy_by_operand]


@pytest.fixture(autouse=True)
def figures() -> Iterator[None]:
    with plt.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def stacks(ax: Axes) -> list[list[float]]:
    """Heights of the parts of every bar, from the bottom."""
    parts = [[patch.get_height() for patch in c] for c in ax.containers if isinstance(c, BarContainer)]
    return [list(bar) for bar in zip(*parts, strict=True)]


@pytest.mark.parametrize("view", VIEWS)
def test_the_parts_of_a_bar_sum_to_the_energy_of_the_layer(view: Callable[..., Axes]) -> None:
    result = small()
    ax = view(result)
    assert ax.get_ylabel() == "energy (µJ)"
    picojoules = [sum(bar) * 1e6 for bar in stacks(ax)]
    assert picojoules == pytest.approx([layer.total_pj for layer in result.layers], rel=1e-12)


@pytest.mark.parametrize("view", VIEWS)
def test_per_mac_the_parts_sum_to_pj_per_mac_and_the_total_comes_last(view: Callable[..., Axes]) -> None:
    result = small()
    ax = view(result, per_mac=True)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["C1", "C3", "C5", "total"]
    layers = (*result.layers, result.total)
    assert [sum(bar) for bar in stacks(ax)] == pytest.approx([x.pj_per_mac for x in layers], rel=1e-12)


@pytest.mark.parametrize("view", VIEWS)
def test_a_bar_stands_without_gaps(view: Callable[..., Axes]) -> None:
    for bars in zip(*(c for c in view(small()).containers if isinstance(c, BarContainer)), strict=True):
        top = 0.0
        for bar in bars:
            assert bar.get_y() == pytest.approx(top)
            top = bar.get_y() + bar.get_height()


def test_both_views_have_the_same_scale() -> None:
    one, two = (view(small()) for view in VIEWS)
    assert one.get_ylim() == pytest.approx(two.get_ylim())


def test_the_legend_is_ordered_like_the_stack() -> None:
    for view, labels in (
        (energy_by_component, ["DRAM", "GLB", "NoC", "RF", "ALU"]),
        (energy_by_operand, ["MAC", "psum", "weight", "ifmap"]),
    ):
        legend = view(small()).get_legend()
        assert legend is not None
        assert [text.get_text() for text in legend.get_texts()] == labels


def test_a_given_ax_is_drawn_on() -> None:
    _, ax = plt.subplots()
    assert energy_by_component(small(), ax) is ax
    assert "Prices of horowitz_45nm" in ax.get_xlabel()
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("width_in, degrees", [(2.5, 90), (7.0, 0)])
def test_names_stand_upright_where_they_would_touch(width_in: float, degrees: float) -> None:
    _, ax = plt.subplots(figsize=(width_in, 2), layout="constrained")
    energy_by_component(small(), ax, per_mac=True)
    assert {label.get_rotation() for label in ax.get_xticklabels()} == {degrees}


def test_the_caption_says_every_price() -> None:
    text = caption(small())
    assert text == (
        "Prices of horowitz_45nm in pJ per word or operation: ALU 0.84 (add 0.05), codec 0.03, RF 0.5,"
        " NoC 1, GLB 2.5 (psum/ifmap 8.487), DRAM 325. No clock and no leakage energy."
    )


def test_relative_energy_is_labelled_so() -> None:
    assert energy_by_operand(small("eyeriss_relative")).get_ylabel() == "energy (of 10⁶ MACs)"
    assert energy_by_operand(small("eyeriss_relative"), per_mac=True).get_ylabel() == (
        "energy per MAC (of 1 MAC)"
    )


def test_causes_that_took_cycles_fill_the_bar() -> None:
    result = small()
    ax = cycles_by_cause(result)
    assert [sum(bar) for bar in stacks(ax)] == pytest.approx([100] * 4)
    legend = ax.get_legend()
    assert legend is not None
    shown = [text.get_text() for text in legend.get_texts()][::-1]
    assert shown == [cause_label(cause) for cause in CAUSES if result.total.causes[cause]]


def test_no_two_things_share_a_colour() -> None:
    assert set(CAUSE_COLOURS) == set(CAUSES)
    assert len(set(COLOURS.values())) == len(COLOURS)
    assert len(set(CAUSE_COLOURS.values())) == len(CAUSE_COLOURS)


def test_the_paper_figure_shows_both_and_opens_no_window() -> None:
    figure = energy_figure(small(), "component")
    left, right = figure.axes
    assert (len(stacks(left)), len(stacks(right))) == (3, 4)
    assert plt.get_fignums() == []


def test_importing_reports_loads_no_plots_and_no_frames() -> None:
    code = (
        "import sys, accelsim.report, accelsim.run.experiment;"
        "print({'matplotlib', 'pandas', 'rich'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"
