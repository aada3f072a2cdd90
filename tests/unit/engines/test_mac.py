"""One PE of single MACs with its ports, tight to the cycle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.link import Link, Registers
from accelsim.engines.reference.mac_costs import Made, costs_of_macs, mac_costs
from accelsim.engines.reference.pe import Duty, PEPart
from accelsim.engines.reference.waiting import Countdown, Part, after
from accelsim.machine import PE, Operand, PooledRF, Sparsity
from accelsim.machine.control import control_of
from accelsim.machine.datapath import AnyDatapath, Codebook, Integer, Ternary
from accelsim.passes.script import Step
from accelsim.stats import CAUSES, Actions
from tests.unit.small_machine import chip

STAGES = 3
INTEGER = Integer(kind="integer")


@dataclass
class Bench:
    """A PE with steps of 2 * 5 + 100, one place above and room beside it; times are cycles."""

    weight_at: int = 0  # usable
    ifmap_at: int = 0
    psum_at: int = 0
    room_at: int = 0  # above
    steps: int = 1
    gating: bool = False
    ifmap: int = 5
    weight: int = 2
    datapath: AnyDatapath = INTEGER

    def run(self) -> tuple[dict[str, int], list[tuple[int, int]]]:
        """Cycles by cause, and (value, cycle in which it is out) of every psum."""
        self.env, self.actions = simpy.Environment(), Actions()
        sparsity = Sparsity(gate="ifmap" if self.gating else "none")
        arch = chip(pe=PE(STAGES), sparsity=sparsity, datapath=self.datapath)
        self.bus, self.seen = Part("bus"), list[tuple[int, int]]()
        self.pe = PEPart(
            self.env,
            "PE (0, 0)",
            arch,
            control_of(arch, values=True),
            self.actions,
        )
        above = Link(self.env, self.pe, self.bus, places=1, latency=STAGES)
        links = {
            0: self.fed("weight", self.weight_at, self.weight),
            1: self.fed("ifmap", self.ifmap_at, self.ifmap),
            2: self.fed("psum", self.psum_at, 100),
            3: above,
            4: Link(self.env, self.pe, self.bus, places=9, latency=1),
        }
        step = Step("mac", weight=0, ifmap=1, psum=2, above=3, ifmap_onward=(4,))
        duty = Duty([step] * self.steps, links, costs_of_macs((), arch))
        self.env.process(self.occupied(above, duty))
        self.env.run()
        cycles = self.pe.time.cycles(int(self.env.now))
        causes = {name: int(n) for name, n in zip(CAUSES, cycles, strict=True) if n}
        causes.pop("idle", None)
        return causes, self.seen

    def fed(self, operand: Operand, cycle: int, value: int) -> Link:
        link = Link(self.env, self.bus, self.pe, places=9, latency=0, operand=operand)
        for _ in range(self.steps):
            after(self.env, cycle, partial(link.send, value))
        return link

    def occupied(self, above: Link, duty: Duty) -> ProcessGenerator:
        """The place above is taken until the cycle *room_at*, and taken out of at once afterwards."""
        if self.room_at:
            above.send(0)
        self.env.process(self.pe.run(duty))
        if self.room_at:
            yield self.env.timeout(self.room_at - 1)
            yield from above.word()
            above.take()
        for _ in range(self.steps):
            yield from above.word()
            self.seen.append((above.take(), int(self.env.now)))


CAUSES_IN_ORDER = ("no_weight.bus", "no_ifmap.bus", "blocked.bus", "no_psum.bus")


@pytest.mark.parametrize(
    "times",
    [(0, 0, 0, 0), (1, 2, 5, 7), (7, 5, 4, 2), (3, 6, 0, 6), (2, 2, 6, 6), (0, 0, 5, 0), (0, 0, 0, 4)],
)
def test_a_step_waits_for_weight_ifmap_room_and_psum_and_names_them_in_this_order(
    times: tuple[int, int, int, int],
) -> None:
    weight_at, ifmap_at, room_at, psum_at = times
    causes, seen = Bench(weight_at=weight_at, ifmap_at=ifmap_at, room_at=room_at, psum_at=psum_at).run()
    assert seen == [(110, max(times) + STAGES)]
    expected, past = {"busy.mac": 1, "busy.pipeline": STAGES - 1}, 0
    for cause, cycle in zip(CAUSES_IN_ORDER, times, strict=True):
        if cycle > past:
            expected[cause], past = cycle - past, cycle
    assert causes == expected


def test_a_step_takes_a_cycle_and_its_place_above_is_free_the_cycle_after_the_take() -> None:
    causes, seen = Bench(steps=3).run()
    assert seen == [(110, 3), (110, 3 + 1 + STAGES), (110, 7 + 1 + STAGES)]
    assert causes == {"busy.mac": 3, "blocked.bus": 3 + 3, "busy.pipeline": STAGES - 1}


def test_a_pe_without_steps_is_idle() -> None:
    causes, seen = Bench(steps=0).run()
    assert (causes, seen) == ({}, [])


def test_words_from_links_cost_no_register() -> None:
    bench = Bench()
    bench.run()
    assert bench.actions == {"mac.multiply_add:psum": 1}


@pytest.mark.parametrize("ifmap, action", [(0, "mac.gated:psum"), (5, "mac.multiply_add:psum")])
def test_a_zero_gates_its_mac(ifmap: int, action: str) -> None:
    bench = Bench(gating=True, ifmap=ifmap)
    _, seen = bench.run()
    assert seen == [(100 + 2 * ifmap, STAGES)]
    assert bench.actions == {action: 1}


@pytest.mark.parametrize(
    "datapath, weight, action",
    [
        (Ternary(kind="ternary"), 0, "mac.gated:psum"),
        (Ternary(kind="ternary"), -1, "mac.flip_add:psum"),
        (INTEGER, 0, "mac.multiply_add:psum"),
    ],
)
def test_a_zero_weight_gates_its_mac_where_it_does_nothing(
    datapath: AnyDatapath, weight: int, action: str
) -> None:
    bench = Bench(datapath=datapath, weight=weight)
    _, seen = bench.run()
    assert seen == [(100 + 5 * weight, STAGES)]
    assert bench.actions == {action: 1}


def test_a_kept_word_costs_a_read_and_a_kept_psum_a_read_and_a_write() -> None:
    costs = partial(mac_costs, ("weight", "psum"), chip())
    kept = {"rf.read:weight": 1, "rf.read:psum": 1, "rf.write:psum": 1}
    assert costs(Made()) == {"mac.multiply_add:psum": 1} | kept
    del kept["rf.read:weight"]
    assert costs(Made(gives=True, gated=True)) == {"mac.gated:psum": 1, "rf.gated_read:weight": 1} | kept


@pytest.mark.parametrize("made", [Made(idle=True), Made(gated=True, idle=True)])
def test_a_zero_weight_that_does_nothing_is_read_unless_the_ifmap_value_is_zero(made: Made) -> None:
    costs = partial(mac_costs, ("weight",), chip(datapath=Ternary(kind="ternary")))
    read = "rf.gated_read:weight" if made.gated else "rf.read:weight"
    assert costs(made) == {"mac.gated:psum": 1, read: 1}


@pytest.mark.parametrize("gated", [True, False])
def test_a_gated_mac_looks_no_weight_up_even_if_none_is_kept(gated: bool) -> None:
    costs = partial(mac_costs, (), chip(datapath=Codebook(kind="codebook", codebook_bits=2)))
    expected = {"mac.gated:psum": 1} if gated else {"mac.multiply_add:psum": 1, "codec.lookup:weight": 1}
    assert costs(Made(gated=gated)) == expected


def test_a_pooled_register_file_does_not_hold_the_psum_that_leaves() -> None:
    costs = partial(mac_costs, ("psum",), chip(rf=PooledRF("pooled", 4)))
    assert costs(Made(gives=True)) == {"mac.multiply_add:psum": 1}
    assert costs(Made())["rf.write:psum"] == 1


def test_a_register_gives_its_word_once_it_is_usable_and_any_number_of_times() -> None:
    env = simpy.Environment()
    usable, pe, bus = Countdown(env.event(), 1), Part("PE (0, 0)"), Part("weight bus")
    counts = Actions(), {"rf.write:weight": 1}
    one = np.ones(1, bool)
    register = Registers(bus, pe, "weight", carried=one, latency=1, usable=usable, counts=counts)
    register.leave(7)
    ready = env.process(register.word())
    env.run()
    assert not ready.processed
    assert pe.waits_for == ("weight from", bus)
    register.arrive()
    env.run()
    assert ready.processed
    assert (register.take(), register.take()) == (7, 7)
