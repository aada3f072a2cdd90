"""Parts that wait, bells that wake them, and the sentence of a machine that stopped."""

import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.waiting import Bell, Countdown, Part, after, why_stuck


def test_after_acts_then_and_not_before() -> None:
    env, seen = simpy.Environment(), []
    after(env, 3, lambda: seen.append(env.now))
    env.run(until=3)
    assert seen == []
    env.run()
    assert seen == [3]


def test_a_bell_wakes_who_waits_and_forgets_who_does_not() -> None:
    env = simpy.Environment()
    bell, woken = Bell(env), []

    def sleeper() -> ProcessGenerator:
        yield env.timeout(2)
        yield bell.event
        woken.append(env.now)

    env.process(sleeper())
    after(env, 1, bell.ring)  # nobody waits yet: lost
    after(env, 5, bell.ring)
    env.run()
    assert woken == [5]


def test_a_countdown_ends_with_the_last_of_its_things() -> None:
    event = simpy.Environment().event()
    countdown = Countdown(event, 2)
    countdown.one()
    assert not event.triggered and not countdown.over
    countdown.one()
    assert event.triggered and countdown.over


def test_a_countdown_of_nothing_is_over_at_once() -> None:
    event = simpy.Environment().event()
    assert Countdown(event, 0).over
    assert event.triggered


def test_a_part_tells_what_it_waits_for_only_while_it_waits() -> None:
    env = simpy.Environment()
    part, other = Part("ifmap bus"), Part("PE (0, 0)")
    env.process(part.until(env.timeout(4), "room in", other))
    env.run(until=1)
    assert part.waits_for == ("room in", other)
    env.run()
    assert part.waits_for is None


def test_a_circle_is_told_without_the_way_to_it_and_from_its_bus_on() -> None:
    array, bus, top, bottom = Part("array"), Part("ifmap bus"), Part("PE (0, 3)"), Part("PE (1, 3)")
    array.waits_for = "the end of the pass in", top
    top.waits_for = "psum from", bottom
    bottom.waits_for = "ifmap word from", bus
    bus.waits_for = "room in", top
    assert why_stuck(array) == (
        "circular wait: ifmap bus waits for room in PE (0, 3); PE (0, 3) waits for psum from PE (1, 3);"
        " PE (1, 3) waits for ifmap word from ifmap bus"
    )


def test_a_chain_ends_at_the_part_that_will_never_act() -> None:
    pe, bus = Part("PE (0, 0)"), Part("psum bus")
    pe.waits_for = "psum from", bus
    assert why_stuck(pe) == (
        "endless wait: PE (0, 0) waits for psum from psum bus; psum bus has nothing left to do"
    )
