"""Law 2 where zeros decide: the engines agree to the cycle, cause and word on machines that skip and code."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.engines.timing import Outcome
from accelsim.network.convolution import reference_ofmap
from tests.laws.seeds import SHARDS, assert_occur
from tests.laws.test_engines_agree import assert_same
from tests.laws.zero_cases import KINDS, Case, drawn

EACH = 80
"""Cases of each kind in each shard."""

COMMON = {
    "skips none": 0.05,
    "skips ifmap": 0.05,
    "skips weight": 0.05,
    "skips both": 0.2,
    "gates": 0.05,
    "several filters a cycle": 0.2,
    "weights coded in PEs": 0.2,
    "codebook": 0.2,
    "codebook and coded in PEs": 0.05,
    "coded on the link alone": 0.1,
    "fillers": 0.02,
    "overhead": 0.2,
    "no weight at all": 0.05,
    "no ifmap word at all": 0.05,
    "no zero": 0.01,
    "ragged tail": 0.2,
    "8 passes or more": 0.1,
    "keeps its weights": 0.05,
    "FIFO depth 1": 0.2,
    "DRAM-bound": 0.2,
    "groups": 0.1,
}
SHARES = {
    "primitives": COMMON
    | {"ifmap coded in PEs": 0.2, "coded in memory alone": 0.2, "reads psums": 0.2, "overflows": 0.2},
    "queues": COMMON | {"overflows": 0.01},
}
"""Of all cases of a kind, those that have the feature."""


def agree(case: Case) -> Outcome:
    """Run *case* on both engines; what they say is the same, and its ofmap is numpy's."""
    quick, slow = fast.simulate(case.program, case.operands), reference.simulate(case.program, case.operands)
    assert_same(quick, slow)
    assert quick.array_cycles == slow.array_cycles
    expected = reference_ofmap(case.layer, case.ifmap, case.operands.weight)
    np.testing.assert_array_equal(slow.ofmap, expected)
    return slow


@pytest.mark.parametrize("shard", SHARDS)
@pytest.mark.parametrize("kind", KINDS)
def test_fast_equals_reference_where_zeros_decide(kind: str, shard: int) -> None:
    seen: Counter[str] = Counter()
    every = drawn(kind, EACH, first=shard * EACH)
    for case in every:
        seen.update(case.features(agree(case)))
    assert_occur(SHARES[kind], seen, len(every), shard)


@pytest.mark.parametrize("kind", KINDS)
def test_fast_equals_reference_without_values(kind: str) -> None:
    for case in drawn(kind, EACH)[::4]:
        quick, slow = (engine.simulate(case.dense, None) for engine in (fast, reference))
        assert (quick.cycles, quick.array_cycles) == (slow.cycles, slow.array_cycles)
        assert (quick.actions, quick.dense_dram) == (slow.actions, slow.dense_dram)
        np.testing.assert_array_equal(quick.causes, slow.causes)
