"""What happens between passes, by hand: who waits for whom, and what the link serves when."""

from dataclasses import replace

import pytest

from accelsim.errors import LegalityError
from accelsim.machine import Banks
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_jobs, make_program, requests
from dataflows.row_stationary import RowStationary
from tests.laws.cases import backlogged
from tests.unit.small_machine import nest

ARCH = replace(backlogged(1, 1).program.arch, glb=Banks(64, 2), filter_glb=Banks(64, 2))


def jobs_of(layer, arch, **sizes):
    return make_program(RowStationary(**sizes).map(layer, arch), arch).jobs


@pytest.fixture
def two_by_two():
    """Two channel tiles of two filter passes each."""
    layer = Layer("two by two", m=2, c=2, h=3, w=1, r=1, s=1)
    return lambda arch=ARCH: jobs_of(layer, arch, m=2, n=1, e=3, p=1, q=1, r=1, t=1)


def test_the_link_serves_fills_ahead_and_ofmaps_behind(two_by_two):
    order = [(r.kind, r.job) for r in requests(two_by_two())]
    assert order == [
        ("weight", 0),
        ("ifmap", 0),
        ("weight", 1),
        ("weight", 2),
        ("ifmap", 2),
        ("weight", 3),
        ("ofmap", 2),
        ("ofmap", 3),
    ]


def test_an_ifmap_box_is_filled_once_for_the_passes_that_share_it(two_by_two):
    assert [job.new_ifmap for job in two_by_two()] == [True, False, True, False]


def test_psums_are_read_back_from_the_pass_before_only_if_it_wrote_them(two_by_two):
    assert [job.follows_write for job in two_by_two()] == [False] * 4
    layer = Layer("one plane", m=1, c=3, h=3, w=1, r=1, s=1)
    jobs = jobs_of(layer, ARCH, m=1, n=1, e=3, p=1, q=1, r=1, t=1)
    assert [job.follows_write for job in jobs] == [False, True, True]


@pytest.mark.parametrize(
    "banks, waits", [(6 + 3 + 3, [None, None, None, None]), (6 + 3, [None, None, 1, None])]
)
def test_ifmap_banks_are_refilled_when_their_last_reader_is_over(two_by_two, banks, waits):
    """Six psum words and three ifmap words a box, in banks of one word."""
    assert [job.ifmap_after for job in two_by_two(replace(ARCH, glb=Banks(banks, 2)))] == waits


@pytest.mark.parametrize("banks, waits", [(4, [None] * 4), (2, [None, None, 0, 1]), (1, [None, 0, 1, 2])])
def test_filter_banks_are_refilled_when_their_weights_are_loaded(two_by_two, banks, waits):
    assert [job.weights_after for job in two_by_two(replace(ARCH, filter_glb=Banks(banks, 2)))] == waits


@pytest.mark.parametrize("banks, waits", [(6 + 3 + 3 + 1, [None] * 4), (6 + 3 + 3, [None, None, 1, None])])
def test_weights_that_share_the_glb_leave_their_banks_to_no_ifmap(two_by_two, banks, waits):
    """Six psum words, three ifmap words a box and one weight, in banks of one word."""
    jobs = two_by_two(replace(ARCH, filter_glb="glb", glb=Banks(banks, 2)))
    assert [job.ifmap_after for job in jobs] == waits
    assert [job.weights_after for job in jobs] == [None, 0, 1, 2]


def test_a_box_of_weights_is_gone_when_the_last_of_its_passes_has_loaded_them():
    """Boxes of two filters, a pass each, and room for one box: the second waits for the pass of filter 1."""
    layer = Layer("two boxes", m=4, c=1, h=1, w=1, r=1, s=1)
    around = {("dram", "m"): 2, ("glb", "m"): 1}
    keeping = {"keeps": ("weight",), "fetches": {"weight": ("dram", "m")}}
    mapping = nest(layer, around, ("c",), ("m",), ("e",), **keeping)
    jobs = make_jobs(mapping, replace(ARCH, filter_glb=Banks(2, 2)), None)
    assert [job.new_weights for job in jobs] == [True, False, True, False]
    assert [job.weights_after for job in jobs] == [None, None, 1, None]


def test_passes_that_find_their_weights_loaded_hold_no_box():
    """Boxes of two filters, four passes each, of which every other one loads: the third is the last to."""
    layer = Layer("two boxes of strips", m=4, c=1, h=2, w=1, r=1, s=1)
    around = {("dram", "m"): 2, ("glb", "m"): 1, ("glb", "e"): 1}
    keeping = {"keeps": ("weight",), "fetches": {"weight": ("dram", "m")}}
    mapping = nest(layer, around, ("c",), ("m",), ("e",), **keeping)
    jobs = make_jobs(mapping, replace(ARCH, filter_glb=Banks(2, 2)), None)
    assert [job.load for job in jobs] == [True, False] * 4
    assert [job.weights_after for job in jobs] == [None] * 4 + [2] + [None] * 3


def test_without_a_filter_glb_weights_wait_for_the_pass_before(two_by_two):
    assert [job.weights_after for job in two_by_two(replace(ARCH, filter_glb=None))] == [None, 0, 1, 2]


def test_a_psum_region_is_written_again_after_its_ofmap_is_in_dram():
    layer = Layer("two blocks", m=2, c=1, h=4, w=1, r=1, s=1)
    jobs = jobs_of(layer, ARCH, m=2, n=1, e=2, p=1, q=1, r=1, t=1)
    assert [job.region_after for job in jobs] == [None, None, 0, 1]


def test_a_region_waits_for_the_pass_that_completed_it_not_for_the_one_that_started_it():
    """Two channel passes a strip: jobs 0 and 1 fill the region, job 1 drains it before job 2."""
    layer = Layer("two strips", m=1, c=2, h=4, w=1, r=1, s=1)
    jobs = jobs_of(layer, ARCH, m=1, n=1, e=2, p=1, q=1, r=1, t=1)
    assert [job.region_after for job in jobs] == [None, None, 1, 1]


@pytest.mark.parametrize(
    "blocks, waits",
    [
        (1, [None, None, 0, 1, 2, 3]),
        (2, [None, None, None, None, 0, 1]),
        (3, [None, None, None, None, None, None]),
    ],
)
def test_a_block_of_regions_is_written_again_after_as_many_as_there_are(blocks, waits):
    """Three blocks of two filters, a pass and a region each: 0 1, 2 3, 4 5."""
    layer = Layer("three blocks", m=6, c=1, h=1, w=1, r=1, s=1)
    around = {("dram", "m"): 2, ("glb", "m"): 1}
    mapping = nest(layer, around, ("e",), ("m",), ("c", "r", "s"), keeps=("psum",), psum_blocks=blocks)
    assert [job.region_after for job in make_jobs(mapping, ARCH, None)] == waits


def test_weights_stay_where_the_next_pass_has_the_same():
    layer = Layer("strips", m=1, c=1, h=4, w=1, r=1, s=1)
    jobs = jobs_of(layer, ARCH, m=1, n=1, e=2, p=1, q=1, r=1, t=1)
    assert [job.new_weights for job in jobs] == [True, False]


def test_a_box_that_no_bank_holds_is_refused(two_by_two):
    program = make_program(
        RowStationary(m=2, n=1, e=3, p=1, q=1, r=1, t=1).map(Layer("x", m=2, c=2, h=3, w=1, r=1, s=1), ARCH),
        ARCH,
    )
    with pytest.raises(LegalityError, match=r"pass 0: a box needs 3 banks, has 1"):
        make_program(program.mapping, replace(ARCH, glb=Banks(7, 2)))
