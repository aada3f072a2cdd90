"""Chen, Emer, Sze, "Eyeriss: a spatial architecture...", ISCA 2016: six dataflows on 256 PEs, simulated.

AlexNet's CONV layers, N=16, with the mappings that are best under the equations of the paper.
"""

import pytest

from tests.papers.isca2016 import (
    ACTIVE_PES,
    CONVS,
    FIG11_PRINTED,
    FIG11_READS,
    FIG11_WRITES,
    FIG12,
    FIG12_LEVELS,
    FIG12_PRINTED,
    FIG12_UNIT,
    FIG13,
    FLOWS,
    LEVELS,
)
from tests.papers.isca2016_runs import (
    as_the_authors_count,
    counted,
    delay_per_op,
    energy_per_op,
    searched,
    simulated,
)

N = 16
every_flow = pytest.mark.parametrize("flow", FLOWS)
every_level = pytest.mark.parametrize("level", LEVELS)

# Where ragged tiles (isca2016_runs.RAGGED) move a printed number by more than 1 %, and by how much.
MISSED = {("RS", "glb"): 0.0114, ("OSB", "glb"): 0.0120, ("OSA", "glb"): 0.0598, ("OSA", "dram"): 0.0452}
MISSED_READS = {"OSA": 0.0604}


@every_flow
def test_energy_of_fig_12_within_1_percent(flow):
    cost = simulated(flow).cost(flow)
    assert cost.energy == pytest.approx(FIG12[N][flow] * FIG12_UNIT, rel=0.01)


@every_level
@every_flow
def test_energy_by_level_of_fig_12_within_1_percent_but_for_ragged_tiles(flow, level):
    energy, printed = _level(flow, level), _printed(flow, level)
    if (flow, level) in MISSED:
        assert energy / printed - 1 == pytest.approx(MISSED[flow, level], abs=0.0001)
    else:
        assert energy == pytest.approx(printed, rel=0.01, abs=FIG12_PRINTED)


@every_level
@every_flow
def test_energy_by_level_of_fig_12_within_a_thousandth_without_ragged_tiles(flow, level):
    """The printed buffer energy of RS fits neither its ragged tiles nor the equations: 1.0 % above these."""
    energy = _level(flow, level) - _not_the_authors(flow, level)
    rel = 0.01 if (flow, level) == ("RS", "glb") else 0.001
    assert energy == pytest.approx(_printed(flow, level), rel=rel, abs=FIG12_PRINTED)


def _level(flow, level):
    return simulated(flow).cost(flow).by_component[level]


def _printed(flow, level):
    return FIG12_LEVELS[flow][LEVELS.index(level)] * FIG12_UNIT


def _not_the_authors(flow, level):
    """Energy per op of what we count and the authors do not."""
    result, energy = simulated(flow)[flow], 0.0
    for layer in result.layers:
        theirs = as_the_authors_count(flow, layer.name, layer.actions)
        for action, words in layer.actions.items():
            if action.split(".")[0] == level:
                energy += float(words - theirs.get(action, 0)) * result.prices[action]
    return energy / result.total.macs


@every_flow
def test_dram_reads_of_fig_11_within_1_percent_but_for_ragged_tiles(flow):
    reads, printed = _reads(flow), FIG11_READS[N][flow]
    if flow in MISSED_READS:
        assert reads / printed - 1 == pytest.approx(MISSED_READS[flow], abs=0.0001)
    else:
        assert reads == pytest.approx(printed, rel=0.01)


@every_flow
def test_dram_reads_of_fig_11_to_the_last_digit_without_ragged_tiles(flow):
    price = simulated(flow)[flow].prices["dram.read:ifmap"]
    extra = _not_the_authors(flow, "dram") / price
    assert _reads(flow) - extra == pytest.approx(FIG11_READS[N][flow], abs=FIG11_PRINTED, rel=0)


def _reads(flow):
    return sum(simulated(flow).cost(flow).dram_reads.values())


@every_flow
def test_dram_writes_of_fig_11_to_the_last_digit(flow):
    writes = simulated(flow).cost(flow).dram_writes
    assert writes == pytest.approx(FIG11_WRITES, abs=FIG11_PRINTED, rel=0)


@every_flow
def test_active_pes(flow):
    layers = simulated(flow)[flow].layers
    assert [layer.name for layer in layers] == list(CONVS)
    assert tuple(layer.active_pes for layer in layers) == ACTIVE_PES[flow][: len(CONVS)]


@every_flow
def test_energy_delay_product_of_fig_13_within_1_percent(flow):
    """Delay is 1 / active PEs. By simulated cycles: RS 1.21 WS 1.83 OSA 2.00 OSB 1.12 OSC 1.19 NLR 1.68."""
    base = searched("RS", batch=1)
    product = simulated(flow).cost(flow).edp_isca16 / (energy_per_op(base) * delay_per_op(base))
    assert product == pytest.approx(FIG13[N][flow], rel=0.01)


@every_flow
def test_the_simulation_moves_what_was_counted(flow):
    for layer in simulated(flow)[flow].layers:
        moved = {action: words for action, words in layer.actions.items() if words}
        assert moved == counted(flow)[layer.name].best.words
