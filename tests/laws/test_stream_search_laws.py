"""Under the exact search more hardware never costs more, and two images never more than twice one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

from accelsim.energy import actions_of
from accelsim.engines.fast import layer as fast
from accelsim.errors import LegalityError
from accelsim.machine import Arch, Banks, DramLink, PEArray
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from accelsim.search import Found, Objective, search
from tests.laws.stream_cases import ALL
from tests.laws.stream_machines import roomy

SMALL = replace(roomy(), array=PEArray(4, 3), glb=Banks(24, 4), filter_glb=Banks(8, 4))
LINKED = replace(SMALL, filter_glb="glb", dram=DramLink(clock_hz=60, bits_per_cycle=24, latency_cycles=2))
USED = PEArray(4, 3, "grid", "systolic", "used", "serial")
MACHINES = {
    "grid": SMALL,
    "systolic": replace(SMALL, array=USED, padding="generated"),
    "pool": replace(SMALL, array=PEArray(1, 12, "pool"), filter_glb="glb", ofmap_via_glb=False),
    "link": LINKED,
}
CONV = Layer("conv", m=3, c=2, h=3, w=3, r=2, s=2, pad=(1, 0, 0, 0))
POINTWISE = Layer("pointwise", m=3, c=2, h=2, w=2, r=1, s=1)
GOALS: tuple[tuple[Layer, Objective], ...] = (
    (CONV, "energy"),
    (POINTWISE, "energy"),
    (POINTWISE, "latency"),
)


@cache
def best(cls: Any, layer: Layer, arch: Arch, objective: Objective) -> Found:
    """What the search finds at a price of one a word, of DRAM a hundred."""
    prices = {action: 100.0 if action.startswith("dram.") else 1.0 for action in actions_of(arch)}

    def cycles_of(choice: dict[str, int]) -> int:
        return fast.simulate(make_program(cls(**choice).map(layer, arch), arch), None).cycles

    return search(cls.space(layer, arch), layer, arch, prices, objective, cycles_of)


def larger(arch: Arch) -> dict[str, Arch]:
    """*arch* with more of one thing."""
    array, noc = arch.array, arch.noc
    found = {
        "columns": replace(arch, array=replace(array, cols=array.cols + 2)),
        "banks": replace(arch, glb=replace(arch.buffer, banks=arch.buffer.banks + 7)),
        "bandwidth": replace(arch, noc=replace(noc, ifmap=replace(noc.ifmap, bits_per_cycle=256))),
        "depth": replace(arch, noc=replace(noc, ofmap=replace(noc.ofmap, fifo_words=9))),
    }
    if array.placement == "grid":
        found["rows"] = replace(arch, array=replace(array, rows=array.rows + 2))
    if isinstance(arch.filter_glb, Banks):
        found["filter banks"] = replace(arch, filter_glb=replace(arch.filter_glb, banks=13))
    return found


def narrow(arch: Arch) -> Arch:
    """*arch* with buses of a word and short FIFOs."""
    noc = arch.noc
    return replace(
        arch,
        noc=replace(
            noc,
            ifmap=replace(noc.ifmap, bits_per_cycle=16, fifo_words=2),
            ofmap=replace(noc.ofmap, bits_per_cycle=16, fifo_words=1),
        ),
    )


def same_nest(cls: Any, choice: dict[str, int], layer: Layer, arch: Arch, other: Arch) -> bool:
    """Whether *choice* is legal on *other*, and the nest that it is on *arch*."""
    try:
        return bool(cls(**choice).map(layer, arch).loops == cls(**choice).map(layer, other).loops)
    except LegalityError:
        return False


def offered(cls: Any, choice: dict[str, int], layer: Layer, arch: Arch) -> bool:
    """Whether the search looks at *choice*, and it is legal."""
    space = cls.space(layer, arch)
    batch = space.expand(np.arange(len(space.starts()[1])), equal_counts_once=False)
    same = batch.legal
    for name, size in choice.items():
        same = same & (batch.choice[name] == size)
    return bool(same.any())


def keeps_all_pixels(choice: dict[str, int], layer: Layer) -> bool:
    """Whether *choice*, of compressed columns, fetches each ifmap word once, for all filters."""
    return choice.keys() == {"m", "b", "t"} and choice["t"] == layer.n * layer.e * layer.f


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", ALL)
def test_more_hardware_never_costs_more_where_it_can_do_what_less_does(name: str, machine: str) -> None:
    cls, arch = ALL[name], narrow(MACHINES[machine])
    for layer, objective in GOALS:
        try:
            found = best(cls, layer, arch, objective)
        except LegalityError:
            continue
        for what, more in larger(arch).items():
            if same_nest(cls, found.choice, layer, arch, more):
                value = best(cls, layer, more, objective).value
                assert value <= found.value, (what, objective, layer.name, found.choice)


@pytest.mark.parametrize("name", ALL)
def test_two_images_never_cost_more_than_twice_one_where_each_can_be_done_alike(name: str) -> None:
    """Where they cannot: psums of all images in the GLB at once, pixels of both in few even blocks, or all
    ifmap words of one image in the GLB until every filter has been on the array."""
    cls, checked = ALL[name], 0
    for arch, (layer, objective) in product(MACHINES.values(), GOALS):
        twice = replace(layer, n=2)
        try:
            one = best(cls, layer, arch, objective)
        except LegalityError:
            continue
        if offered(cls, one.choice, twice, arch) and not keeps_all_pixels(one.choice, layer):
            two = best(cls, twice, arch, objective)
            assert two.value <= 2 * one.value, (arch, objective, layer.name, one.choice, two.choice)
            checked += 1
    assert checked >= 3
