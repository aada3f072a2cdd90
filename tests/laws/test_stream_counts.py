"""Model == simulation, count by count: what a dataflow's space says of a choice is what its passes do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from accelsim.energy import actions_of
from accelsim.engines.fast import layer as fast
from accelsim.errors import LegalityError
from accelsim.machine import Arch, Banks, DramLink, PEArray
from accelsim.mapping.nest import Dataflow, parameters
from accelsim.mapping.work import Work
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from accelsim.search import Batch, Objective, search
from tests.laws.stream_cases import ALL, drawn
from tests.laws.stream_machines import roomy

EACH = 30
SMALL = replace(roomy(), array=PEArray(4, 3), glb=Banks(40, 4), filter_glb=Banks(12, 4))
MACHINES = {
    "grid": SMALL,
    "systolic": replace(SMALL, array=PEArray(4, 3, "grid", "systolic"), padding="generated"),
    "pool": replace(SMALL, array=PEArray(1, 12, "pool"), filter_glb="glb", ofmap_via_glb=False),
    "link": replace(SMALL, filter_glb="glb", dram=DramLink(clock_hz=60, bits_per_cycle=24, latency_cycles=2)),
}
LAYERS = {
    "conv": Layer("conv", n=2, m=3, c=2, h=4, w=3, r=2, s=2, pad=(1, 0, 0, 1)),
    "strided": Layer("strided", n=1, m=4, c=2, h=5, w=4, r=3, s=2, stride=(2, 1), groups=2),
    "fc": Layer("fc", n=3, m=5, c=5, h=1, w=1, r=1, s=1),
}


def one(values: Any) -> int:
    """The value of a batch of one candidate."""
    return int(np.ravel(values)[0])


def counted(batch: Batch) -> Work:
    """The work of a batch of one candidate."""
    return Work(*(one(values) for values in batch.work))


def assert_counted(cls: type[Dataflow], choice: Any, layer: Layer, arch: Arch) -> None:
    """The counts of *choice* are those of its passes, and its bound is one."""
    batch = cls.space(layer, arch).at(parameters(choice))
    program = make_program(choice.map(layer, arch), arch)
    assert counted(batch)._asdict() == program.work._asdict()
    assert one(batch.floor_cycles) <= fast.simulate(program, None).cycles
    assert np.ravel(batch.legal)[0]


@pytest.mark.parametrize("name", ALL)
def test_counts_of_any_choice_are_those_of_its_passes(name: str) -> None:
    for case in drawn(name, EACH):
        assert_counted(ALL[name], case.choice, case.layer, case.program.arch)


@pytest.mark.parametrize(
    "machine, objective", [*((machine, "energy") for machine in MACHINES), ("grid", "latency")]
)
@pytest.mark.parametrize("name", ALL)
def test_counts_of_what_the_search_finds_are_those_of_its_passes(
    name: str, machine: str, objective: Objective
) -> None:
    cls: Any = ALL[name]
    arch, ran = MACHINES[machine], 0
    for layer in LAYERS.values():
        try:
            choice = best(cls, layer, arch, objective)
        except LegalityError:
            continue
        assert_counted(cls, choice, layer, arch)
        ran += 1
    assert ran or machine == "systolic", "something must be legal"


def best(cls: Any, layer: Layer, arch: Arch, objective: Objective) -> Any:
    """The choice that the search finds at a price of one a word, of DRAM a hundred."""
    prices = {action: 100.0 if action.startswith("dram.") else 1.0 for action in actions_of(arch)}

    def cycles_of(choice: dict[str, int]) -> int:
        return fast.simulate(make_program(cls(**choice).map(layer, arch), arch), None).cycles

    return cls(**search(cls.space(layer, arch), layer, arch, prices, objective, cycles_of).choice)
