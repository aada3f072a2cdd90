"""What every datapath counts under row stationary is what naive loops count; every MAC has one fate."""

from __future__ import annotations

from itertools import product

import pytest

from accelsim.engines.fast import layer as fast
from accelsim.engines.timing import Outcome
from accelsim.stats import CAUSE, Actions
from tests.laws.datapath_cases import DATAPATHS, Case, drawn, hosts
from tests.laws.datapath_recount import Counts, Recount, names_of

COUNT = 12
COUNTED = ("mac.", "rf.read", "rf.gated_read", "rf.write:psum", "codec.lookup")
"""Actions of the arithmetic and the register files."""


def assert_recounted(case: Case, outcome: Outcome) -> None:
    """The counts and cycles of *outcome* are those of naive loops."""
    own, every_pe = Recount(case), range(case.program.arch.array.pes)
    counted = {name: n for name, n in outcome.actions.items() if n and name.startswith(COUNTED)}
    assert counted == own.actions
    assert outcome.causes[CAUSE["busy.mac"]].tolist() == [own.mac[pe] for pe in every_pe]
    assert outcome.causes[CAUSE["busy.overhead"]].tolist() == [own.other[pe] for pe in every_pe]


@pytest.mark.parametrize("name", DATAPATHS)
def test_every_count_is_that_of_naive_loops(name: str) -> None:
    for case in drawn("row_stationary", name, COUNT):
        assert_recounted(case, fast.simulate(case.program, case.operands))


def made(case: Case, did: Actions) -> int:
    """MACs that happened."""
    return did[f"mac.{names_of(case.program.arch.datapath)[0]}:psum"]


@pytest.mark.parametrize("name", DATAPATHS)
def test_every_mac_is_made_gated_skipped_or_reused(name: str) -> None:
    for flow in hosts(DATAPATHS[name]):
        for case in drawn(flow, name, 3):
            did = fast.simulate(case.program, case.operands).actions
            spared = sum(did[f"mac.{fate}:psum"] for fate in ("gated", "skipped", "reused"))
            assert made(case, did) + spared == case.layer.macs


def fates(case: Case) -> Counts:
    """What becomes of each MAC of a layer, whose PE makes them one by one, whatever the dataflow."""
    layer, arch, found = case.layer, case.program.arch, Counts()
    skip, gate = arch.sparsity.skip, arch.sparsity.gate
    idle = arch.datapath.kind in ("ternary", "five_level")
    extents = (layer.n, layer.m, layer.group_c, layer.e, layer.f, layer.r, layer.s)
    for n, m, c, e, f, r, s in product(*map(range, extents)):
        y, x = (
            at * layer.stride[i] + tap * layer.dilation[i] for i, (at, tap) in enumerate(((e, r), (f, s)))
        )
        word = case.operands.ifmap[n, m // layer.group_m * layer.group_c + c, y, x]
        weight = case.operands.weight[m, c, r, s]
        if (not word and skip in ("ifmap", "both")) or (not weight and skip in ("weight", "both")):
            found["skipped"] += 1
        elif not word and gate == "ifmap":
            found["gated"] += 1
        else:
            found["gated" if idle and not weight else "made"] += 1
    return found


@pytest.mark.parametrize("name", [name for name, datapath in DATAPATHS.items() if datapath.one_by_one])
def test_the_values_of_a_mac_decide_on_its_fate(name: str) -> None:
    for flow in hosts(DATAPATHS[name]):
        for case in drawn(flow, name, 3):
            did = fast.simulate(case.program, case.operands).actions
            told = fates(case)
            assert (made(case, did), did["mac.gated:psum"], did["mac.skipped:psum"]) == (
                told["made"],
                told["gated"],
                told["skipped"],
            )
