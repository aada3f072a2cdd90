"""Chen, Emer, Sze, "Eyeriss: a spatial architecture...", ISCA 2016: the counts of its equations.

AlexNet, N=16, 256 PEs: the same mappings in, the same counts out, word for word where tiles divide a layer.
"""

import pytest

from tests.papers.isca2016 import ACTIVE_PES, COUNTS, FLOWS, LAYERS
from tests.papers.isca2016_runs import NEGLECTED, RAGGED, as_the_authors_count, counted, in_columns

EVEN = [
    (flow, layer)
    for flow in FLOWS
    for layer in LAYERS
    if (flow, layer) not in RAGGED and flow not in NEGLECTED
]
every_flow = pytest.mark.parametrize("flow", FLOWS)


@pytest.mark.parametrize("flow, layer", EVEN)
def test_counts_are_the_authors_word_for_word_where_tiles_divide(flow, layer):
    assert in_columns(counted(flow)[layer].best.words) == COUNTS[flow][layer]


@pytest.mark.parametrize("flow, layer", RAGGED)
def test_where_tiles_are_ragged_some_counts_differ_by_an_exact_ratio(flow, layer):
    words = counted(flow)[layer].best.words
    assert all(ratio > 1 and words[action] for action, ratio in RAGGED[flow, layer].items())
    assert in_columns(as_the_authors_count(flow, layer, words)) == COUNTS[flow][layer]


@pytest.mark.parametrize("layer", LAYERS)
def test_ws_brings_every_weight_to_its_pe_once_which_the_authors_neglect(layer):
    words = counted("WS")[layer].best.words
    weights = COUNTS["WS"][layer][1]  # read from DRAM
    assert words["noc.deliver:weight"] == weights
    assert in_columns(as_the_authors_count("WS", layer, words)) == COUNTS["WS"][layer]


@every_flow
def test_register_files_are_read_for_every_mac_where_they_keep_an_input(flow):
    """Closed forms of the paper: the ifmap in RS, the weights in RS and WS."""
    for one in counted(flow).values():
        macs, words = one.mapping.layer.macs, one.best.words
        assert words["mac.multiply_add:psum"] == macs
        assert words.get("rf.read:ifmap", 0) == macs * (flow == "RS")
        assert words.get("rf.read:weight", 0) == macs * (flow in ("RS", "WS"))


@every_flow
def test_active_pes(flow):
    assert tuple(counted(flow)[layer].best.active_pes for layer in LAYERS) == ACTIVE_PES[flow]
