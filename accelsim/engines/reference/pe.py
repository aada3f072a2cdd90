"""The processing element: it executes steps, whatever the kind of its pass."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.link import Link, Registers, Window
from accelsim.engines.reference.mac_costs import Made
from accelsim.engines.reference.timeline import Timeline
from accelsim.engines.reference.waiting import Part
from accelsim.machine import Arch
from accelsim.machine.control import Control, Gated, WordCosts, psum_uses
from accelsim.machine.datapath import Word
from accelsim.mapping.work import NOTHING, MacFates, Work, arithmetic
from accelsim.passes.patterns import KEPT, NOWHERE
from accelsim.passes.script import Step
from accelsim.stats import Actions, add

NEVER_CAME = WordCosts(mac=0, overhead=0, macs=0, fillers=0, entries=0, idle=0)
"""What a word costs that does not come."""

Lasts = tuple[tuple[str, int], ...]
"""Cycles by cause, one after another; some may be none."""


class Duty(NamedTuple):
    """What a PE does in one pass."""

    steps: Iterable[Step]
    links: Mapping[int, Link]  # by port
    costs: Mapping[Made, Mapping[str, int]]  # actions of a MAC


class PEPart(Part):
    """A datapath between ports; the waiting lives here, the work in *control* and the datapath it runs.

    Takes:  weights, ifmap words and psums from the ports that a step names.
    Gives:  psums, and operands that neighbours use after it; stalls while there is no room.
    Counts: whatever the datapath does. Cycles: every cause of a stall on chip, ``busy``, ``idle``.
    """

    kept: Registers  # from pass to pass until it is replaced

    def __init__(
        self, env: simpy.Environment, name: str, arch: Arch, control: Control, actions: Actions
    ) -> None:
        super().__init__(name)
        self._env, self._arch, self._actions = env, arch, actions
        self._control, self._datapath = control, control.datapath
        self._sums: deque[Word] = deque()  # that stay, the next to be given first
        self._word_costs: list[WordCosts[int]] = []  # of an activation, by its tap
        self.time = Timeline(env, "idle")

    def run(self, duty: Duty) -> ProcessGenerator:
        """One pass; ends when the last psum has left the pipeline."""
        acts = {
            "mac": self._mac,
            "primitive": self._primitive,
            "activation": self._activation,
            "give": self._give,
        }
        self._word_costs = []
        self.time.enter("idle")
        worked = False
        for step in duty.steps:
            yield from self._wait(step, duty.links)
            for cause, cycles in acts[step.verb](step, duty):
                if cycles:
                    self.time.enter(cause)
                    yield self._env.timeout(cycles)
            worked = True
        if worked:
            self.time.enter("busy.pipeline")
            yield self._env.timeout(self._arch.pe.pipeline_stages - 1)
            self.time.enter("idle")

    def _wait(self, step: Step, links: Mapping[int, Link]) -> ProcessGenerator:
        """For weight, ifmap word, room and psum, one cause at a time."""
        if step.done:
            self._window(step, links).release(step.done)
        if not self._there(step.weight, 1, links):
            self.time.enter("no_weight.bus")
            yield from self._source(step.weight, links).word()
        if not self._there(step.ifmap, step.need, links):
            self.time.enter("no_ifmap.bus")
            yield from self._source(step.ifmap, links).word(step.need)
        for port in (*step.ifmap_onward, *step.weight_onward, step.above):
            if port != NOWHERE and links[port].full:
                self.time.enter("blocked.bus")
                yield from links[port].room()
        if not self._there(step.psum, 1, links):
            self.time.enter("no_psum.bus")
            yield from links[step.psum].word()

    def _there(self, port: int, need: int, links: Mapping[int, Link]) -> bool:
        """Whether *need* words are at *port*, or none is waited for."""
        return port == NOWHERE or self._source(port, links).there(need)

    def _source(self, port: int, links: Mapping[int, Link]) -> Link | Registers:
        return self.kept if port == KEPT else links[port]

    def _window(self, step: Step, links: Mapping[int, Link]) -> Window:
        window = links[step.ifmap]
        assert isinstance(window, Window), "a primitive looks at a window"
        return window

    def _mac(self, step: Step, duty: Duty) -> Lasts:
        links = duty.links
        weight, ifmap = self._source(step.weight, links).take(), self._source(step.ifmap, links).take()
        for port in step.weight_onward:
            links[port].send(weight)
        for port in step.ifmap_onward:
            links[port].send(ifmap)
        before = self._kept_sum() if step.psum == NOWHERE else links[step.psum].take()
        psum = self._datapath.mac(before, ifmap, weight)
        gives = step.above != NOWHERE
        gated, idle = self._control.gates and not ifmap, self._control.idles and not weight
        add(self._actions, duty.costs[Made(gives, gated, idle)])
        if gives:
            links[step.above].send(psum)
            if step.hops:
                add(self._actions, {"noc.hop:psum": step.hops})
        else:
            self._sums.append(psum)
        return (("busy.mac", 1),)

    def _primitive(self, step: Step, duty: Duty) -> Lasts:
        window, carried = self._window(step, duty.links).look(step.taps)
        burst = self._control.primitive(window, carried, self.kept.values)
        self._sums.extend(burst.sums)
        uses, sums = burst.uses, len(burst.sums)
        work = NOTHING._replace(
            macs=self.kept.values.size,
            sums=sums,
            ifmap_uses=uses.ifmap,
            weight_uses=uses.weight,
            psum_uses=psum_uses(uses.psum, sums, self._arch),
            extra_ops=uses.extra_ops,
        )
        self._count(work, burst.costs, burst.gated, burst.reused)
        if self._control.sparsity.formats.ifmap.spad is not None:
            add(self._actions, {"codec.decode:ifmap": int(carried.sum())})
        return _lasts(burst.costs)

    def _activation(self, step: Step, duty: Duty) -> Lasts:
        (tap,), weights = step.taps, self.kept.values
        if not self._word_costs:
            each = self._control.word_costs(weights != 0)
            columns = zip(*(part.tolist() for part in each), strict=True)
            self._word_costs = [WordCosts(*one) for one in columns]
        costs, filters = self._word_costs[tap], weights.shape[1]
        value = duty.links[step.ifmap].take(held=max(costs.mac + costs.overhead, 1))
        before = [self._kept_sum() for _ in range(filters)]
        own = zip(before, weights[tap].tolist(), strict=True)
        self._sums.extend(self._datapath.mac(psum, value, weight) for psum, weight in own)
        uses = costs.macs + costs.fillers
        work = NOTHING._replace(macs=filters, ifmap_uses=uses, weight_uses=uses, psum_uses=uses)
        spared = self._control.gates and not value
        self._count(work, costs, Gated(costs.macs, costs.macs) if spared else Gated(costs.idle, 0))
        return _lasts(costs)

    def _give(self, step: Step, duty: Duty) -> Lasts:
        psum = self._kept_sum()
        if step.psum != NOWHERE:
            psum = self._datapath.plus(duty.links[step.psum].take(), psum)
        duty.links[step.above].send(psum)
        if step.skipped:
            self._count(NOTHING._replace(macs=step.skipped), NEVER_CAME, Gated(0, 0))
        return (("busy.accumulate", 1),)

    def _kept_sum(self) -> Word:
        """The next sum that has stayed; the first is zero."""
        return self._sums.popleft() if self._sums else self._datapath.zero

    def _count(self, work: Work[int], costs: WordCosts[int], gated: Gated, reused: int = 0) -> None:
        """What *work* did: the MACs in *costs*, of which some were *gated*, and those *reused* or skipped."""
        skipped = work.macs - costs.macs - reused
        spared = MacFates(gated.macs, gated.weights, skipped, reused, costs.fillers)
        add(self._actions, arithmetic(work, self._datapath, spared))
        add(self._actions, {"codec.decode:weight": costs.entries})


def _lasts(costs: WordCosts[int]) -> Lasts:
    """The cycles of *costs*, which may be none."""
    return ("busy.mac", costs.mac), ("busy.overhead", costs.overhead)
