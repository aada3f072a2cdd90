"""Descriptions of chips: what follows from what, and what cannot be."""

from collections.abc import Callable
from pathlib import Path

import pytest

from accelsim.config import build, load_yaml
from accelsim.errors import ConfigError
from accelsim.machine import Arch, AreaBudget, Banks, RFArea

FILES = (RFArea(0, 0), RFArea(4, 10), RFArea(8, 11))
BUDGET = AreaBudget(bytes_per_pe=32.5, register_files=FILES, bank_bytes=4)
CHIP = """\
extends: eyeriss
glb: area
rf: {kind: pooled, bytes: 4}
storage_area:
  bytes_per_pe: 32
  bank_bytes: 2
  register_files:
    - {bytes: 0, area_bytes: 0}
    - {bytes: 4, area_bytes: 10.5}
"""


def message(call: Callable[[], object]) -> str:
    with pytest.raises(ConfigError) as caught:
        call()
    return str(caught.value)


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Arch]:
    """The chip with pieces of its text replaced."""
    monkeypatch.chdir(tmp_path)

    def put(*changes: str) -> Arch:
        text = CHIP
        for old, new in zip(changes[::2], changes[1::2], strict=True):
            assert old in text
            text = text.replace(old, new)
        Path("x.yaml").write_text(text)
        return build(load_yaml("x.yaml", "arch"), Arch)

    return put


@pytest.mark.parametrize(
    "rf_bytes, banks",
    [
        (0, 16),  # 65 bytes: whole banks only
        (2, 13),  # half way to the area of 4 bytes: 55
        (4, 11),  # 45
        (6, 11),  # half way between 10 and 11: 44
        (8, 10),  # 43
    ],
)
def test_the_glb_takes_the_area_that_register_files_leave(rf_bytes: int, banks: int) -> None:
    assert BUDGET.glb(2, rf_bytes) == Banks(banks, 4)


def test_areas_are_not_lost_to_how_floats_are_made() -> None:
    assert AreaBudget(0.3, (RFArea(0, 0.1),), 1).glb(10, 0) == Banks(2, 1)  # 0.3 - 0.1 is below 0.2


def test_a_glb_takes_the_area_that_register_files_leave(read: Callable[..., Arch]) -> None:
    assert read().buffer == Banks(168 * 43 // 4, 2)


def test_a_glb_of_banks_needs_no_area(read: Callable[..., Arch]) -> None:
    assert read("glb: area", "glb: {banks: 3, bank_bytes: 8}").glb == Banks(3, 8)


@pytest.mark.parametrize(
    "changes, why",
    [
        (
            ("glb: area", "glb: {bank: 3, bank_bytes: 8}"),
            "x.yaml:2: glb.bank: unknown key 'bank'; did you mean 'banks'?",
        ),
        (("glb: area", "glb: {banks: 0, bank_bytes: 8}"), "x.yaml:2: glb: banks must be at least 1 (got 0)"),
        (
            ("glb: area", "glb: are"),
            "x.yaml:2: glb: must be a mapping with the keys banks, bank_bytes or 'area' (got 'are')",
        ),
        (
            ("pooled, bytes: 4", "pooled, bytes: 5"),
            "x.yaml:3: rf must hold 0..4 bytes, to have a known area (got 5)",
        ),
        (
            ("bytes_per_pe: 32", "bytes_per_pe: 10.51"),
            "x.yaml:5: storage_area.bytes_per_pe must leave a bank of 2 bytes (got 1.68)",
        ),
        (
            ("bytes: 4, area", "bytes: 0, area"),
            "x.yaml:7: storage_area: register_files must be given in ascending bytes (got [0, 0])",
        ),
        (
            ("area_bytes: 10.5", "area_bytes: -1"),
            "x.yaml:9: storage_area.register_files[1]: area_bytes must be at least 0 (got -1.0)",
        ),
        (
            ("bank_bytes: 2", "bank_byte: 2"),
            "x.yaml:4: storage_area.bank_bytes: must be given (the key is missing)\n"
            "x.yaml:6: storage_area.bank_byte: unknown key 'bank_byte'; did you mean 'bank_bytes'?",
        ),
    ],
)
def test_an_area_that_cannot_be_is_refused_with_its_line(
    read: Callable[..., Arch], changes: tuple[str, ...], why: str
) -> None:
    assert message(lambda: read(*changes)) == why


def test_an_area_that_is_not_given_is_missed(read: Callable[..., Arch]) -> None:
    area = CHIP[CHIP.index("storage_area") :]
    assert (
        message(lambda: read(area, ""))
        == "x.yaml:2: glb: storage_area must be given for glb: area (got null)"
    )
