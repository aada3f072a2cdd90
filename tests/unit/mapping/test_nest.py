"""Mappings: a loop nest, printed as an architect writes it, walked in order."""

from dataclasses import replace

import pytest

from accelsim.errors import ConfigError
from accelsim.mapping.nest import Loop, Mapping, blocks
from accelsim.network.layer import Layer

LAYER = Layer("small", n=1, m=5, c=3, h=4, w=3, r=2, s=2)
NEST = Mapping(
    LAYER,
    (
        Loop("dram", "m", 4),
        Loop("glb", "c", 2),
        Loop("glb", "m", 2),
        Loop("rows", "c", 1),
        Loop("cols", "m", 1),
    ),
    psum_words=4 * 3 * 2,
    tops=(((0, 0),), ((0, 1),)),
)


def test_blocks_are_ragged_at_the_end():
    assert list(blocks(range(3, 8), 2)) == [range(3, 5), range(5, 7), range(7, 8)]


def test_passes_run_through_the_temporal_loops_in_order():
    boxes = [(p.tile.m.start, p.tile.m.stop, p.tile.c.start) for p in NEST.passes()]
    assert boxes == [(0, 2, 0), (2, 4, 0), (0, 2, 2), (2, 4, 2), (4, 5, 0), (4, 5, 2)]


def test_the_first_pass_over_the_channels_starts_psums_and_the_last_completes_them():
    assert [(p.first, p.last) for p in NEST.passes()] == [
        (True, False),
        (True, False),
        (False, True),
        (False, True),
        (True, False),
        (False, True),
    ]


def test_the_passes_hold_all_macs():
    assert sum(p.tile.macs for p in NEST.passes()) == LAYER.macs


def test_a_step_is_that_of_its_loop_or_the_whole_extent():
    assert NEST.step("glb", "m") == 2
    assert NEST.step("dram", "e") == LAYER.e


def test_a_loop_of_one_step_fetches_nothing_again():
    """All four filters stay while the images pass: the loop over m inside has one step."""
    layer = Layer("images", n=3, m=4, c=1, h=1, w=1, r=1, s=1)
    mapping = Mapping(layer, (Loop("dram", "m", 4), Loop("glb", "n", 1), Loop("glb", "m", 4)), psum_words=12)
    assert [(p.weight_fetch, p.ifmap_fetch) for p in mapping.passes()] == [(0, 0), (0, 1), (0, 2)]
    halves = Mapping(layer, (Loop("dram", "m", 2), Loop("glb", "n", 1), Loop("glb", "m", 2)), psum_words=12)
    assert [p.weight_fetch for p in halves.passes()] == [0, 0, 0, 1, 1, 1]


def test_the_nest_prints_as_loops():
    assert str(NEST) == (
        "small: G=1 N=1 M=5 C=3 E=3 F=2 R=2 S=2\n"
        "dram for m in 2 x 4 (last 1)\n"
        " glb   for c in 2 x 2 (last 1)\n"
        " glb     for m in 2 x 2\n"
        "rows       parallel for c in 2 x 1\n"
        "cols         parallel for m in 2 x 1"
    )


def test_an_operand_is_fetched_within_the_loop_that_fetches_names():
    every = replace(NEST, fetches={"ifmap": ("glb", "m"), "weight": ("dram", "m")})
    assert [p.ifmap_fetch for p in every.passes()] == [0, 1, 2, 3, 4, 5]
    assert [p.weight_fetch for p in every.passes()] == [0, 0, 0, 0, 1, 1]
    assert [p.weights.m for p in every.passes()] == 4 * [range(4)] + 2 * [range(4, 5)]


def test_without_a_name_an_operand_is_fetched_whenever_its_box_is_another_one():
    assert [p.ifmap_fetch for p in NEST.passes()] == [0, 0, 1, 1, 2, 3]
    assert [p.weight_fetch for p in NEST.passes()] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", [("rows", "c"), ("glb", "e")])
def test_fetches_name_loops_around_a_pass(name):
    with pytest.raises(ConfigError, match=r"fetches of ifmap must name a loop around a pass \(got \('"):
        replace(NEST, fetches={"ifmap": name})
