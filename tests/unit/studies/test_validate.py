"""Published numbers against a run: bands, verdicts and what a file of them must be."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from accelsim.config import build, find, load_yaml
from accelsim.errors import ConfigError
from accelsim.report import render, to_json, validation_page
from accelsim.report.validation import verdict
from accelsim.studies.comparison import TOTAL
from accelsim.studies.validate import Band, Cell, Published, Validation, validate

PUBLISHED = """\
name: small
source: nobody
run: {run}
notes: [by hand]
tables:
  - title: PEs
    quantity: active_pes
    source: counted
    overrides: {{arch.dram: ideal}}
    published: {{C1: 140, total: 141}}
    band: {{absolute: 0}}
    bands: {{total: {{percent: 1}}}}
  - title: latency [ms]
    quantity: latency_ms
    source: guessed
    published: {{C1: 1}}
"""


@pytest.fixture(scope="module")
def eyeriss() -> Validation:
    return validate("eyeriss")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Published numbers of one layer of LeNet-5."""
    monkeypatch.chdir(tmp_path)
    Path("run.yaml").write_text("extends: eyeriss_lenet5\nname: lenet\nlayers: [C1]\n", encoding="utf-8")
    path = Path("small.yaml")
    path.write_text(PUBLISHED.format(run="./run.yaml"), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "band, near, far",
    [
        (Band(absolute=0), [154], [153, 155]),
        (Band(absolute=0.5), [153.5, 154.5], [153.4, 154.6]),
        (Band(percent=50), [77, 231], [76.9, 231.1]),
    ],
)
def test_a_band_holds_up_to_its_limit(band: Band, near: list[float], far: list[float]) -> None:
    assert [band.holds(value, 154) for value in near] == [True] * len(near)
    assert [band.holds(value, 154) for value in far] == [False] * len(far)


@pytest.mark.parametrize(
    "given, message",
    [
        ({}, "a band must give either percent or absolute"),
        ({"percent": 1.0, "absolute": 1.0}, "a band must give either percent or absolute"),
        ({"percent": -1.0}, "a band must be at least 0 (got -1)"),
    ],
)
def test_a_band_is_one_limit(given: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Band(**given)
    assert str(caught.value) == message


def test_every_band_of_the_chip_holds(eyeriss: Validation) -> None:
    assert [(cell.table, cell.layer) for cell in eyeriss.missed] == []
    assert eyeriss.ok


def test_every_published_value_has_its_cell(eyeriss: Validation) -> None:
    published = build(load_yaml(find("published", "eyeriss")), Published)
    assert [(c.table, c.layer, c.published) for c in eyeriss.cells] == [
        (table.title, layer, value) for table in published.tables for layer, value in table.published.items()
    ]


def test_only_total_latency_by_layer_has_no_verdict(eyeriss: Validation) -> None:
    assert {(c.table, c.layer) for c in eyeriss.cells if c.ok is None} == {
        ("total latency [ms]", f"CONV{i}") for i in range(1, 6)
    }


def test_the_real_link_is_never_faster_than_an_ideal_one(eyeriss: Validation) -> None:
    ms = {(c.table.split()[0], c.layer): c.simulated for c in eyeriss.cells if "latency" in c.table}
    for layer in (*(f"CONV{i}" for i in range(1, 6)), TOTAL):
        assert ms["total", layer] >= ms["processing", layer]


def test_a_missed_band_is_named(small: Path) -> None:
    text = small.read_text(encoding="utf-8").replace("C1: 140", "C1: 139")
    small.write_text(text, encoding="utf-8")
    found = validate(str(small))
    assert (found.ok, [cell.ok for cell in found.cells]) == (False, [False, True, None])
    assert verdict(found) == "1 of 2 bands missed: PEs of C1."
    assert render(validation_page(found)).splitlines()[2:4] == [
        "cell          layer  simulated  published     error   band  ok?",
        "PEs           C1           140        139   +0.72 %  exact  MISSED",
    ]


def test_json_says_what_the_table_says(small: Path) -> None:
    found = json.loads(to_json(validation_page(validate(str(small)))))
    assert (found["name"], found["ok"], found["notes"]) == ("small", True, ["by hand"])
    assert found["cells"][0] == {
        "table": "PEs",
        "layer": "C1",
        "simulated": 140,
        "published": 140.0,
        "error_percent": 0.0,
        "band": "exact",
        "ok": True,
    }


@pytest.mark.parametrize(
    "old, new, message",
    [
        (
            "C1: 140",
            "C9: 140",
            "small.yaml:10: tables[0].published: must be of layers of lenet: C1, total (got 'C9')",
        ),
        (
            "bands: {total",
            "bands: {C9",
            "small.yaml:12: tables[0]: bands.C9 must be of a published value (C1, total)",
        ),
        (
            "run: ./run.yaml",
            "run: lenet5",
            "small.yaml:3: run: no run is named 'lenet5'; did you mean 'eyeriss_lenet5'?",
        ),
        ("C1: 140", "C1: 0", "small.yaml:10: tables[0]: published values must not be 0"),
        (
            "quantity: latency_ms",
            "quantity: latency",
            "small.yaml:14: tables[1].quantity: must be 'active_pes', 'glb_mb', 'dense_dram_mb', 'rlc_ratio'"
            " or 'latency_ms' (got 'latency')",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(small: Path, old: str, new: str, message: str) -> None:
    small.write_text(small.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        validate(str(small))
    assert str(caught.value) == message


def test_the_verdict_counts_the_bands(eyeriss: Validation) -> None:
    assert verdict(eyeriss) == "All 28 bands hold."
    wrong = Cell("x", "y", simulated=2, published=1, band=Band(absolute=0))
    assert verdict(replace(eyeriss, cells=(wrong,))) == "1 of 1 bands missed: x of y."
