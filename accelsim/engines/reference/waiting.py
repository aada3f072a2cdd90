"""Waiting: a part says what it waits for and who must act, so a machine that stops can say why."""

from __future__ import annotations

from collections.abc import Callable

import simpy
from simpy.events import ProcessGenerator


class Part:
    """A named piece of the machine; ``waits_for`` is (what, who must act), None while it need not wait."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.waits_for: tuple[str, Part] | None = None

    def until(self, event: simpy.Event, what: str, whom: Part) -> ProcessGenerator:
        """Wait for *event*, which only *whom* can bring about."""
        self.waits_for = what, whom
        yield event
        self.waits_for = None


class Bell:
    """Wakes whoever waits for a change; the sleeper looks again whether the change is enough."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env, self._event = env, env.event()

    @property
    def event(self) -> simpy.Event:
        """What to wait for: it happens at the next ring."""
        return self._event

    def ring(self) -> None:
        """Wake all that wait, because something changed."""
        if self._event.callbacks:
            self._event.succeed()
            self._event = self._env.event()


class Countdown:
    """Lets *event* happen when the last of *count* things has; at once, if there are none."""

    def __init__(self, event: simpy.Event, count: int) -> None:
        self.event, self._left = event, count
        if not count:
            event.succeed()

    @property
    def over(self) -> bool:
        """Whether all of them have happened."""
        return not self._left

    def one(self) -> None:
        """One of them happened."""
        self._left -= 1
        if not self._left:
            self.event.succeed()


def after(env: simpy.Environment, cycles: int, action: Callable[[], object]) -> None:
    """Let *action* happen *cycles* from now."""

    def act(_: simpy.Event) -> None:
        action()

    event = env.timeout(cycles)
    assert event.callbacks is not None, "a new event has not happened"
    event.callbacks.append(act)


def why_stuck(start: Part) -> str:
    """The circular wait that *start* ends in, buses first; or the chain to a part that will never act."""
    path = [start]
    while (wait := path[-1].waits_for) is not None:
        if wait[1] in path:
            return "circular wait: " + _sentences(_buses_first(path[path.index(wait[1]) :]))
        path.append(wait[1])
    return f"endless wait: {_sentences(path[:-1])}; {path[-1].name} has nothing left to do"


def _buses_first(circle: list[Part]) -> list[Part]:
    first = min(range(len(circle)), key=lambda i: (circle[i].name.startswith("PE"), circle[i].name))
    return circle[first:] + circle[:first]


def _sentences(parts: list[Part]) -> str:
    waits = []
    for part in parts:
        assert part.waits_for is not None, "only waiting parts stop a machine"
        what, whom = part.waits_for
        waits.append(f"{part.name} waits for {what} {whom.name}")
    return "; ".join(waits)
