"""The plan of a pass: who takes which word, in which order."""

import pytest

from accelsim.mapping.footprint import ifmap_words
from accelsim.network.layer import Layer
from accelsim.passes.lanes import primitives, window_columns, window_sequence
from accelsim.passes.shape import Shape
from dataflows.row_stationary import RowStationary
from tests.laws.cases import backlogged

ARCH = backlogged(1, 1).program.arch


@pytest.fixture
def plan():
    """Two filters on two ofmap rows, two channels in one PE, a 2 x 2 filter."""
    layer = Layer("small", m=2, c=2, h=3, w=3, r=2, s=2)
    mapping = RowStationary(m=2, n=1, e=2, p=2, q=2, r=1, t=1).map(layer, ARCH)
    return primitives(mapping, ARCH, Shape(n=1, m=2, c=2, e=2, f=2, r=2, s=2))


def test_an_ifmap_row_goes_along_the_diagonal(plan):
    """Bottom PEs hold filter row 1: ofmap row j needs ifmap row j + 1 there, row j at the top."""
    assert plan.streams.tolist() == [[1, 2], [0, 1]]


def test_the_ifmap_bus_serves_columns_then_channels_then_rows(plan):
    words = list(zip(plan.ifmap_column, plan.ifmap_channel, plan.ifmap_stream, strict=True))
    assert words[:7] == [(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 1, 0), (0, 1, 1), (0, 1, 2), (1, 0, 0)]
    assert len(words) == 3 * 3 * 2


def test_psums_leave_filter_by_filter(plan):
    assert plan.psum_order == ((0, 0), (1, 0), (0, 1), (1, 1))


def test_weights_are_loaded_from_the_top_row_down(plan):
    assert plan.weight_groups == ((0, 1, 8), (0, 0, 8))


def test_a_pe_works_p_q_s_cycles_a_step(plan):
    assert plan.mac_cycles.tolist() == [[8, 8], [8, 8]]
    assert plan.steps == 2


@pytest.mark.parametrize(
    "layer, taps, need, free, window",
    [
        (Layer("dense", m=1, c=1, h=1, w=5, r=1, s=3), 3, [3, 4, 5], [1, 2, 5], 3),
        (Layer("strided", m=1, c=1, h=1, w=7, r=1, s=3, stride=(1, 2)), 3, [3, 5, 7], [2, 4, 7], 3),
        (Layer("skipping", m=1, c=1, h=1, w=8, r=1, s=2, stride=(1, 3)), 2, [2, 4, 6], [2, 4, 6], 2),
        (Layer("dilated", m=1, c=1, h=1, w=7, r=1, s=2, dilation=(1, 3)), 2, [4, 5, 6, 7], [1, 2, 3, 7], 4),
        (Layer("folded", m=1, c=1, h=1, w=5, r=1, s=3), 1, [1, 2, 3], [1, 2, 3], 1),
    ],
    ids=lambda value: value.name if isinstance(value, Layer) else "",
)
def test_the_window_slides_over_touched_columns(layer, taps, need, free, window):
    assert [part.tolist() for part in window_sequence(layer, taps)] == [need, free]
    assert window_columns(layer, taps) == window


@pytest.mark.parametrize("padding, words", [("stored", 5 * 5), ("generated", 3 * 3)])
def test_pad_zeros_are_kept_only_where_they_are_stored(padding, words):
    from dataclasses import replace

    layer = Layer("padded", m=1, c=1, h=3, w=3, r=3, s=3, pad=(1, 1, 1, 1))
    mapping = RowStationary(m=1, n=1, e=3, p=1, q=1, r=1, t=1).map(layer, ARCH)
    (one,) = mapping.passes()
    assert ifmap_words(layer, one.tile, replace(ARCH, padding=padding)) == words


def test_plans_that_say_the_same_are_equal(plan):
    other = Layer("another name", m=2, c=2, h=3, w=3, r=2, s=2)
    mapping = RowStationary(m=2, n=1, e=2, p=2, q=2, r=1, t=1).map(other, ARCH)
    again = primitives(mapping, ARCH, plan.shape)
    assert again == plan and hash(again) == hash(plan)
    assert primitives(mapping, ARCH, plan.shape._replace(m=1)) != plan


@pytest.mark.parametrize("images", [1, 2, 3])
def test_a_step_is_an_ofmap_column_of_an_image(images):
    layer = Layer("images", n=images, m=1, c=1, h=2, w=4, r=2, s=2)
    mapping = RowStationary(m=1, n=images, e=1, p=1, q=1, r=1, t=1).map(layer, ARCH)
    plan = primitives(mapping, ARCH, Shape(n=images, m=1, c=1, e=1, f=3, r=2, s=2))
    assert plan.steps == images * 3 == len(plan.need) == len(plan.free)
    assert plan.need.tolist() == [4 * i + column for i in range(images) for column in (2, 3, 4)]


@pytest.mark.parametrize("placement, pes", [("grid", [[4, 6], [0, 2]]), ("pool", [[1, 3], [0, 2]])])
def test_lanes_stand_below_their_top_pe_or_lie_end_to_end_in_a_pool(placement, pes):
    """Two lanes of two PEs on rows of four; in a pool the bottom one is the last of its lane."""
    from dataclasses import replace

    layer = Layer("lanes", m=1, c=1, h=3, w=2, r=2, s=2)
    mapping = replace(
        RowStationary(m=1, n=1, e=2, p=1, q=1, r=1, t=1).map(layer, ARCH), tops=(((0, 0), (0, 2)),)
    )
    array = replace(ARCH.array, rows=2, cols=4, placement=placement)
    plan = primitives(mapping, replace(ARCH, array=array), Shape(n=1, m=1, c=1, e=2, f=1, r=2, s=2))
    assert plan.pes.tolist() == pes
