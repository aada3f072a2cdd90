"""Schedules of passes of single MACs that share their buses, worked by hand to the cycle."""

import numpy as np

from accelsim.engines.reference import simulate
from accelsim.engines.timing import Outcome
from accelsim.machine import PE, Arch, LocalLink, PEArray, QueuedBus, WeightBus
from accelsim.mapping.nest import Mapping
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from tests.unit.small_machine import WORD_BITS, causes_of, chip, nest, operands


def run(mapping: Mapping, arch: Arch) -> Outcome:
    """*mapping* with values, its ofmap checked."""
    values, ofmap = operands(mapping.layer)
    outcome = simulate(make_program(mapping, arch, values), values)
    assert outcome.ofmap is not None
    np.testing.assert_array_equal(outcome.ofmap, ofmap)
    return outcome


ONE_WORD = chip(array=PEArray(2, 2))
"""Buses of a word a cycle and a latency of one, a pipeline of three."""


def test_no_local_reuse_to_the_cycle() -> None:
    """Two channels down the lane, two ofmap columns; ifmap and weight buses work in step.

    ====== ================= =================== ==================== ==================
    word   moves, usable     PE                  MAC because of       psum out
    ====== ================= =================== ==================== ==================
    0      0, 1              (0, 0), column 0    its words: 1         1 + 3 + 1 = 5
    1      1, 2              (1, 0), column 0    the psum: 5          5 + 3 = 8
    2      2, 3              (0, 0), column 1    its words: 3         3 + 3 + 1 = 7
    3      3, 4              (1, 0), column 1    the psum: 7          7 + 3 = 10
    ====== ================= =================== ==================== ==================

    Free at 7 + 3 = 10, when the last psum moves; it is written at 11.
    """
    layer = Layer("two channels", m=1, c=2, h=1, w=2, r=1, s=1)
    outcome = run(nest(layer, {}, ["c"], ["m"], ["n", "e", "f"], keeps=()), ONE_WORD)
    assert (outcome.array_cycles, outcome.cycles) == (10, 11)
    assert causes_of(outcome, 0) == {"no_weight.bus": 2, "busy.mac": 2, "busy.pipeline": 2, "idle": 5}
    top = {"no_weight.bus": 2, "no_psum.bus": 3 + 1, "busy.mac": 2, "busy.pipeline": 2, "idle": 1}
    assert causes_of(outcome, 2) == top


def test_an_ifmap_word_that_slides_to_the_cycle() -> None:
    """Two ofmap columns of two taps, one PE each; the word under both goes to PE (1, 0) first.

    Weights are usable at 1 and 2 in both PEs. Ifmap words: column 0 to PE (0, 0) at 1, column 1 to PE (1, 0)
    at 2, column 2 to PE (1, 0) at 3: MACs of (1, 0) at 2 and 3. The word it used at 2 is in PE (0, 0) at
    2 + 1 + 1 = 4: MACs of (0, 0) at 1 and 4. Psums are out at 7 and 6 and move in the order of PEs, at 7 and
    8; written at 9.
    """
    layer = Layer("two columns", m=1, c=1, h=1, w=3, r=1, s=2)
    mapping = nest(layer, {}, ["n", "e", "f"], ["m"], ["c", "r", "s"], keeps=("psum",), sharing="slide")
    outcome = run(mapping, ONE_WORD)
    assert (outcome.array_cycles, outcome.cycles) == (7, 9)
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 1,
        "no_ifmap.bus": 2,
        "busy.mac": 2,
        "busy.pipeline": 2,
        "idle": 2,
    }
    assert causes_of(outcome, 2) == {
        "no_weight.bus": 1,
        "no_ifmap.bus": 1,
        "busy.mac": 2,
        "busy.pipeline": 2,
        "idle": 3,
    }
    assert outcome.actions["noc.hop:ifmap"] == 1
    assert outcome.actions["noc.deliver:ifmap"] == 3


def broadcast() -> Mapping:
    """Two ofmap rows under two filter rows, a lane for each filter row."""
    layer = Layer("two rows", m=1, c=1, h=3, w=1, r=2, s=1)
    pe = ["n", "e", "f"]
    return nest(layer, {}, ["s", "c"], ["r", "m"], pe, keeps=("weight",), sharing="broadcast")  # type: ignore[arg-type]


def test_psums_that_go_from_lane_to_lane_to_the_cycle() -> None:
    """Weights are usable at 1 and 2; ifmap rows 0, 1 and 2 move at 0, 1 and 2: row 1 to both PEs.

    PE (0, 0) starts both psums, at 1 and 2: they are out and move at 4 and 5, are in the GLB and move at 5
    and 6, are in PE (0, 1) at 6 and 7: its MACs. Free at 7 + 3 = 10; psums move at 9 and 10, written at 11.
    """
    outcome = run(broadcast(), ONE_WORD)
    assert (outcome.array_cycles, outcome.cycles) == (10, 11)
    assert causes_of(outcome, 0) == {"no_weight.bus": 1, "busy.mac": 2, "busy.pipeline": 2, "idle": 6}
    assert causes_of(outcome, 1) == {
        "no_weight.bus": 2,
        "no_psum.bus": 4,
        "busy.mac": 2,
        "busy.pipeline": 2,
        "idle": 1,
    }
    assert outcome.actions["glb.write:psum"] == 4
    assert outcome.actions["glb.read:psum"] == 2 + 2


def test_without_latencies_a_word_passes_through_the_chip_in_its_cycle() -> None:
    """As above with every latency zero, a pipeline of one and wide buses.

    Both weights and all ifmap rows move at 0. PE (0, 0) works at 0 and 1, its psums are out at 1 and 2, pass
    the GLB in that cycle, and are used in it: PE (0, 1) works at 1 and 2. Its own are in DRAM at 2 and 3.
    """
    at_once = QueuedBus(4 * WORD_BITS, latency_cycles=0)
    weight, local = WeightBus(4 * WORD_BITS, latency_cycles=0), LocalLink(latency_cycles=0)
    arch = chip(pe=PE(1), weight=weight, ifmap=at_once, psum=at_once, ofmap=at_once, local=local)
    outcome = run(broadcast(), arch)
    assert (outcome.array_cycles, outcome.cycles) == (3, 3)
    assert causes_of(outcome, 0) == {"busy.mac": 2, "idle": 1}
    assert causes_of(outcome, 1) == {"no_psum.bus": 1, "busy.mac": 2}


def test_a_local_fifo_of_one_word_holds_up_the_pe_below_to_the_cycle() -> None:
    """No local reuse as above, wide buses, one place between the PEs, three columns.

    PE (0, 0) works at 1; the psum is in PE (1, 0) at 5, its place free at 6: PE (0, 0) works at 6 and 11, PE
    (1, 0) at 5, 10 and 15. Free at 18, when the last psum moves; written at 19.
    """
    layer = Layer("two channels", m=1, c=2, h=1, w=3, r=1, s=1)
    wide = chip(
        array=PEArray(2, 1),
        weight=WeightBus(8 * WORD_BITS),
        ifmap=QueuedBus(8 * WORD_BITS),
        local=LocalLink(fifo_words=1),
    )
    outcome = run(nest(layer, {}, ["c"], ["m"], ["n", "e", "f"], keeps=()), wide)
    assert (outcome.array_cycles, outcome.cycles) == (18, 19)
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 1,
        "blocked.bus": 4 + 4,
        "busy.mac": 3,
        "busy.pipeline": 2,
        "idle": 5,
    }
    assert causes_of(outcome, 1) == {
        "no_weight.bus": 1,
        "no_psum.bus": 4 + 4 + 4,
        "busy.mac": 3,
        "busy.pipeline": 2,
        "idle": 1,
    }
