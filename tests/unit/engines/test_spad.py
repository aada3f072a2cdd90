"""What a PE keeps, and its sliding window: weights that must all be there, and columns with credits."""

import numpy as np
import pytest
import simpy

from accelsim.engines.reference.link import Registers, Window
from accelsim.engines.reference.waiting import Countdown, Part
from accelsim.stats import Actions

BUS, OWNER = Part("ifmap bus"), Part("PE (0, 0)")


@pytest.fixture
def env() -> simpy.Environment:
    return simpy.Environment()


def window(env: simpy.Environment, *carried: list[int], places: int) -> Window:
    """Of the words *carried*, column by column and channel by channel."""
    return Window(env, BUS, OWNER, places=places, latency=1, carried=np.array(carried, bool))


def came(spad: Window, *words: int) -> None:
    """*words* have come."""
    for word in words:
        spad.leave(word)
        spad.arrive()


def test_weights_are_complete_with_the_last_word_and_not_before(env: simpy.Environment) -> None:
    actions, usable = Actions(), Countdown(env.event(), 2)
    counts = actions, {"rf.write:weight": 1}
    carried = np.array([[[1], [0], [1]]], bool)
    spad = Registers(BUS, OWNER, "weight", carried=carried, latency=1, usable=usable, counts=counts)
    ready = env.process(spad.word())
    spad.leave(4)
    spad.leave(5)
    spad.arrive()
    env.run()
    assert not ready.processed
    spad.arrive()
    env.run()
    assert ready.processed
    assert spad.values.tolist() == [[[4], [0], [5]]]
    assert actions == {"rf.write:weight": 2}


def test_a_pe_that_is_given_no_weights_waits_for_none(env: simpy.Environment) -> None:
    usable = Countdown(env.event(), 0)
    carried = np.zeros((1, 1), bool)
    spad = Registers(BUS, OWNER, "weight", carried=carried, latency=1, usable=usable, counts=(Actions(), {}))
    assert spad.there()


def test_a_column_is_there_with_its_last_channel_and_not_before(env: simpy.Environment) -> None:
    spad = window(env, [1, 1], [1, 1], places=4)
    ready = env.process(spad.word(1))
    came(spad, 9)
    env.run()
    assert not ready.processed
    came(spad, 8)
    env.run()
    assert ready.processed
    values, carried = spad.look((0,))
    assert values.tolist() == [[9], [8]]
    assert carried.all()


def test_columns_are_counted_from_the_first_on_with_those_in_which_no_word_comes(
    env: simpy.Environment,
) -> None:
    spad = window(env, [0, 1], [0, 0], [1, 0], places=4)
    assert [spad.there(columns) for columns in range(4)] == [True, False, False, False]
    came(spad, 8)
    assert [spad.there(columns) for columns in range(4)] == [True, True, True, False]
    assert spad.look((0, 1))[0].tolist() == [[0, 0], [8, 0]]


def test_places_come_back_by_whole_columns(env: simpy.Environment) -> None:
    spad = window(env, [1, 1], [1, 1], [1, 1], places=4)
    came(spad, 0, 0, 0, 0)
    room = env.process(spad.room())
    env.run()
    assert not room.processed
    spad.release(1)
    env.run()
    assert room.processed
    spad.leave(0)
    spad.leave(0)
    with pytest.raises(AssertionError, match="without room"):
        spad.leave(0)


def test_a_column_that_was_released_is_gone(env: simpy.Environment) -> None:
    spad = window(env, [1], places=1)
    came(spad, 3)
    spad.release(1)
    with pytest.raises(AssertionError, match="window is there"):
        spad.look((0,))
