"""Simulated beside published: the same places and parts on both sides; and energy beside time."""

from collections.abc import Iterator

import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes
from matplotlib.container import BarContainer

from accelsim.errors import ConfigError
from accelsim.report import comparison as report
from accelsim.report.comparison.published import PublishedQuantity
from tests.unit.small_comparison import small

EDP = {"RS": {"EDP": 2.0}, "half": {"EDP": 3.0}}
DRAM = {label: {"reads": 0.25, "writes": 0.75} for label in ("RS", "one", "half")}
ENERGY = {label: dict.fromkeys(("mac", "rf", "noc", "glb", "dram"), 1.0) for label in ("RS", "half")}


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def tops(ax: Axes) -> list[list[float]]:
    """Heights of the stacks, simulated and published."""
    groups = [group for group in ax.containers if isinstance(group, BarContainer)]
    sides = groups[: len(groups) // 2], groups[len(groups) // 2 :]
    return [[sum(bar.get_height() for bar in stack) for stack in zip(*side, strict=True)] for side in sides]


@pytest.mark.parametrize(
    "quantity, published", [("dram_words", DRAM), ("energy", ENERGY), ("edp_isca16", EDP)]
)
@pytest.mark.parametrize("baseline", ["RS", None])
def test_the_bars_are_what_was_simulated_and_published(
    quantity: PublishedQuantity, published: dict[str, dict[str, float]], baseline: str | None
) -> None:
    comparison = small().over(baseline)
    ours, theirs = tops(report.beside(comparison, quantity, published).draw())
    of_cost = {"energy": "energy", "dram_words": "dram_words", "edp_isca16": "edp_isca16"}[quantity]
    assert ours == pytest.approx([getattr(comparison.costs()[label], of_cost) for label in published])
    totals = [sum(parts.values()) for parts in published.values()]
    assert theirs == pytest.approx([total / (totals[0] if baseline else 1) for total in totals])


def test_the_table_has_both_sides_of_every_part_and_by_how_much_the_total_is_off() -> None:
    frame = report.beside(small().over(None), "dram_words", DRAM).to_frame()
    cost = small().cost("half")
    assert list(frame.index) == ["RS", "one", "half"]
    row = frame.loc["half"]
    assert row["writes", "simulated"] == cost.dram_writes
    assert row["writes", "published"] == 0.75
    assert row["total", "simulated"] == pytest.approx(cost.dram_words)
    assert row["total", "off [%]"] == pytest.approx((cost.dram_words / 1.0 - 1) * 100)


def test_a_single_part_is_its_own_total() -> None:
    frame = report.beside(small(), "edp_isca16", EDP).to_frame()
    assert list(frame.columns) == [("EDP", "simulated"), ("EDP", "published"), ("EDP", "off [%]")]
    assert frame.loc["half"]["EDP", "published"] == 1.5


def test_layers_of_several_results_are_in_the_unit_of_the_paper() -> None:
    result, parts = small()["RS"], ENERGY["RS"]
    found = report.beside_by_layer([result], 1000, "energy (nJ)", {"C1": parts, "C3": parts})
    ours, theirs = tops(found.draw())
    assert ours == pytest.approx([layer.total_pj / 1000 for layer in result.layers])
    assert theirs == [5.0, 5.0]


@pytest.mark.parametrize(
    "published, why",
    [
        ({"RSS": {"EDP": 1.0}}, "published labels must be of RS, one, half (got 'RSS')"),
        ({"none of it": {"EDP": 1.0}}, "published labels must be of RS, one, half (got 'none of it')"),
        ({"half": {"EDP": 1.0}}, "published labels must have the baseline, RS (got half)"),
        ({"RS": {"delay": 1.0}}, "published parts of RS must be EDP (got delay)"),
    ],
)
def test_what_is_on_one_side_only_is_refused(published: dict[str, dict[str, float]], why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        report.beside(small(), "edp_isca16", published)
    assert str(caught.value) == why


def test_numbers_do_not_overlap_however_long() -> None:
    long = {label: {"reads": 0.00123, "writes": 0.0} for label in DRAM}
    places = {f"L{at}": parts for at, parts in enumerate([*long.values()] * 3)}
    ax = report.Beside("words", places, places).draw()
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 18
    assert not any(one.overlaps(two) for at, one in enumerate(boxes) for two in boxes[:at])


def test_a_given_ax_is_drawn_on() -> None:
    _, ax = plt.subplots(layout="constrained")
    assert report.beside(small(), "edp_isca16", EDP).draw(ax) is ax
    assert report.energy_and_cycles(small(), ax) is ax
    assert len(plt.get_fignums()) == 1


def test_energy_stands_beside_cycles_over_the_same_baseline() -> None:
    costs = small().costs("C3")
    energy, cycles = tops(report.energy_and_cycles(small(), layer="C3"))
    assert energy == [cost.energy for cost in costs.values()]
    assert cycles == [cost.cycles_per_op for cost in costs.values()]
    assert (energy[0], cycles[0]) == (1, 1)


def test_energy_and_cycles_have_no_axis_in_common_without_a_baseline() -> None:
    with pytest.raises(
        ConfigError, match=r"^energy and cycles on one axis must be over a baseline \(got none\)$"
    ):
        report.energy_and_cycles(small().over(None))
