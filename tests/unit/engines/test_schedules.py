"""Schedules of whole layers, worked by hand to the cycle."""

from accelsim.machine import PE, LocalLink, QueuedBus
from accelsim.network.layer import Layer
from tests.unit.small_machine import CHIP, causes_of, chip, run

ROW_OF_TWO = Layer("row of two", m=1, c=1, h=1, w=2, r=1, s=1)


def test_one_pe_and_two_columns_to_the_cycle() -> None:
    """One PE, one weight, two ifmap words.

    ====== =========================================================
    cycle  what happens
    ====== =========================================================
    0      the weight and ifmap word 0 move; both usable at 1
    1      MAC of step 0; ifmap word 1 moves, usable at 2
    2      psum 0 issues: in the FIFO at 2 + 3 = 5
    3      MAC of step 1
    4      psum 1 issues: in the FIFO at 7
    5, 6   the pipeline empties; psum 0 moves at 5, is written at 6
    7      psum 1 moves, is written at 8
    8      the ofmap is in DRAM
    ====== =========================================================
    """
    outcome = run(ROW_OF_TWO, CHIP)
    assert outcome.cycles == 8
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 1,
        "busy.mac": 2,
        "busy.accumulate": 2,
        "busy.pipeline": 2,
        "idle": 1,
    }
    assert causes_of(outcome, 1) == {"idle": 8}


def test_configuration_delays_everything_and_is_idle() -> None:
    outcome = run(ROW_OF_TWO, chip(configuration_cycles=4))
    assert outcome.cycles == 8 + 4
    assert causes_of(outcome, 0)["idle"] == 1 + 4


def test_a_chain_of_two_pes_to_the_cycle() -> None:
    """Two filter rows, one ofmap word: the psum climbs from PE (1, 0) to PE (0, 0).

    ====== ================================= =======================================
    cycle  top PE (0, 0), filter row 0       bottom PE (1, 0), filter row 1
    ====== ================================= =======================================
    0      its words move                    -
    1      MAC                               its words move
    2      waits for the psum from below     MAC
    3      waits                             issues: usable above at 3 + 3 + 1 = 7
    7      issues: in the FIFO at 10         has been empty since 6
    10     the pass is over; the psum moves, is written at 11
    ====== ================================= =======================================
    """
    outcome = run(Layer("column", m=1, c=1, h=2, w=1, r=2, s=1), CHIP)
    assert outcome.cycles == 11
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 1,
        "busy.mac": 1,
        "no_psum.bus": 5,
        "busy.accumulate": 1,
        "busy.pipeline": 2,
        "idle": 1,
    }
    assert causes_of(outcome, 4) == {
        "no_weight.bus": 2,
        "busy.mac": 1,
        "busy.accumulate": 1,
        "busy.pipeline": 2,
        "idle": 5,
    }


def test_a_psum_that_spills_and_returns_to_the_cycle() -> None:
    """Two channels, one a pass; the psum bus takes two cycles.

    Pass 0 from cycle 0: words move at 0, MAC at 1, issue at 2, over at 5; the psum moves at 5, is
    written at 6. Pass 1 from cycle 5: words move at 5, MAC at 6; the psum moves at 6, is usable at 8: no
    psum in cycle 7, issue at 8, over at 11; the psum moves at 11, is written at 12.
    """
    outcome = run(Layer("two channels", m=1, c=2, h=1, w=1, r=1, s=1), chip(psum=QueuedBus(16, 2)))
    assert outcome.cycles == 12
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 2,
        "busy.mac": 2,
        "no_psum.bus": 1,
        "busy.accumulate": 2,
        "busy.pipeline": 4,
        "idle": 1,
    }
    assert outcome.actions["glb.write:psum"] == 2
    assert outcome.actions["glb.read:psum"] == 2  # once back into the array, once out to DRAM


def test_an_output_fifo_of_one_word_to_the_cycle() -> None:
    """Three filters in one PE, one ofmap column, one place at the top.

    Weights are usable at 3; MACs in 3, 4, 5. Psum 0 issues at 6, is in the FIFO at 9 and moves, its place is
    free at 10; psum 1 issues at 10, moves at 13; psum 2 issues at 14, moves at 17, is written at 18.
    """
    layer = Layer("three filters", m=3, c=1, h=1, w=1, r=1, s=1)
    outcome = run(layer, chip(ofmap=QueuedBus(16, fifo_words=1)), m=3, p=3)
    assert outcome.cycles == 18
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 3,
        "busy.mac": 3,
        "busy.accumulate": 3,
        "blocked.bus": 3 + 3,
        "busy.pipeline": 2,
        "idle": 1,
    }


def test_an_ifmap_fifo_of_one_word_to_the_cycle() -> None:
    """Four steps of one word; window and FIFO hold two; the ifmap bus takes three cycles.

    ====== ====== ================== ====== ======= =====================
    word   moves  because            usable MAC     issue, end of step
    ====== ====== ================== ====== ======= =====================
    0      0      room               3      3       4, 5
    1      1      room               4      5       6, 7
    2      5      end of step 0      8      8       9, 10
    3      7      end of step 1      10     10      11, 12
    ====== ====== ================== ====== ======= =====================

    No weight in cycle 0, no ifmap in 1, 2 and 7; over at 14, when the last psum moves; written at 15.
    """
    layer = Layer("row of four", m=1, c=1, h=1, w=4, r=1, s=1)
    outcome = run(layer, chip(ifmap=QueuedBus(16, latency_cycles=3, fifo_words=1)))
    assert outcome.cycles == 15
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 1,
        "no_ifmap.bus": 3,
        "busy.mac": 4,
        "busy.accumulate": 4,
        "busy.pipeline": 2,
        "idle": 1,
    }


def test_words_of_the_pass_before_hold_up_the_next_to_the_cycle() -> None:
    """Four lanes, two passes (filters), output FIFOs of one word, one pipeline stage, a wide ifmap bus.

    Pass 0: all words move at 0, MAC at 1, all issue at 2, over at 3. Lanes 0 to 3 move at 3, 4, 5, 6: their
    places are free at 4, 5, 6, 7. Pass 1 from 3: words move at 3, MAC at 4; lanes 0 and 1 issue at 5, lane 2
    at 6, lane 3 at 7, over at 8. The bus is free at 7: it moves them at 7, 8, 9, 10; written at 11.
    """
    layer = Layer("four rows", m=2, c=1, h=4, w=1, r=1, s=1)
    arch = chip(pe=PE(pipeline_stages=1), ifmap=QueuedBus(4 * 16), ofmap=QueuedBus(16, fifo_words=1))
    outcome = run(layer, arch, e=4, m=2)
    assert outcome.cycles == 11
    for lane, blocked in enumerate([0, 0, 1, 2]):
        causes = causes_of(outcome, lane)
        assert causes.pop("blocked.bus", 0) == blocked
        assert causes == {"no_weight.bus": 2, "busy.mac": 2, "busy.accumulate": 2, "idle": 11 - 6 - blocked}


def test_a_psum_fifo_of_one_word_to_the_cycle() -> None:
    """Two channels, one a pass, and two filters in the PE; one place below it.

    Pass 0 from 0: weights usable at 2, MACs in 2 and 3, issues at 4 and 5, over at 8; the psums are written
    at 8 and 9. Pass 1 from 8: MACs in 10 and 11; psum 0 moves at 8 and is consumed at 12, its place is free
    at 13; psum 1 moves then, is usable at 14: no psum in 13, issue at 14, over at 17, written at 18.
    """
    layer = Layer("two by two", m=2, c=2, h=1, w=1, r=1, s=1)
    outcome = run(layer, chip(psum=QueuedBus(16, fifo_words=1)), m=2, p=2)
    assert outcome.cycles == 18
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 4,
        "busy.mac": 4,
        "no_psum.bus": 1,
        "busy.accumulate": 4,
        "busy.pipeline": 4,
        "idle": 1,
    }


def test_a_local_fifo_of_one_word_to_the_cycle() -> None:
    """Two filter rows and two filters; one place in the top PE.

    Weights are usable at 2 in the top PE, at 4 in the bottom one: MACs in 2, 3 and 4, 5. The bottom PE issues
    psum 0 at 6, usable at 10; the top PE consumes it at 10, its place is free at 11. Psum 1 issues at 11, is
    usable at 15; the top PE is over at 18, when the psum moves; written at 19.
    """
    layer = Layer("column", m=2, c=1, h=2, w=1, r=2, s=1)
    outcome = run(layer, chip(local=LocalLink(fifo_words=1)), m=2, p=2)
    assert outcome.cycles == 19
    busy = {"busy.mac": 2, "busy.accumulate": 2, "busy.pipeline": 2}
    assert causes_of(outcome, 0) == {"no_weight.bus": 2, "no_psum.bus": 6 + 4, "idle": 1} | busy
    assert causes_of(outcome, 4) == {"no_weight.bus": 4, "blocked.bus": 4, "idle": 5} | busy


def test_a_pass_waits_for_the_psums_of_the_pass_before_the_last_to_the_cycle() -> None:
    """Four lanes, four passes (filters), one pipeline stage: a pass takes 3 cycles, its drain 4.

    Pass 0 from 0 is over at 3, its words move at 3 to 6: written at 7. Pass 1 from 3 is over at 6, its
    words move at 7 to 10: written at 11. Pass 2 waits for 7, is over at 10, its words move at 11 to 14.
    Pass 3 waits for 11, is over at 14, its words move at 15 to 18; written at 19.
    """
    layer = Layer("four rows", m=4, c=1, h=4, w=1, r=1, s=1)
    outcome = run(layer, chip(pe=PE(pipeline_stages=1), ifmap=QueuedBus(4 * 16)), e=4, m=4)
    assert outcome.cycles == 19
    for lane in range(4):
        assert causes_of(outcome, lane) == {
            "no_weight.bus": 4,
            "busy.mac": 4,
            "busy.accumulate": 4,
            "blocked.bus": 1 + 1,
            "idle": 5,
        }
