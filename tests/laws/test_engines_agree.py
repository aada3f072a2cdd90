"""Law 2: the fast engine equals the SimPy reference engine cycle by cycle, cause by cause, word by word."""

from collections import Counter

import numpy as np
import pytest

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.network.convolution import reference_ofmap
from tests.laws.cases import TIGHT, drawn
from tests.laws.seeds import SHARDS, assert_occur

EACH = 160  # cases in each shard
SHARE = 0.2  # of the cases, that must have each feature
FEATURES = (
    "8 passes or more",
    "ragged tail",
    "U > 1",
    "segments",
    "r > 1",
    "t > 1",
    "FIFO depth 1",
    "DRAM-bound",
    "m/(pt) = 1",
)


@pytest.mark.parametrize("shard", SHARDS)
def test_fast_equals_reference_on_random_machines(shard):
    seen: Counter[str] = Counter()
    every = drawn(EACH, first=shard * EACH)
    for case in every:
        fast_outcome = fast.simulate(case.program, case.operands)
        slow_outcome = reference.simulate(case.program, case.operands)
        assert_same(fast_outcome, slow_outcome)
        expected = reference_ofmap(case.program.layer, case.ifmap, case.operands.weight)
        np.testing.assert_array_equal(slow_outcome.ofmap, expected)
        seen.update(case.features(slow_outcome))
    assert_occur(dict.fromkeys(FEATURES, SHARE), seen, len(every), shard)


@pytest.mark.parametrize("case", TIGHT, ids=lambda case: case.program.layer.name)
def test_fast_equals_reference_where_passes_overlap(case):
    assert_same(fast.simulate(case.program, case.operands), reference.simulate(case.program, case.operands))


def assert_same(fast_outcome, slow_outcome):
    assert fast_outcome.actions == slow_outcome.actions
    assert fast_outcome.dense_dram == slow_outcome.dense_dram
    assert fast_outcome.cycles == slow_outcome.cycles
    np.testing.assert_array_equal(fast_outcome.causes, slow_outcome.causes)
    np.testing.assert_array_equal(fast_outcome.ofmap, slow_outcome.ofmap)
