"""Every datapath under every dataflow that hosts it: the engines agree, and integers are numpy's."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.engines.timing import Outcome
from accelsim.network.convolution import reference_ofmap
from tests.laws.datapath_cases import DATAPATHS, Case, drawn, hosts
from tests.laws.test_engines_agree import assert_same

PRIMITIVES, OTHERS = 12, 3
"""Cases of each datapath under row stationary, and under each other dataflow."""

PAIRS = [(name, flow) for name, datapath in DATAPATHS.items() for flow in hosts(datapath)]

FEATURES = {
    "gates": {"integer", "float16", "product_lut", "codebook_products", "codebook_sums", "repeated_kernels"},
    "skips": {"integer", "mixed", "codebook", "ternary", "five_level"},
    "reuses": {"repeated_kernels", "repeated integer kernels"},
    "idle zeros": {"ternary", "five_level"},
    "idle zeros beside gated ones": {"ternary", "five_level"},
    "several filters a cycle": set(DATAPATHS) - {"xnor"},
    "several passes of several shapes": set(DATAPATHS),
    "padded": set(DATAPATHS),
    "pooled": set(DATAPATHS),
    "reads psums": set(DATAPATHS),
}
"""What must have happened, and in which datapaths."""


@cache
def ran(name: str, flow: str) -> tuple[tuple[Case, Outcome], ...]:
    """The cases of a datapath under a dataflow with what the reference engine says of them."""
    cases = drawn(flow, name, PRIMITIVES if flow == "row_stationary" else OTHERS)
    return tuple((case, reference.simulate(case.program, case.operands)) for case in cases)


@pytest.mark.parametrize("name, flow", PAIRS)
def test_fast_equals_reference_for_every_datapath(name: str, flow: str) -> None:
    for case, outcome in ran(name, flow):
        assert_same(fast.simulate(case.program, case.operands), outcome)


@pytest.mark.parametrize("name, flow", [pair for pair in PAIRS if not DATAPATHS[pair[0]].floating])
def test_integers_are_those_of_numpy(name: str, flow: str) -> None:
    for case, outcome in ran(name, flow):
        np.testing.assert_array_equal(
            outcome.ofmap, reference_ofmap(case.layer, case.ifmap, case.operands.weight)
        )


@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_occurs(feature: str) -> None:
    for name in FEATURES[feature]:
        flows = hosts(DATAPATHS[name])
        assert any(feature in case.features(outcome) for flow in flows for case, outcome in ran(name, flow))


def test_words_that_are_not_coded_have_no_fillers() -> None:
    for pair in PAIRS:
        for _, outcome in ran(*pair):
            assert not any(action.startswith("mac.overhead") for action in outcome.actions)
