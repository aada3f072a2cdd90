"""What is shown of schemes: parts of the arithmetic, rows, table, figures; and where a look-up table pays."""

import csv
import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.text import Text

from accelsim.config import build, find, load_yaml
from accelsim.energy import EnergyTable
from accelsim.energy.names import ARITHMETIC
from accelsim.errors import ConfigError
from accelsim.report import comparison_page, render, to_json, write
from accelsim.report.comparison import page
from accelsim.report.comparison.schemes.accuracy import accuracy_and_energy, pareto
from accelsim.report.comparison.schemes.costs import has_schemes, layer_costs, scheme_costs
from accelsim.report.comparison.schemes.figures import (
    all_scheme_figures,
    arithmetic_by_part,
    arithmetic_figure,
    weight_bits_figure,
)
from accelsim.report.comparison.schemes.parts import ARITHMETIC_PARTS, WORK, arithmetic_energy
from accelsim.report.comparison.schemes.placing import place
from accelsim.report.comparison.schemes.rows import SCHEME_UNITS, scheme_frame, scheme_rows
from accelsim.report.luts import lut_figure
from accelsim.studies import luts
from accelsim.studies.comparison import Comparison
from tests.unit.small_comparison import small
from tests.unit.small_schemes import IMAGES, MACS, MULTIPLY, layer, schemes

HOROWITZ, HAN = (
    build(load_yaml(find("energy", name)), EnergyTable) for name in ("horowitz_45nm", "han_45nm")
)


@pytest.fixture(autouse=True)
def figures() -> Iterator[None]:
    with plt.rc_context({"backend": "agg"}):
        yield
    plt.close("all")


def bars(ax: Axes) -> dict[str, list[float]]:
    """Heights by what the legend calls them."""
    groups = [group for group in ax.containers if isinstance(group, BarContainer)]
    return {str(group.get_label()): [bar.get_height() for bar in group] for group in groups}


# Parts of the arithmetic


def test_every_action_of_a_datapath_is_part_of_something() -> None:
    assert {name.partition(":")[0] for name in ARITHMETIC} == set(WORK)
    assert {work.part for work in WORK.values()} == set(ARITHMETIC_PARTS)


def test_a_mac_is_a_multiplication_and_an_addition() -> None:
    counts = {"mac.multiply_add:psum": 100, "mac.add:psum": 7, "rf.read:ifmap": 5}
    found = arithmetic_energy(layer("A", counts, MULTIPLY, scheme="int8", bits=(8, 8, 16)))
    # 100 x (0.25 - 0.05) and (100 + 7) x 0.05 pJ; the register file is the array's
    assert found == pytest.approx({"multiply": 20, "table": 0, "sign": 0, "count": 0, "add": 5.35})


@pytest.mark.parametrize(
    "counts, prices, parts",
    [
        ({"mac.lookup_add": 10, "mac.tabulate": 4}, (0.49, 1.2), {"table": 4.4 + 4.8, "add": 0.5}),
        ({"mac.scale_add": 10, "mac.level_add": 4}, (0.89, 0.05), {"multiply": 8.4, "add": 0.5 + 0.2}),
        ({"mac.flip_add": 10, "mac.merge": 4}, (0.08, 0.1), {"sign": 0.3 + 0.2, "add": 0.7}),
        ({"mac.xnor": 10, "mac.popcount": 4}, (0.01, 0.17), {"sign": 0.1, "count": 0.48, "add": 0.2}),
        (
            {"codec.lookup": 10, "mac.multiply_add": 4},
            (0.156, 0.84),
            {"table": 1.56, "multiply": 3.16, "add": 0.2},
        ),
        ({"mac.overhead_flip_add": 10, "mac.shift_add": 4}, (0.0, 0.12), {"sign": 0.28, "add": 0.2}),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_what_takes_the_place_of_a_multiplication_is_told_apart(
    counts: dict[str, int], prices: tuple[float, float], parts: dict[str, float]
) -> None:
    """An addition costs 0.05 pJ: the rest of what adds is the part's."""
    named = {f"{name}:{'weight' if name == 'codec.lookup' else 'psum'}": n for name, n in counts.items()}
    priced = dict(zip(named, prices, strict=True)) | {"mac.add:psum": 0.05}
    found = arithmetic_energy(layer("A", named, priced, scheme="x", bits=(8, 8, 16)))
    assert {name: energy for name, energy in found.items() if energy} == pytest.approx(parts)


def test_parts_sum_to_the_energy_of_macs_and_look_ups_of_codes() -> None:
    for result in schemes().results.values():
        for one in result.layers:
            macs = math.fsum(e for name, e in one.energy_pj.items() if name.startswith("mac."))
            assert math.fsum(arithmetic_energy(one).values()) == pytest.approx(macs, rel=1e-12)


# What an image costs


def test_an_image_costs_by_hand() -> None:
    """int8 in :mod:`tests.unit.small_schemes`, A and B together, two images."""
    cost = scheme_costs(schemes())["int8"]
    done = (1728 + 480) * 2 // 3  # MACs, two thirds of them
    arithmetic_pj = (done * 0.25 + 2 * 20 * 0.05) / IMAGES
    array_pj = 2 * (10 * 10.0 + 100 * 0.1) / IMAGES
    assert cost.arithmetic == pytest.approx(arithmetic_pj) == pytest.approx(185)
    assert cost.energy == pytest.approx(arithmetic_pj + array_pj) == pytest.approx(295)
    assert cost.array_share == pytest.approx(110 / 295)
    assert cost.arithmetic_per_mac == pytest.approx(185 / (864 + 240))
    assert (cost.limited_by, cost.largest) == ("arithmetic", "mac")
    assert (cost.cycles, cost.macs) == (1000, sum(MACS.values()))
    assert cost.dram_bits == 2 * 10 * 8 / IMAGES
    assert (cost.weights, cost.weight_bits) == (294, 8 * 294 + 2 * 32)
    assert cost.bits_per_weight == (8 * 294 + 64) / 294
    assert (cost.accuracy, cost.schemes) == (0.9, ("int8",))


def test_layers_sum_to_the_total_and_have_no_accuracy() -> None:
    for result in schemes().results.values():
        *layers, total = layer_costs(result)
        assert [one.layer for one in layers] == ["A", "B"]
        assert all(one.accuracy is None for one in layers)
        for name in ("energy", "arithmetic", "macs", "cycles", "weights", "weight_bits", "dram_bits"):
            assert sum(getattr(one, name) for one in layers) == pytest.approx(getattr(total, name))


def test_widths_span_the_layers() -> None:
    cost = scheme_costs(schemes())["xnor"]
    assert (cost.word_bits["ifmap"], cost.word_bits["psum"]) == ((1, 8), (16, 16))
    assert cost.schemes == ("xnor", "int8")
    assert cost.limited_by == "array"


def test_layers_without_weights_have_none_in_memory() -> None:
    comparison = schemes()
    own = comparison["int8"]
    bare = replace(own, layers=tuple(replace(one, weight_bits=None) for one in own.layers))
    cost = list(layer_costs(bare))[-1]
    assert (cost.weights, cost.weight_bits, cost.bits_per_weight) == (0, None, None)
    half = replace(own, layers=(own.layers[0], replace(own.layers[1], weight_bits=None)))
    assert list(layer_costs(half))[-1].bits_per_weight == (8 * 54 + 32) / 54


# Rows, table, files


def test_rows_have_the_same_columns_and_say_who_was_refused() -> None:
    rows = list(scheme_rows(schemes()))
    assert [(row["label"], row["layer"]) for row in rows] == [
        *((label, name) for label in ("int8", "xnor") for name in ("A", "B", "total")),
        ("none", "total"),
    ]
    assert len({tuple(row) for row in rows}) == 1
    assert [row["refused"] for row in rows] == [None] * 6 + ["no room"]
    assert rows[-1]["energy_per_image_pj"] is None
    assert rows[5]["word_bits.ifmap"] == "1-8"
    assert [row["datapath_um2"] for row in rows] == [349, 349, 349, 200, 349, 349, None]
    assert rows[5]["arithmetic_per_image.count_pj"] == pytest.approx(54 * 0.2 / IMAGES)


def test_the_frame_has_those_rows() -> None:
    frame = scheme_frame(schemes())
    assert list(frame.columns) == list(next(scheme_rows(schemes())))
    assert len(frame) == 7


def test_the_table_has_a_line_a_label() -> None:
    text = render(comparison_page(schemes()), 200)
    title = "by hand: one image under each scheme, all layers\n"
    assert title in text
    table = text[text.index(title) + len(title) :].split("\n\n")[0].splitlines()
    words = table[0].split()
    assert words[:8] == ["accuracy", "energy", "arithmetic", "array", "limit", "most", "cycles", "DRAM"]
    int8 = "int8 90.0 295.0 0.1676 37.3 arithmetic ALU 1,000 0.08000 2.416 8.218 8 16 349.0"
    assert " ".join(table[2].split()) == int8
    assert " ".join(table[3].split()).startswith("xnor 75.0 110.7 0.04593 54.2 array")
    assert "Array: the share of the energy" in " ".join(text.split())
    assert text.count("Accuracy: ") == text.count(f"Accuracy: the share of {IMAGES} images; one is ") == 1
    assert "DRAM accesses per op" not in text


def test_without_labels_there_is_no_accuracy() -> None:
    assert "accuracy" not in render(comparison_page(schemes(accuracy=False)), 200).lower()
    with pytest.raises(ConfigError, match=r"needs labels of the images in the run \(got none\)"):
        accuracy_and_energy(schemes(accuracy=False))
    names = [name for name, _ in all_scheme_figures(schemes(accuracy=False))]
    assert names == ["weight_bits", "arithmetic_by_part"]


def test_a_comparison_without_schemes_is_as_ever() -> None:
    assert not has_schemes(small())
    assert "schemes" not in json.loads(to_json(comparison_page(small())))
    assert "one image" not in render(comparison_page(small()))


def test_json_and_csv_carry_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "comparison_figures", lambda comparison: ())
    folder = write(comparison_page(schemes()), tmp_path)
    rows = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))["schemes"]
    assert [row["array_share"] for row in rows] == [row["array_share"] for row in scheme_rows(schemes())]
    with (folder / "schemes.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["energy_per_image_pj"] for line in lines[:3]] == [
        str(row["energy_per_image_pj"]) for row in rows[:3]
    ]
    assert set(SCHEME_UNITS) <= set(" ".join(rows[0]).replace(".", " ").split()) | {
        "per_image",
        "arithmetic",
        "array",
        "word_bits",
    }


# Figures


def test_stacks_of_the_arithmetic_sum_to_its_energy_per_mac() -> None:
    found = bars(arithmetic_by_part(schemes()))
    assert list(found) == ["multiply", "sign, shift", "bit count", "add"]
    heights = [math.fsum(own) for own in zip(*found.values(), strict=True)]
    costs = scheme_costs(schemes())
    assert heights == pytest.approx([cost.arithmetic_per_mac for cost in costs.values()])


def test_below_the_stacks_half_of_the_labels_fit() -> None:
    figure = arithmetic_figure(many())
    whole, magnified = figure.axes
    assert bars(whole) == bars(magnified)
    heights = sorted(math.fsum(own) for own in zip(*bars(whole).values(), strict=True))
    assert sum(height < magnified.get_ylim()[1] for height in heights) >= len(heights) / 2
    assert heights[-1] < whole.get_ylim()[1]
    assert [tick.get_text() for tick in whole.get_xticklabels()] == [""] * len(heights)


def test_bars_of_weights_are_kilobits() -> None:
    ax = weight_bits_figure(schemes())
    assert bars(ax) == {"weights": [2.416, (54 + 8 * 240 + 32) / 1e3]}
    assert [text.get_text().strip() for text in ax.texts if text.get_rotation() == 90] == ["refused"]


def test_a_point_a_label_and_a_line_through_those_that_none_beats() -> None:
    ax = accuracy_and_energy(schemes())
    costs = scheme_costs(schemes())
    line, *points = ax.lines
    found = np.array([p.get_xydata()[0] for p in points])
    own = [costs[label] for label in ("int8", "xnor")]
    assert found == pytest.approx(np.array([(cost.energy, 100 * (cost.accuracy or 0)) for cost in own]))
    assert list(line.get_ydata()) == [75, 90]  # type: ignore[arg-type]
    assert ax.get_xlabel() == "energy per image (pJ)"
    assert {text.get_text() for text in ax.texts} == {"int8", "xnor"}


def test_pareto_leaves_out_what_is_beaten() -> None:
    points = {"a": (3.0, 0.9), "b": (1.0, 0.5), "c": (2.0, 0.5), "d": (2.0, 0.7), "e": (3.0, 0.9)}
    assert pareto(points) == ["b", "d", "a", "e"]
    assert pareto({"one": (1.0, 0.1)}) == ["one"]


def test_on_random_points_every_one_off_the_front_is_beaten_by_one_on_it() -> None:
    rng = np.random.default_rng(0)
    points = {str(at): (float(e), float(a)) for at, (e, a) in enumerate(rng.random((60, 2)))}
    front = pareto(points)
    assert all(points[a][0] < points[b][0] and points[a][1] < points[b][1] for a, b in pairwise(front))
    for name in set(points) - set(front):
        assert any(points[f][0] <= points[name][0] and points[f][1] >= points[name][1] for f in front)


def many() -> Comparison:
    """So many labels, some of them close to each other."""
    own = schemes()["int8"]
    outcomes = {}
    for at in range(16):
        factor = 1 + 0.01 * at if at < 5 else at
        layers = tuple(
            replace(one, energy_pj={k: factor * e for k, e in one.energy_pj.items()}) for one in own.layers
        )
        outcomes[f"scheme_{at}"] = replace(own, layers=layers, accuracy=0.9 + 0.01 * (at % 3))
    return replace(schemes(), outcomes=outcomes, baseline=None)


def test_names_touch_neither_each_other_nor_a_point_nor_the_line() -> None:
    ax = accuracy_and_energy(many())
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    boxes = [Text.get_window_extent(text) for text in ax.texts]  # without what points from it
    assert len(boxes) == 16
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    line, *points = ax.lines
    for point in points:
        x, y = ax.transData.transform((point.get_xdata()[0], point.get_ydata()[0]))  # type: ignore[index]
        assert not any(box.contains(x, y) for box in boxes)
    path = ax.transData.transform_path(line.get_path())
    assert not any(path.intersects_bbox(box, filled=False) for box in boxes)
    assert all(ax.bbox.contains(*corner) for box in boxes for corner in box.corners())


def test_a_name_is_above_its_point_where_there_is_room() -> None:
    (centre,) = place([(50, 50)], [20], 6, (0, 0, 100, 100))
    assert centre == pytest.approx((50, 56))
    (beside,) = place([(50, 97)], [20], 6, (0, 0, 100, 100))
    assert beside[1] <= 97


def test_a_name_is_closer_to_its_own_point_than_to_another() -> None:
    left, right = place([(50, 50), (53, 50)], [30, 30], 6, (0, 0, 100, 100))
    assert left[0] < right[0] or left[1] != right[1]
    assert right[0] > 53


def test_a_name_without_any_room_is_still_there() -> None:
    assert place([(50, 50)], [200], 6, (0, 0, 100, 100)) == [pytest.approx((50, 56))]


# Where a look-up table pays


def test_a_table_of_two_codes_pays_in_no_energy_and_in_area_for_single_bits_alone() -> None:
    found = {(one.unit, one.quantity): one for one in luts.crossings(HOROWITZ)}
    assert str(found["two codes", "energy"]) == "nowhere"
    area = found["two codes", "area"]
    assert area.pays == "below"
    # 0.481 um2 x 4 x 2 bits = 3.85 to 282 / 64 = 4.41 at 1 bit by 1; 0.481 x 16 x 4 to 282 / 16 at 2 by 2
    low, high = math.log(0.481 * 8 / (282 / 64)), math.log(0.481 * 64 / (282 / 16))
    assert area.address_bits == pytest.approx(2 + 2 * -low / (high - low), rel=1e-12)


@pytest.mark.parametrize(
    "unit, quantity, bits",
    [
        # 10 pJ x b / 64 x sqrt(2^n b / 8 / 8192) = E, for products of b bits
        ("int16", "energy", math.log2((0.79 / 5) ** 2 * 8192 / 4)),
        ("fp16", "energy", math.log2((1.1 / 2.5) ** 2 * 8192 / 2)),
        ("fp32", "energy", math.log2((3.7 / 5) ** 2 * 8192 / 4)),
        # 0.481 um2 x 2^n b = A
        ("int16", "area", math.log2((282 * 3495) ** 0.5 / 0.481 / 32)),
        ("fp16", "area", math.log2(1640 / 0.481 / 16)),
        ("fp32", "area", math.log2(7700 / 0.481 / 32)),
    ],
)
def test_a_table_of_wide_products_pays_up_to_an_address(unit: str, quantity: str, bits: float) -> None:
    found = {(one.unit, one.quantity): one for one in luts.crossings(HOROWITZ)}
    assert found[unit, quantity].address_bits == pytest.approx(bits, rel=1e-9)  # type: ignore[index]


def test_crossings_among_ratios() -> None:
    def pays(*ratios: float) -> str:
        return str(luts.crossing("x", "energy", None, range(2, 2 + len(ratios)), ratios))

    assert pays(0.25, 4.0) == "below 2.5 bits"
    assert pays(0.25, 0.5) == "everywhere"
    assert pays(2.0, 4.0) == "nowhere"
    assert pays(0.5, 1.0) == "below 3.0 bits"


def test_a_table_without_the_laws_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"must price 'mac\.lookup_add:psum'"):
        luts.crossings(HAN)
    message = "energy table 'han_45nm' must price 'mac.multiply_add:psum' by a Multiplier (it does not)"
    with pytest.raises(ConfigError, match=re.escape(message)):
        luts.units(replace(HAN, actions=HAN.actions | {"mac.multiply_add:psum": ("rf",)}))


def test_the_figure_rings_every_crossing() -> None:
    figure = lut_figure(HOROWITZ)
    found = luts.crossings(HOROWITZ)
    for ax, quantity in zip(figure.axes, luts.LUT_COSTS, strict=True):
        own = [one for one in found if one.quantity == quantity and one.unit != "two codes"]
        texts = [text.get_text() for text in ax.texts]
        assert texts == [f"{one.address_bits:.1f}" for one in own]
        rings = [collection.get_offsets()[0] for collection in ax.collections]  # type: ignore[index]
        heights = [getattr(unit, quantity) for unit in luts.units(HOROWITZ)]
        expected = [(one.address_bits, height) for one, height in zip(own, heights, strict=True)]
        assert np.array(rings) == pytest.approx(np.array(expected))
