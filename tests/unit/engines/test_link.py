"""Links with credits, tight to the cycle."""

from collections.abc import Sequence

import pytest
import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.link import Link
from accelsim.engines.reference.waiting import Part
from accelsim.machine import Operand
from accelsim.stats import Actions


@pytest.fixture
def env() -> simpy.Environment:
    return simpy.Environment()


def run(env: simpy.Environment, link: Link, words: Sequence[int], takes: Sequence[int]) -> list[list[int]]:
    """Cycles in which *words* are sent, once there is room, and taken, none before its cycle in *takes*."""
    sent: list[int] = []
    taken: list[int] = []

    def sender() -> ProcessGenerator:
        for word in words:
            yield from link.room()
            link.send(word)
            sent.append(int(env.now))

    def receiver() -> ProcessGenerator:
        for word, earliest in zip(words, takes, strict=True):
            if env.now < earliest:
                yield env.timeout(earliest - env.now)
            yield from link.word()
            assert link.take() == word
            taken.append(int(env.now))

    env.process(sender())
    env.process(receiver())
    env.run()
    return [sent, taken]


@pytest.mark.parametrize("latency", [0, 1, 2, 4])
def test_a_word_is_there_after_the_latency_and_not_before(env: simpy.Environment, latency: int) -> None:
    link = Link(env, Part("a"), Part("b"), places=1, latency=latency)
    assert run(env, link, [7], [0]) == [[0], [latency]]


@pytest.mark.parametrize("places", [1, 2, 3])
def test_a_place_is_free_again_in_the_cycle_after_the_take(env: simpy.Environment, places: int) -> None:
    link = Link(env, Part("a"), Part("b"), places=places, latency=1)
    sent, taken = run(env, link, range(places + 1), [9] + [0] * places)
    assert taken[0] == 9
    assert sent == [0] * places + [10]


def test_a_word_on_the_wire_holds_its_place(env: simpy.Environment) -> None:
    link = Link(env, Part("a"), Part("b"), places=1, latency=5)
    assert run(env, link, [1, 2], [0, 0]) == [[0, 6], [5, 11]]


def test_words_of_one_cycle_keep_their_order(env: simpy.Environment) -> None:
    link = Link(env, Part("a"), Part("b"), places=3, latency=2)
    assert run(env, link, [3, 1, 2], [0, 0, 0]) == [[0, 0, 0], [2, 2, 2]]


def test_both_ends_tell_what_they_wait_for(env: simpy.Environment) -> None:
    below, above = Part("PE (1, 0)"), Part("PE (0, 0)")
    link = Link(env, below, above, places=1, latency=1)
    env.process(link.word())
    env.run()
    assert above.waits_for == ("psum from", below)
    link.send(1)
    env.process(link.room())
    env.run()
    assert below.waits_for == ("room in", above)


def test_a_word_without_room_is_refused(env: simpy.Environment) -> None:
    link = Link(env, Part("a"), Part("b"), places=1, latency=1)
    link.send(1)
    with pytest.raises(AssertionError, match="without room"):
        link.send(2)


@pytest.mark.parametrize("operand, what", [("ifmap", "ifmap word from"), ("weight", "weight from")])
def test_a_link_says_which_word_is_missing(env: simpy.Environment, operand: Operand, what: str) -> None:
    bus, pe = Part("bus"), Part("PE (0, 0)")
    env.process(Link(env, bus, pe, places=1, latency=0, operand=operand).word())
    env.run()
    assert pe.waits_for == (what, bus)


@pytest.mark.parametrize("operand", ["psum", "ifmap", "weight"])
def test_a_local_link_counts_a_hop_a_word(env: simpy.Environment, operand: Operand) -> None:
    actions = Actions()
    counts = actions, f"noc.hop:{operand}"
    link = Link(env, Part("a"), Part("b"), places=2, latency=1, operand=operand, counts=counts)
    run(env, link, [1, 2, 3], [0, 0, 0])
    assert actions == {f"noc.hop:{operand}": 3}
