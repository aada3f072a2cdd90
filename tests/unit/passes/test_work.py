"""What a pass of single MACs asks of the machine, counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from accelsim.machine import Arch, PEArray
from accelsim.mapping.nest import Mapping
from accelsim.network.layer import Layer, lowered
from accelsim.passes.build import make_plan
from accelsim.passes.shape import shape_of
from tests.unit.small_machine import chip, nest


def asked(mapping: Mapping, arch: Arch, *, job: int = 0, load: bool = True) -> dict[str, int]:
    """The fields of the work of pass *job* that are not zero."""
    one = [*mapping.passes()][job]
    plan = make_plan(mapping, arch, shape_of(one.tile))
    work = plan.work(one, mapping.layer, arch, load=load)
    return {name: n for name, n in work._asdict().items() if n}


def systolic(rows: int, cols: int) -> Arch:
    """An array of PEs that hand their words on."""
    return chip(array=PEArray(rows, cols, interconnect="systolic"))


PRODUCT = lowered(Layer("product", m=2, c=3, h=4, w=1, r=1, s=1))
"""Three taps, two filters, four pixels."""


def test_kept_weights_hop_to_their_rows_and_ifmap_words_across_the_lanes() -> None:
    """Rows 1 and 2 are one and two hops away in both lanes; every ifmap word goes on to the second lane."""
    kept = nest(PRODUCT, {}, ["c"], ["m"], ["e"], keeps=("weight",))
    work = {"macs": 24, "hops": 2 * 2 * 4, "ifmap_hops": 3 * 4, "ifmap_deliveries": 3 * 4}
    work |= {"ifmap_reads": 3 * 4, "weight_uses": 24, "psums_out": 2 * 4, "ofmap_words": 2 * 4}
    loads = {"weight_hops": 2 * (1 + 2), "weight_stores": 6, "weight_deliveries": 6, "weight_loads": 6}
    assert asked(kept, systolic(3, 2)) == work | loads
    assert asked(kept, systolic(3, 2), load=False) == work


def test_without_hops_every_lane_has_its_own_delivery() -> None:
    kept = nest(PRODUCT, {}, ["c"], ["m"], ["e"], keeps=("weight",))
    work = asked(kept, chip())
    assert work["ifmap_deliveries"] == 2 * work["ifmap_reads"] == 2 * 3 * 4
    assert "weight_hops" not in work and "ifmap_hops" not in work


def test_a_kept_ifmap_is_read_once_and_weights_stream() -> None:
    """Three taps of four pixels are kept; each of six weights goes to the four PEs of its tap."""
    kept = nest(PRODUCT, {}, ["c"], ["e"], ["m"], keeps=("ifmap",))
    work = {"macs": 24, "hops": 2 * 2 * 4, "ifmap_uses": 24, "weight_loads": 6, "weight_deliveries": 24}
    work |= {"psums_out": 2 * 4, "ofmap_words": 2 * 4}
    loads = {"ifmap_stores": 12, "ifmap_deliveries": 12, "ifmap_reads": 12}
    assert asked(kept, chip()) == work | loads
    assert asked(kept, chip(), load=False) == work


@pytest.mark.parametrize("job, reads, done", [(0, 0, 0), (1, 8, 0), (2, 8, 8)])
def test_psums_are_read_but_by_the_first_and_complete_with_the_last_pass(
    job: int, reads: int, done: int
) -> None:
    folded = nest(PRODUCT, {("glb", "c"): 1}, ["c"], ["m"], ["e"], keeps=("weight",))
    work = asked(folded, chip(), job=job)
    assert (work.get("psums_in", 0), work["psums_out"], work.get("ofmap_words", 0)) == (reads, 8, done)


def broadcasting(layer: Layer, **around: Any) -> Mapping:
    """Filter rows and filters across the array, taps and channels down."""
    return nest(
        layer,
        {("glb", "c"): 1},
        ["s", "c"],
        ["r", "m"],
        ["n", "e", "f"],
        keeps=("weight",),
        sharing="broadcast",
    )


@pytest.mark.parametrize("job, first_lane", [(0, 0), (1, 8)])
def test_psums_that_go_from_lane_to_lane_are_written_and_read_once_more(job: int, first_lane: int) -> None:
    """Two images of 2 x 2 pixels, two filter rows: all eight psums of a filter row go to the next one.

    Each of the nine ifmap words of an image moves once, to every PE that uses it; a psum hops over two taps.
    """
    layer = Layer("rows", n=2, m=1, c=2, h=3, w=3, r=2, s=2)
    work = asked(broadcasting(layer), chip(), job=job)
    assert work == {
        "macs": 32,
        "hops": 2 * 8,
        "weight_uses": 32,
        "weight_stores": 4,
        "weight_deliveries": 4,
        "weight_loads": 4,
        "ifmap_deliveries": 32,
        "ifmap_reads": 2 * 9,
        "psums_in": 8 + first_lane,
        "psums_out": 8 + 8,
    } | ({"ofmap_words": 8} if job else {})


@pytest.mark.parametrize("padding, reads", [("stored", 3 * 3), ("generated", 2 * 2)])
@pytest.mark.parametrize("sharing", ["broadcast", "slide"])
def test_a_bus_reads_no_pad_zeros_that_it_makes(sharing: str, padding: Any, reads: int) -> None:
    """2 x 2 words within a row and a column of zeros; every word moves once."""
    layer = Layer("padded", m=1, c=1, h=2, w=2, r=2, s=2, pad=(1, 0, 1, 0))
    if sharing == "broadcast":
        mapping = broadcasting(layer)
    else:
        mapping = nest(layer, {}, ["e"], ["f"], ["c", "r", "s"], keeps=("psum",), sharing="slide")
    assert asked(mapping, chip(padding=padding))["ifmap_reads"] == reads


@pytest.mark.parametrize("padding, reads", [("stored", 4 * 4), ("generated", 3 * 3)])
def test_words_that_come_anew_in_every_step_are_read_for_each_tap(padding: Any, reads: int) -> None:
    """Four taps meet four pixels, nine of these pairs within the image."""
    layer = lowered(Layer("padded", m=1, c=1, h=2, w=2, r=2, s=2, pad=(1, 0, 1, 0)))
    mapping = nest(layer, {}, ["c"], ["m"], ["e"], keeps=("weight",))
    assert asked(mapping, chip(padding=padding))["ifmap_reads"] == reads
