"""Schedules behind the DRAM link, worked by hand to the cycle."""

from accelsim.machine import Banks, DramLink
from accelsim.network.layer import Layer
from tests.unit.small_machine import CHIP, WORD_BITS, causes_of, chip, run

TWO_FILTERS = Layer("two filters", m=2, c=1, h=1, w=1, r=1, s=1)
FAR = DramLink(clock_hz=CHIP.clock_hz, bits_per_cycle=WORD_BITS, latency_cycles=10)
"""A word a cycle, in eleven cycles."""


def test_weights_that_wait_for_their_bank_to_the_cycle() -> None:
    """Two passes (filters), a filter buffer of one word.

    Weight 0 is in at 11, the ifmap at 12. Pass 0 from 12: the weight moves, its bank is free at 13; over at
    17, written at 18. Weight 1 leaves at 13, is in at 24: no weight from 17 on. Pass 1 from 24 is over at
    29, written at 30; its ofmap is in DRAM at 41.
    """
    outcome = run(TWO_FILTERS, chip(filter_glb=Banks(1, 2), dram=FAR), m=2)
    assert outcome.cycles == 41
    assert causes_of(outcome, 0) == {
        "no_weight.dram": 11 + 7,
        "no_ifmap.dram": 1,
        "no_weight.bus": 2,
        "busy.mac": 2,
        "busy.accumulate": 2,
        "busy.pipeline": 4,
        "idle": 12,
    }


def test_psums_that_wait_for_their_place_to_the_cycle() -> None:
    """Two passes (filters) whose ofmap words share one place in the GLB.

    Pass 0 from 12 is over at 17, written at 18, and in DRAM at 29: until then the place is taken. Pass 1 from
    29 is over at 34, written at 35; its ofmap is in DRAM at 46.
    """
    outcome = run(TWO_FILTERS, chip(dram=FAR), m=1)
    assert outcome.cycles == 46
    assert causes_of(outcome, 0) == {
        "no_weight.dram": 11,
        "no_ifmap.dram": 1,
        "blocked.dram": 12,
        "no_weight.bus": 2,
        "busy.mac": 2,
        "busy.accumulate": 2,
        "busy.pipeline": 4,
        "idle": 12,
    }


def test_one_row_of_two_behind_a_slow_link_to_the_cycle() -> None:
    """One PE, one weight, two ifmap words; a link of one word a cycle at 0.3 of the core's clock.

    The weight has link cycle 0 and is in at ceil(10/3) = 4, the ifmap link cycles 1 and 2 and is in at
    10. The pass takes 7 cycles and is written 8 after its start, at 18. The ofmap may leave in link cycle
    ceil(18 * 3/10) = 6, takes two, and is in DRAM at ceil(8 * 10/3) = 27.
    """
    layer = Layer("row of two", m=1, c=1, h=1, w=2, r=1, s=1)
    outcome = run(layer, chip(dram=DramLink(clock_hz=60, bits_per_cycle=WORD_BITS)))
    assert outcome.cycles == 27
    assert causes_of(outcome, 0) == {
        "no_weight.dram": 4,
        "no_ifmap.dram": 6,
        "no_weight.bus": 1,
        "busy.mac": 2,
        "busy.accumulate": 2,
        "busy.pipeline": 2,
        "idle": 27 - 17,
    }
