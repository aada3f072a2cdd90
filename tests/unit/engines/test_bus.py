"""Buses: in order, so many words a cycle."""

from collections.abc import Sequence

import pytest
import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference import bus
from accelsim.machine import PE, Arch, Banks, LocalLink, NoC, PEArray, QueuedBus, SplitRF, WeightBus
from accelsim.stats import Actions

WORD_BITS = 16


def moves(words_per_cycle: int, ready: Sequence[int], beats: Sequence[int] = ()) -> list[int]:
    """Cycles in which words move that are ready in cycles *ready*, those at *beats* on a beat."""
    env = simpy.Environment()
    queued = QueuedBus(bits_per_cycle=words_per_cycle * WORD_BITS)
    arch = Arch(
        name="one PE",
        clock_hz=1,
        array=PEArray(1, 1),
        rf=SplitRF("split", ifmap_bytes=2, weight_bytes=2, psum_bytes=2),
        pe=PE(),
        noc=NoC(WeightBus(WORD_BITS), queued, queued, queued, LocalLink()),
        glb=Banks(2, 2),
        filter_glb=None,
        dram="ideal",
    )
    wires, seen = bus.BusPart(env, "ifmap", arch, Actions()), []

    def serve() -> ProcessGenerator:
        for index, cycle in enumerate(ready):
            yield from wires.slot(beat=index in beats)
            if env.now < cycle:
                yield env.timeout(cycle - env.now)
            wires.move()
            seen.append(int(env.now))

    env.process(serve())
    env.run()
    return seen


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_a_cycle_moves_as_many_words_as_the_bus_is_wide(width: int) -> None:
    assert moves(width, [0] * 9) == [x // width for x in range(9)]


def test_a_word_that_is_not_ready_holds_up_those_behind_it() -> None:
    assert moves(1, [0, 5, 0]) == [0, 5, 6]


def test_the_cycle_of_a_late_word_still_has_room_for_the_next() -> None:
    assert moves(2, [0, 5, 0, 0]) == [0, 5, 5, 6]


def test_words_get_ready_within_a_cycle_that_has_room() -> None:
    assert moves(2, [0, 0, 1, 4, 4, 4]) == [0, 0, 1, 4, 4, 5]


def test_a_word_on_a_beat_never_shares_the_cycle_of_the_word_before() -> None:
    assert moves(4, [0] * 6, beats=[0, 2, 3]) == [0, 0, 1, 2, 2, 2]


def test_a_word_on_a_beat_that_comes_later_anyway_waits_no_longer() -> None:
    assert moves(4, [0, 3, 3], beats=[1]) == [0, 3, 3]
