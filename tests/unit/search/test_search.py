"""The search: exact against brute force, its counts those of the run, its bound never above a simulation."""

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pytest

from accelsim.config import build, find, load_yaml
from accelsim.energy import EnergyTable, actions_of, prices
from accelsim.engines.fast import layer as fast
from accelsim.errors import LegalityError
from accelsim.machine import Arch, Banks, DramLink, PEArray, PooledRF, Sparsity
from accelsim.mapping.nest import parameters
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from accelsim.search import cost, evaluate_choice, search, work_prices
from dataflows.row_stationary import RowStationary

CHIP = replace(build(load_yaml(find("arch", "eyeriss")), Arch), configuration_cycles=5, sparsity=Sparsity())
TABLE = build(load_yaml(find("energy", "horowitz_45nm")), EnergyTable)
SMALL = replace(CHIP, array=PEArray(5, 3), glb=Banks(9, 32), filter_glb=Banks(3, 32), dram="ideal")
MACHINES = {
    "grid": SMALL,
    "link": replace(SMALL, dram=DramLink(clock_hz=60_000_000, bits_per_cycle=16, latency_cycles=2)),
    "pool": replace(
        SMALL,
        array=PEArray(1, 14, "pool"),
        rf=PooledRF("pooled", 40),
        filter_glb=None,
        ofmap_via_glb=False,
    ),
    "generated": replace(SMALL, padding="generated"),
    "shared": replace(SMALL, filter_glb="glb"),
}
LAYERS = {
    "conv": Layer("conv", n=2, m=5, c=3, h=5, w=4, r=2, s=2, pad=(1, 0, 0, 1)),
    "strided": Layer("strided", n=1, m=4, c=4, h=9, w=7, r=3, s=3, stride=(2, 2), groups=2),
    "tall": Layer("tall", n=1, m=3, c=2, h=7, w=6, r=6, s=2),
    "fc": Layer("fc", n=2, m=5, c=5, h=1, w=1, r=1, s=1),
}
CASES = list(product(MACHINES, LAYERS))


def legal_choices(layer, arch):
    """Every legal choice, by brute force."""
    m, n, e, c = layer.group_m, layer.n, layer.e, layer.group_c
    for values in product(*(range(1, top + 1) for top in (m, n, e, m, c, c, m))):
        choice = RowStationary(*values)
        if choice.p * choice.t > choice.m or choice.q * choice.r > c:
            continue
        try:
            yield choice, choice.map(layer, arch)
        except LegalityError:
            continue


def cycles_of(layer, arch):
    return lambda choice: (
        fast.simulate(make_program(RowStationary(**choice).map(layer, arch), arch), None).cycles
    )


def find_best(layer, arch, objective, *, runner_up=False):
    unit = prices(TABLE, arch, actions_of(arch))
    space, cycles = RowStationary.space(layer, arch), cycles_of(layer, arch)
    return search(space, layer, arch, unit, objective, cycles, runner_up=runner_up), unit


@cache
def works(machine, name):
    """The counts of every legal choice, from its passes."""
    layer, arch = LAYERS[name], MACHINES[machine]
    return [make_program(mapping, arch).work for _, mapping in legal_choices(layer, arch)]


@pytest.mark.parametrize("machine, name", CASES)
def test_the_least_energy_is_that_of_brute_force(machine, name):
    layer, arch = LAYERS[name], MACHINES[machine]
    try:
        found, unit = find_best(layer, arch, "energy")
    except LegalityError:
        assert not works(machine, name)
        return
    weights = work_prices(arch, unit)
    least = min(float(cost(work, weights)) for work in works(machine, name))
    assert found.value == pytest.approx(least, rel=1e-12)
    assert found.runner_up is None  # not asked for


@pytest.mark.parametrize("machine, name", CASES)
def test_the_runner_up_is_the_least_energy_of_other_counts(machine, name):
    """Although the search for the best alone leaves out candidates that are worse in every count."""
    layer, arch = LAYERS[name], MACHINES[machine]
    if not works(machine, name):
        pytest.skip("nothing is legal")
    found, unit = find_best(layer, arch, "energy", runner_up=True)
    assert found.choice == find_best(layer, arch, "energy")[0].choice
    weights = work_prices(arch, unit)
    others = [float(cost(work, weights)) for work in works(machine, name) if work != found.best.work]
    assert found.best.work in works(machine, name)
    assert found.runner_up.work in works(machine, name)
    assert found.runner_up.energy == pytest.approx(min(others), rel=1e-12)


@pytest.mark.parametrize("machine, name", CASES)
def test_counts_of_the_space_are_those_of_the_passes(machine, name):
    """Model == simulation, count by count, on every candidate of every starting point (thinned)."""
    layer, arch = LAYERS[name], MACHINES[machine]
    space = RowStationary.space(layer, arch)
    batch = space.expand(np.arange(len(space.p)), equal_counts_once=False)
    legal = np.argwhere(batch.legal)
    for at in legal[:: max(1, len(legal) // 60)]:
        index = tuple(at)

        def pick(values, index=index):
            return int(np.broadcast_to(values, batch.legal.shape)[index])

        choice = {key: pick(values) for key, values in batch.choice.items()}
        program = make_program(RowStationary(**choice).map(layer, arch), arch)
        assert program.work == tuple(pick(values) for values in batch.work), choice
        assert pick(batch.floor_cycles) <= fast.simulate(program, None).cycles, choice


@pytest.mark.parametrize(
    "machine, name", [("grid", "conv"), ("link", "fc"), ("grid", "tall"), ("pool", "fc")]
)
@pytest.mark.parametrize("objective", ["latency", "edp"])
def test_the_least_latency_and_edp_and_their_runners_up_are_those_of_brute_force(machine, name, objective):
    layer, arch = LAYERS[name], MACHINES[machine]
    found, unit = find_best(layer, arch, objective, runner_up=True)
    weights = work_prices(arch, unit)
    best = second = np.inf
    for _, mapping in legal_choices(layer, arch):
        program = make_program(mapping, arch)
        value = float(fast.simulate(program, None).cycles)
        work = program.work
        if objective == "edp":
            value *= float(cost(work, weights))
        best = min(best, value)
        second = second if work == found.best.work else min(second, value)
    assert found.value == pytest.approx(best, rel=1e-12)
    assert found.runner_up.value(objective) == pytest.approx(second, rel=1e-12)
    assert 0 < found.simulated <= found.counted
    alone = find_best(layer, arch, objective)[0]
    assert (alone.choice, alone.value, alone.runner_up) == (found.choice, found.value, None)
    assert alone.simulated <= found.simulated


def test_nothing_legal_is_an_error():
    arch = replace(SMALL, glb=Banks(1, 2))
    with pytest.raises(LegalityError, match="conv"):
        find_best(LAYERS["conv"], arch, "energy")


@pytest.mark.parametrize("machine, name", CASES)
def test_a_given_choice_is_counted_like_a_searched_one(machine, name):
    layer, arch = LAYERS[name], MACHINES[machine]
    space = RowStationary.space(layer, arch) if works(machine, name) else None
    _, unit = find_best(LAYERS["fc"], arch, "energy")
    for (choice, _), work in list(zip(legal_choices(layer, arch), works(machine, name), strict=True))[::37]:
        assert evaluate_choice(space, parameters(choice), arch, unit).work == work
