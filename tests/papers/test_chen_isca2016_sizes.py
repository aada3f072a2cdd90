"""Chen, Emer, Sze, "Eyeriss: a spatial architecture...", ISCA 2016: the set-ups with 256, 512 and 1024 PEs.

The same six dataflows, unchanged, on other arrays and batches and on fully connected layers.
"""

from functools import cache

import pytest

import accelsim
from tests.papers.isca2016 import FLOWS
from tests.papers.isca2016_runs import RUN, searched

ROWS = (16, 32, 64)
LAYERS = ("CONV3", "FC6", "FC8")
BATCH = 3
every_flow = pytest.mark.parametrize("flow", FLOWS)


def on_an_array(flow, rows):
    """The set-up of *flow* with 16 x *rows* PEs: its buffer follows."""
    return {f"compare__{flow}__arch": {"extends": f"isca2016_{flow.lower()}_256", "array": {"rows": rows}}}


@cache
def best(flow, rows):
    return searched(flow, batch=BATCH, layers=list(LAYERS), **on_an_array(flow, rows))


@pytest.mark.parametrize("rows", ROWS)
@every_flow
def test_dram_gives_every_word_that_is_needed_and_takes_every_ofmap_word_once(flow, rows):
    layers = accelsim.load(RUN, batch=BATCH, layers=list(LAYERS)).network.layers(BATCH)
    for name, found in best(flow, rows).items():
        layer, work = layers[name], found.work
        pixels = len(layer.rows(range(layer.e), range(layer.r)))
        pixels *= len(layer.columns(range(layer.f), range(layer.s)))
        assert work.macs == layer.macs
        assert work.ifmap_fills >= layer.n * layer.c * pixels
        assert work.weight_fills >= layer.m * layer.group_c * layer.r * layer.s
        assert work.ofmap_words == layer.n * layer.m * layer.e * layer.f
        assert 0 < found.active <= 16 * rows


@every_flow
def test_a_larger_set_up_needs_no_more_energy(flow):
    """All that fits a small array and buffer fits larger ones."""
    small, middle, large = (best(flow, rows) for rows in ROWS)
    for name in LAYERS:
        assert small[name].energy >= middle[name].energy >= large[name].energy > 0


@every_flow
def test_a_fully_connected_layer_on_512_pes_is_simulated_as_counted(flow):
    run = accelsim.load(RUN, batch=BATCH, layers=["FC8"], **on_an_array(flow, 32))
    layer, found = accelsim.compare(run, [flow], jobs=1)[flow]["FC8"], best(flow, 32)["FC8"]
    assert layer.choice == found.choice
    assert layer.total_pj == pytest.approx(found.energy)
    assert layer.active_pes == found.active


def test_weight_stationary_runs_batch_64_where_the_buffer_grows_with_the_array():
    """256 PEs refuse it; 512 have a buffer of 668.5 kB for the 193600 psums of a filter of CONV1."""
    found = searched("WS", batch=64, layers=["CONV1"], **on_an_array("WS", 32))
    assert found["CONV1"].choice["t"] == 1
