"""PEs of row stationary that skip zeros, and keep words coded: schedules worked by hand to the cycle."""

from typing import Any

import numpy as np
import pytest

from accelsim.engines.reference import simulate
from accelsim.engines.timing import Outcome
from accelsim.machine import PE, Arch, Sparsity
from accelsim.machine.sparsity import Skip
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from tests.unit.small_machine import causes_of, chip, row_stationary

BETWEEN = 2 + 1 + 1
"""Cycles after the last accumulation of PE (0, 0): its pipeline, the bus, and none for an ideal DRAM."""


def of(layer: Layer, ifmap: Any, weight: Any) -> Operands:
    """Values of *layer*, one after the other."""
    values = np.array(ifmap).reshape(layer.ifmap_shape), np.array(weight).reshape(layer.weight_shape)
    return Operands(layer.padded(values[0]), values[1], Store(16))


def one_step(ifmap: list[int], columns: list[list[int]], arch: Arch) -> Outcome:
    """One PE and one ofmap column: a word of every channel, and for it a *column* of a weight per filter."""
    weight = np.array(columns).T
    p, q = weight.shape
    layer = Layer("one step", m=p, c=q, h=1, w=1, r=1, s=1)
    values = of(layer, ifmap, weight)
    outcome = simulate(make_program(row_stationary(layer, m=p, p=p, q=q), arch, values), values)
    assert outcome.ofmap is not None
    assert outcome.ofmap.ravel().tolist() == (weight @ np.array(ifmap)).tolist()
    return outcome


def row(ifmap: list[int], weight: list[int], arch: Arch) -> Outcome:
    """One PE, one filter of a row of *weight*, on a row of *ifmap*."""
    layer = Layer("row", m=1, c=1, h=1, w=len(ifmap), r=1, s=len(weight))
    values = of(layer, ifmap, weight)
    outcome = simulate(make_program(row_stationary(layer), arch, values), values)
    assert outcome.ofmap is not None
    assert outcome.ofmap.ravel().tolist() == np.correlate(ifmap, weight).tolist()
    return outcome


IFMAP = [5, 7, 0, 2]
COLUMNS = [[1, 0, 2], [0, 0, 0], [3, 4, 5], [6, 7, 8]]


@pytest.mark.parametrize(
    "skip, mac, overhead, macs",
    [
        ("none", 2 + 2 + 2 + 2, 0, 12),
        ("ifmap", 2 + 2 + 2, 0, 9),  # the third word is zero
        ("weight", 1 + 0 + 2 + 2, 1, 8),  # the second meets no weight
        ("both", 1 + 0 + 2, 1, 5),
    ],
)
def test_a_step_of_three_filters_two_a_cycle(skip: Skip, mac: int, overhead: int, macs: int) -> None:
    """Twelve weights move in cycles 0 to 11; from 12 on MACs, overhead and three accumulations."""
    arch = chip(pe=PE(macs_per_cycle=2), sparsity=Sparsity(skip=skip, unmatched_cycles=1))
    outcome = one_step(IFMAP, COLUMNS, arch)
    assert outcome.cycles == 12 + mac + overhead + 3 - 1 + BETWEEN
    expected = {
        "no_weight.bus": 12,
        "busy.mac": mac,
        "busy.overhead": overhead,
        "busy.accumulate": 3,
        "busy.pipeline": 2,
        "idle": 1,
    }
    assert causes_of(outcome, 0) == {cause: n for cause, n in expected.items() if n}
    did = outcome.actions
    assert (did["mac.multiply_add:psum"], did["mac.skipped:psum"]) == (macs, 12 - macs)
    assert did["mac.add:psum"] == 3
    assert did["rf.read:ifmap"] == did["rf.read:weight"] == did["rf.read:psum"] == macs
    assert did["noc.deliver:ifmap"] == 4  # zeros that are not coded still come


def test_a_zero_that_is_not_skipped_gates_the_macs_that_are_left() -> None:
    outcome = one_step(IFMAP, COLUMNS, chip(sparsity=Sparsity(gate="ifmap", skip="weight")))
    did = outcome.actions
    assert (did["mac.multiply_add:psum"], did["mac.gated:psum"], did["mac.skipped:psum"]) == (5, 3, 4)
    assert (did["rf.read:weight"], did["rf.gated_read:weight"], did["rf.read:psum"]) == (5, 3, 8)
    assert causes_of(outcome, 0)["busy.mac"] == 8


@pytest.mark.parametrize(
    "ifmap, columns, overhead",
    [
        ([0, 0], [[1], [2]], 5),  # nothing to do
        ([3, 0], [[0], [2]], 1),  # a word to look at
        ([3, 4], [[0], [0]], 2),
    ],
)
def test_an_empty_window_costs_its_own_cycles_and_others_those_of_their_words(
    ifmap: list[int], columns: list[list[int]], overhead: int
) -> None:
    sparsity = Sparsity(skip="both", empty_window_cycles=5, unmatched_cycles=1)
    outcome = one_step(ifmap, columns, chip(sparsity=sparsity))
    assert outcome.cycles == 2 + overhead + BETWEEN
    assert causes_of(outcome, 0)["busy.overhead"] == overhead
    assert "busy.mac" not in causes_of(outcome, 0)


def test_a_step_may_take_no_cycle_but_that_of_its_psum() -> None:
    """Weight and word 0 usable at 1, word 1 at 2, word 2 at 3; MACs in 1 and 4, psums issue at 2, 3 and 5."""
    outcome = row([5, 0, 7], [3], chip(sparsity=Sparsity(skip="ifmap")))
    assert outcome.cycles == 5 + BETWEEN
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 1,
        "busy.mac": 2,
        "busy.accumulate": 3,
        "busy.pipeline": 2,
        "idle": 1,
    }
