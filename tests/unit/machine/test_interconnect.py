"""Who gets a word, when and over how many hops, by hand, on two rows of three lanes."""

from dataclasses import replace

import numpy as np
import pytest

from accelsim.machine import PEArray
from accelsim.machine.interconnect import Multicast, Systolic
from tests.laws.cases import backlogged

ROW, LANE = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 2, 0, 1, 2])
NONE = [0] * 6
WIRES, REGISTERS = Multicast(), Systolic(rows=4, cols=8, whole=True)


def lists(parts):
    return [part.tolist() for part in parts]


def test_a_multicast_word_comes_from_the_bus_to_all_its_pes():
    assert lists(WIRES.handing(LANE)) == [[0, 1, 2, 3, 4, 5], [], []]


def test_a_systolic_word_comes_to_the_first_of_its_pes_and_from_each_to_the_next():
    """One class a lane, and one class in all."""
    assert lists(REGISTERS.handing(LANE)) == [[0, 1, 2], [0, 1, 2], [3, 4, 5]]
    assert lists(REGISTERS.handing(np.zeros(4, int))) == [[0], [0, 1, 2], [1, 2, 3]]
    assert lists(REGISTERS.handing(np.zeros(0, int))) == [[], [], []]


def test_a_step_enters_a_systolic_array_in_a_cycle_of_its_own():
    assert REGISTERS.step_beats(3).tolist() == [1, 0, 0]
    assert WIRES.step_beats(3).tolist() == [0, 0, 0]
    assert REGISTERS.step_beats(0).tolist() == []


def test_turns_go_from_the_edge_by_multicast_and_towards_it_in_registers():
    assert lists(WIRES.turns(ROW, LANE)) == [[0, 1, 2, 3, 4, 5], NONE]
    assert lists(REGISTERS.turns(ROW, LANE)) == [[3, 4, 5, 0, 1, 2], [1, 0, 0, 1, 0, 0]]


def test_registers_skew_what_comes_in_and_what_leaves():
    assert REGISTERS.skew(ROW, LANE).tolist() == [0, 1, 2, 1, 2, 3]
    assert REGISTERS.lag(np.arange(3)).tolist() == [7, 6, 5]
    assert WIRES.skew(ROW, LANE).tolist() == NONE
    assert WIRES.lag(np.arange(3)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("net, hops, delivered", [(WIRES, 0, 12), (REGISTERS, 5, 3)])
def test_words_hop_over_the_rows_between_and_from_use_to_use(net, hops, delivered):
    assert net.hops(lambda: 5) == hops
    assert net.delivered(uses=12, words=3) == delivered


@pytest.mark.parametrize(
    "net, tail, skew",
    [
        (WIRES, 0, 0),
        (REGISTERS, 2 * (4 - 2) + (8 - 3), 5 * (4 + 8 - 2)),
        (replace(REGISTERS, whole=False), 0, 16),
    ],
)
def test_a_pass_lasts_as_long_as_one_of_all_pes_or_as_its_own_need(net, tail, skew):
    """2 x 3 PEs of 4 x 8, whose rows are swept twice; five passes on ten rows and sixteen columns in all."""
    assert net.tail(2, 3, sweeps=2) == tail
    assert net.skew_cycles({"passes": 5, "rows": 10, "cols": 16}.__getitem__) == skew


def test_an_array_says_which_it_has():
    arch = backlogged(1, 1).program.arch
    assert arch.interconnect == Multicast()
    array = PEArray(4, 8, interconnect="systolic")
    assert replace(arch, array=array).interconnect == REGISTERS
    used = replace(array, fold_length="used")
    assert replace(arch, array=used).interconnect == Systolic(4, 8, whole=False)
