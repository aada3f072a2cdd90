"""One PE with its ports, tight to the cycle."""

from dataclasses import dataclass

import numpy as np
import pytest
import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.link import Link, Registers, Window
from accelsim.engines.reference.pe import Duty, PEPart
from accelsim.engines.reference.waiting import Countdown, Part, after
from accelsim.machine import PE, Arch, Banks, LocalLink, NoC, PEArray, QueuedBus, SplitRF, WeightBus
from accelsim.machine.control import control_of
from accelsim.passes.patterns import KEPT, NOWHERE
from accelsim.passes.script import Step
from accelsim.stats import CAUSES, Actions

STAGES = 3
QUEUED = QueuedBus(16)
ARCH = Arch(
    name="one PE",
    clock_hz=1,
    array=PEArray(1, 1),
    rf=SplitRF("split", ifmap_bytes=2, weight_bytes=6, psum_bytes=6),
    pe=PE(pipeline_stages=STAGES),
    noc=NoC(WeightBus(16), QUEUED, QUEUED, QUEUED, LocalLink()),
    glb=Banks(2, 2),
    filter_glb=None,
    dram="ideal",
)


@dataclass
class Bench:
    """A PE with *filters* weights of 2, 3, ... and one step on the ifmap word 5; times are cycles."""

    filters: int = 1
    weights_at: int = 0  # the last weight is usable
    ifmap_at: int = 0
    psums_at: tuple[int, ...] = ()  # psums of 100 are usable; none start at zero
    places: int = 9  # above
    taken_at: int = 0  # no word is taken above before this

    def run(self) -> tuple[dict[str, int], list[tuple[int, int]]]:
        """Cycles by cause, and (value, cycle in which it is at the top of the pipeline) of every psum."""
        self.env, self.actions = simpy.Environment(), Actions()
        self.pe = PEPart(self.env, "PE (0, 0)", ARCH, control_of(ARCH, values=True), self.actions)
        self.bus = Part("bus")
        self.pe.kept = self.weights()
        above = Link(self.env, self.pe, self.bus, places=self.places, latency=STAGES)
        seen: list[tuple[int, int]] = []
        psum = 1 if self.psums_at else NOWHERE
        steps = [Step("primitive", KEPT, ifmap=0, taps=(0,))]
        steps += [Step("give", psum=psum, above=2)] * self.filters
        links = {0: self.ifmap(), 1: self.below(), 2: above}
        self.env.process(self.pe.run(Duty(steps, links, costs={})))
        self.env.process(self.collect(above, seen))
        self.env.run()
        causes = {
            name: int(n) for name, n in zip(CAUSES, self.pe.time.cycles(int(self.env.now)), strict=True) if n
        }
        causes.pop("idle", None)
        return causes, seen

    def weights(self) -> Registers:
        kept = Registers(
            self.bus,
            self.pe,
            "weight",
            carried=np.ones((self.filters, 1, 1), bool),
            latency=1,
            usable=Countdown(self.env.event(), self.filters),
            counts=(self.actions, {"rf.write:weight": 1}),
        )
        for j in range(self.filters):
            kept.leave(2 + j)
            after(self.env, self.weights_at, kept.arrive)
        return kept

    def ifmap(self) -> Window:
        counts = self.actions, "rf.write:ifmap"
        carried = np.ones((1, 1), bool)
        window = Window(self.env, self.bus, self.pe, places=1, latency=1, carried=carried, counts=counts)
        window.leave(5)
        after(self.env, self.ifmap_at, window.arrive)
        return window

    def below(self) -> Link:
        link = Link(self.env, self.bus, self.pe, places=9, latency=1)
        for cycle in self.psums_at:
            after(self.env, cycle - 1, lambda: link.send(100))
        return link

    def collect(self, above: Link, seen: list[tuple[int, int]]) -> ProcessGenerator:
        yield self.env.timeout(self.taken_at)
        for _ in range(self.filters):
            yield from above.word()
            seen.append((above.take(), int(self.env.now)))


@pytest.mark.parametrize("weights_at, ifmap_at", [(0, 0), (4, 0), (0, 4), (3, 5), (5, 3), (4, 4)])
def test_the_first_mac_waits_for_the_later_of_weights_and_window(weights_at: int, ifmap_at: int) -> None:
    causes, seen = Bench(weights_at=weights_at, ifmap_at=ifmap_at).run()
    start = max(weights_at, ifmap_at)
    assert seen == [(10, start + 1 + STAGES)]
    assert causes.get("no_weight.bus", 0) == weights_at  # before no_ifmap, where both hold
    assert causes.get("no_ifmap.bus", 0) == start - weights_at


def test_a_pe_accumulates_one_psum_a_cycle_once_its_macs_are_done() -> None:
    causes, seen = Bench(filters=3).run()
    assert seen == [(10, 3 + STAGES), (15, 4 + STAGES), (20, 5 + STAGES)]
    assert causes == {"busy.mac": 3, "busy.accumulate": 3, "busy.pipeline": STAGES - 1}


@pytest.mark.parametrize("psum_at, issue", [(1, 1), (2, 2), (7, 7)])
def test_an_accumulation_waits_for_the_psum_from_below(psum_at: int, issue: int) -> None:
    causes, seen = Bench(psums_at=(psum_at,)).run()
    assert seen == [(110, issue + STAGES)]
    assert causes.get("no_psum.bus", 0) == issue - 1


def test_psums_from_below_are_taken_in_order_and_one_by_one() -> None:
    causes, seen = Bench(filters=2, psums_at=(2, 9)).run()
    assert seen == [(110, 2 + STAGES), (115, 9 + STAGES)]
    assert causes["no_psum.bus"] == 6  # cycles 3 to 8


def test_a_pe_is_blocked_while_there_is_no_room_above_whatever_else_it_lacks() -> None:
    """The first psum issues at 2 and is taken at 8: room at 9. The second comes from below at 11."""
    causes, seen = Bench(filters=2, places=1, taken_at=8, psums_at=(2, 11)).run()
    assert seen == [(110, 8), (115, 11 + STAGES)]
    assert causes["blocked.bus"] == 9 - 3
    assert causes["no_psum.bus"] == 11 - 9


def test_a_pe_counts_what_its_datapath_does() -> None:
    bench = Bench(filters=3)
    bench.run()
    expected = Actions({"rf.write:weight": 3, "rf.write:ifmap": 1})
    expected.update({"mac.multiply_add:psum": 3, "mac.add:psum": 3, "rf.read:ifmap": 3, "rf.read:weight": 3})
    expected.update({"rf.read:psum": 3, "rf.write:psum": 3})
    assert bench.actions == expected
