"""Passes word by word, as PEs and buses are told: steps and words by hand, for every kind of pass."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

from accelsim.engines.fast.kernels import KERNELS
from accelsim.machine import Arch, PEArray, Sparsity
from accelsim.mapping.nest import Mapping, Sharing
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import Layer, lowered
from accelsim.passes.build import make_plan, script_of
from accelsim.passes.given import Given
from accelsim.passes.patterns import KEPT, NOWHERE
from accelsim.passes.script import Numbers, Script, Step
from accelsim.passes.shape import shape_of
from tests.unit.engines.test_queues import machine, queues
from tests.unit.small_machine import chip, nest, row_stationary


def spelled(
    mapping: Mapping, arch: Arch, *, job: int = 0, load: bool = True, operands: Operands | None = None
) -> Script:
    """Pass *job* of *mapping*."""
    one = [*mapping.passes()][job]
    given = Given(mapping.layer, arch, one, load, operands)
    return script_of(mapping, make_plan(mapping, arch, shape_of(one.tile)), given)


ROWS = Layer("two rows", m=2, c=1, h=2, w=3, r=2, s=2)
"""Two filter rows over two ofmap columns."""


def test_a_pe_multiplies_a_window_then_gives_a_sum_for_each_filter() -> None:
    """The bottom PE starts its sums at zero, the top one, PE 1, adds those from below."""
    script, number = spelled(row_stationary(ROWS, m=2, p=2), chip()), Numbers(2)
    gives = [Step("give", above=number.port("psum", 1))] * 2
    window = number.port("ifmap bus", 0)
    first = Step("primitive", KEPT, window, need=2, done=0, taps=(0, 1))
    second = Step("primitive", KEPT, window, need=3, done=1, taps=(1, 2))
    assert [*script.steps(0)] == [first, *gives, second, *gives]
    top = Step("give", above=number.port("output", 1), psum=number.port("psum", 1))
    assert [step for step in script.steps(1) if step.verb == "give"] == [top] * 4


def test_the_bottom_pe_of_a_later_pass_takes_psums_from_the_bus() -> None:
    layer = Layer("two channels", m=1, c=2, h=1, w=1, r=1, s=1)
    first, later = (spelled(row_stationary(layer), chip(), job=job) for job in (0, 1))
    below = Numbers(1).port("psum", 0)
    assert [step.psum for step in first.steps(0)] == [NOWHERE, NOWHERE]
    assert [step.psum for step in later.steps(0)] == [NOWHERE, below]
    assert [*first.words("psum")] == []
    assert [word.ports for word in later.words("psum")] == [(below,)]


def test_ifmap_words_go_along_the_diagonal_and_weights_to_all_lanes_of_their_filters() -> None:
    """PEs 0 and 1 at the bottom have filter row 1; ifmap row 1 goes to PE 0 and, in the next lane, PE 3."""
    layer, number = Layer("diagonal", m=1, c=1, h=3, w=1, r=2, s=1), Numbers(4)
    script = spelled(row_stationary(layer, e=2), chip())
    ports = [word.ports for word in script.words("ifmap")]
    assert ports == [tuple(number.port("ifmap bus", pe) for pe in pes) for pes in ((2,), (0, 3), (1,))]
    assert [(word.address, word.ports) for word in script.words("weight")] == [
        ((0, 0, 0, 0), (number.kept(2), number.kept(3))),
        ((0, 0, 1, 0), (number.kept(0), number.kept(1))),
    ]


def test_pes_that_keep_their_weights_are_given_none() -> None:
    script = spelled(row_stationary(ROWS), chip(), load=False)
    assert (script.loads(), [*script.words("weight")]) == ([], [])


def test_a_mac_takes_gives_and_hands_on_in_one_step() -> None:
    """Two taps up, two filters across a systolic array: words enter in lane 0, psums leave at the top."""
    product, number = lowered(Layer("product", m=2, c=2, h=1, w=1, r=1, s=1)), Numbers(4)
    mapping = nest(product, {}, ["c"], ["m"], ["e"], keeps=("weight",))
    script = spelled(mapping, chip(array=PEArray(2, 2, interconnect="systolic")))
    across = number.port("ifmap right", 1)
    assert [*script.steps(0)] == [
        Step("mac", KEPT, number.port("ifmap bus", 0), above=number.port("psum", 2), ifmap_onward=(across,))
    ]
    assert [*script.steps(3)] == [
        Step(
            "mac",
            KEPT,
            number.port("ifmap right", 3),
            above=number.port("output", 3),
            psum=number.port("psum", 3),
        )
    ]
    assert [load.hops for load in script.loads()] == [0, 0, 1, 1]
    assert script.together


def test_a_psum_that_stayed_hops_out_with_its_last_product() -> None:
    product = lowered(Layer("product", m=1, c=2, h=2, w=1, r=1, s=1))
    mapping = nest(product, {}, ["e"], ["m"], ["c"], keeps=("psum",))
    script = spelled(mapping, chip(array=PEArray(2, 1, interconnect="systolic")))
    assert [(step.above == NOWHERE, step.hops) for step in script.steps(0)] == [(True, 0), (False, 1)]
    assert [(step.above == NOWHERE, step.hops) for step in script.steps(1)] == [(True, 0), (False, 0)]


def test_activations_that_do_not_come_have_no_step_and_their_macs_are_skipped() -> None:
    """Two pixels of three taps, 5 0 6 and 0 0 0; PE 0 has two of three filters."""
    layer, number = lowered(Layer("product", m=3, c=3, h=2, w=1, r=1, s=1)), Numbers(2)
    ifmap = np.array([[5, 0], [0, 0], [6, 0]]).reshape(1, 3, 2, 1)
    values = Operands(ifmap, np.ones((3, 3, 1, 1), np.int64), Store(16))
    arch = machine(sparsity=Sparsity(skip="ifmap"))
    script = spelled(queues(layer.source, m=3, t=2), arch, operands=values)
    queue, above = number.port("ifmap bus", 0), number.port("output", 0)
    come = [Step("activation", KEPT, queue, taps=(tap,)) for tap in (0, 2)]
    give = Step("give", KEPT, above=above)
    first, second = give._replace(skipped=2), give._replace(skipped=6)
    assert [*script.steps(0)] == [*come, first, give, second, give]
    assert [len(word.ports) for word in script.words("ifmap")] == [2, 0, 2, 0, 0, 0]


@pytest.mark.parametrize("sharing", get_args(Sharing))
def test_every_way_to_share_words_has_a_kind_of_pass_and_its_kernel(sharing: Any) -> None:
    layer = Layer("one word", m=1, c=1, h=1, w=1, r=1, s=1)
    nests: dict[str, Mapping] = {
        "step": nest(layer, {}, ["c"], ["m"], ["n", "e", "f"], keeps=()),
        "slide": nest(layer, {}, ["e"], ["f"], ["c", "r", "s"], keeps=("psum",), sharing="slide"),
        "broadcast": nest(
            layer, {}, ["s", "c"], ["r", "m"], ["n", "e", "f"], keeps=("weight",), sharing="broadcast"
        ),
        "queue": queues(layer, m=1, t=1),
    }
    mapping = nests[sharing]
    (job,) = mapping.passes()
    plan = make_plan(mapping, chip(), shape_of(job.tile))
    assert type(plan) in KERNELS
    assert len([*spelled(mapping, chip()).collected()]) == 1
