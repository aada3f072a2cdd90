"""The plan of a pass of single MACs on a systolic array: its FIFOs at the edge, the order of its psums."""

from __future__ import annotations

import numpy as np

from accelsim.machine import PEArray, QueuedBus
from accelsim.network.layer import Layer, lowered
from accelsim.passes.build import make_plan
from accelsim.passes.patterns import FIFO_KINDS
from accelsim.passes.shape import shape_of
from accelsim.passes.stream import StreamPlan
from tests.unit.small_machine import WORD_BITS, chip, nest

PRODUCT = lowered(Layer("product", m=2, c=3, h=3, w=1, r=1, s=1))
"""Three taps, two filters, three pixels."""


def kept_psums(cols: int) -> StreamPlan:
    """Three pixels down an array of *cols* columns, two filters across; two places behind every PE."""
    mapping = nest(PRODUCT, {}, ["e"], ["m"], ["c"], keeps=("psum",))
    array = PEArray(3, cols, interconnect="systolic")
    arch = chip(
        array=array, ofmap=QueuedBus(WORD_BITS, fifo_words=2), ifmap=QueuedBus(WORD_BITS, fifo_words=4)
    )
    (job,) = mapping.passes()
    plan = make_plan(mapping, arch, shape_of(job.tile))
    assert isinstance(plan, StreamPlan)
    return plan


def capacity(plan: StreamPlan, kind: str) -> list[int]:
    """Places of the FIFOs of *kind*, by PE."""
    first = FIFO_KINDS.index(kind) * len(plan.pes)
    return plan.capacity[first : first + len(plan.pes)].tolist()


def test_kept_psums_leave_from_the_last_row_up_a_row_a_beat() -> None:
    last = kept_psums(cols=2).patterns[-1].ofmap
    assert (last.fifos % 6).tolist() == [4, 5, 2, 3, 0, 1]
    assert last.beat.tolist() == [1, 0] * 3


def test_lanes_hold_their_psums_until_the_last_column_has_its_own() -> None:
    """The first of two lanes on an array of four columns is three ahead of the last column, the other two."""
    assert capacity(kept_psums(cols=4), "output") == [2 + 3, 2 + 2] * 3


def test_words_wait_at_the_edge_for_the_turn_of_their_row() -> None:
    """Ifmap words enter in the first lane alone; row r has its turn r cycles after the first."""
    assert capacity(kept_psums(cols=2), "ifmap bus") == [4, 0, 5, 0, 6, 0]


def test_a_psum_that_stays_hops_over_all_rows_above_it() -> None:
    plan = kept_psums(cols=2)
    assert plan.psum_hops.tolist() == [2, 2, 1, 1, 0, 0]
    assert plan.moved.psum_hops == 2 * (2 + 1)


def test_products_are_added_in_the_order_of_the_loops() -> None:
    """Rows of the array inside columns, and those inside the loops of a PE."""
    layer = Layer("filter", m=1, c=2, h=2, w=3, r=2, s=3)
    mapping = nest(layer, {}, ["s"], ["r"], ["c", "n", "e", "f"], keeps=())
    (job,) = mapping.passes()
    plan = make_plan(mapping, chip(), shape_of(job.tile))
    (order,) = plan.sum_order.groups
    assert not plan.sum_order.apart
    assert order.tolist() == np.arange(12).tolist()  # channel, then filter row, then tap
    turned = nest(layer, {}, ["c"], ["s"], ["r", "n", "e", "f"], keeps=())
    (order,) = make_plan(turned, chip(), shape_of(job.tile)).sum_order.groups
    assert order.tolist() == [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]


def test_plans_that_say_the_same_are_equal_whatever_has_been_asked_of_one() -> None:
    plan, again, wider = kept_psums(cols=2), kept_psums(cols=2), kept_psums(cols=3)
    assert plan.moved.psum_hops and len(plan.output_fifos) and plan.times.size
    assert plan == again and hash(plan) == hash(again)
    assert plan != wider
