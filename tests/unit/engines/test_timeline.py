"""Where cycles go: exactly one cause at any time."""

import simpy

from accelsim.engines.reference.timeline import Timeline
from accelsim.stats import CAUSE


def test_every_cycle_goes_to_the_cause_that_was_open() -> None:
    env = simpy.Environment()
    time = Timeline(env, "idle")
    for cause, until in [("busy.mac", 3), ("blocked.bus", 4), ("busy.mac", 9)]:
        env.run(until=until)
        time.enter(cause)
    env.run(until=11)
    cycles = time.cycles(11)
    assert cycles[CAUSE["idle"]] == 3
    assert cycles[CAUSE["busy.mac"]] == 1 + 2
    assert cycles[CAUSE["blocked.bus"]] == 5
    assert cycles.sum() == env.now


def test_a_cause_left_in_the_cycle_it_was_entered_gets_none() -> None:
    env = simpy.Environment()
    time = Timeline(env, "idle")
    time.enter("no_psum.bus")
    time.enter("busy.accumulate")
    env.run(until=1)
    assert time.cycles(1)[CAUSE["no_psum.bus"]] == 0
    assert time.cycles(1)[CAUSE["busy.accumulate"]] == 1
