"""The scratch pads of a PE: weights that must all be there, and a sliding window with credits."""

import numpy as np
import pytest
import simpy

from accelsim.engines.reference.spad import IfmapSpad, WeightSpad
from accelsim.engines.reference.waiting import Part
from accelsim.stats import Actions

BUS, OWNER = Part("ifmap bus"), Part("PE (0, 0)")


@pytest.fixture
def env() -> simpy.Environment:
    return simpy.Environment()


def window(env: simpy.Environment, *carried: list[int], places: int) -> IfmapSpad:
    """Of the words *carried*, column by column and channel by channel."""
    return IfmapSpad(env, BUS, OWNER, Actions(), carried=np.array(carried, bool), places=places)


def test_weights_are_complete_with_the_last_word_and_not_before(env: simpy.Environment) -> None:
    actions = Actions()
    spad = WeightSpad(env, BUS, OWNER, actions, np.ones((1, 2, 1), bool))
    ready = env.process(spad.complete())
    spad.arrive((0, 1, 0), 5)
    env.run()
    assert not ready.processed
    spad.arrive((0, 0, 0), 4)
    env.run()
    assert ready.processed
    assert spad.values.tolist() == [[[4], [5]]]
    assert actions == {"rf.write:weight": 2}


def test_a_column_is_there_with_its_last_channel_and_not_before(env: simpy.Environment) -> None:
    spad = window(env, [1, 1], [1, 1], places=4)
    ready = env.process(spad.columns(1))
    spad.arrive(0, 1, 8)
    env.run()
    assert not ready.processed
    spad.arrive(0, 0, 9)
    env.run()
    assert ready.processed
    values, carried = spad.window((0,))
    assert values.tolist() == [[9], [8]]
    assert carried.all()


def test_columns_are_counted_from_the_first_on(env: simpy.Environment) -> None:
    spad = window(env, [1], [1], places=4)
    ready = env.process(spad.columns(1))
    spad.arrive(1, 0, 8)
    env.run()
    assert not ready.processed


def test_places_come_back_by_whole_columns(env: simpy.Environment) -> None:
    spad = window(env, [1, 1], [1, 1], places=4)
    for column, channel in [(0, 0), (0, 1), (1, 0), (1, 1)]:
        spad.reserve()
        spad.arrive(column, channel, 0)
    room = env.process(spad.room())
    env.run()
    assert not room.processed
    spad.release(1)
    env.run()
    assert room.processed
    spad.reserve()
    spad.reserve()
    with pytest.raises(AssertionError, match="without room"):
        spad.reserve()


def test_a_column_that_was_released_is_gone(env: simpy.Environment) -> None:
    spad = window(env, [1], places=1)
    spad.arrive(0, 0, 3)
    spad.release(1)
    with pytest.raises(AssertionError, match="window is there"):
        spad.window((0,))
