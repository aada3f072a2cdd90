"""Chen, Emer, Sze, "Eyeriss: a spatial architecture...", ISCA 2016: six dataflows at our best mappings.

CONV layers of AlexNet, 256 PEs, N=1, 16, 64. Energy and active PEs follow from counts; nothing is simulated.

Fig. 13 with simulated cycles in place of 1 / active PEs, in the unit of Fig. 13, as measured:

    N    RS    WS    OSA   OSB   OSC   NLR
    1    1.10  2.00  1.74  1.17  5.32  1.80
    16   0.89  1.83  1.61  1.12  1.19  1.68
    64   0.91        1.61  1.12  1.22  1.67

All run on the same buses, which are ours and seldom starve them; the paper says nothing of buses.
"""

from functools import cache

import pytest

import accelsim
from tests.papers.isca2016 import CONVS, FIG12, FIG12_PRINTED, FIG12_UNIT, FIG13, LETTERS, MAPPINGS
from tests.papers.isca2016_runs import RUN, delay_per_op, energy_per_op, searched

CASES = [(flow, n) for n, flows in FIG12.items() for flow in flows]
every_case = pytest.mark.parametrize("flow, n", CASES)

AUTHORS_OBJECTIVE = {"noc.hop:psum": 2}
"""Their search takes a psum's hop twice; their figures show it once."""


@cache
def best(flow, n):
    return searched(flow, batch=n, layers=list(CONVS))


@every_case
def test_energy_of_fig_12_is_not_exceeded_by_more_than_half_a_percent(flow, n):
    """OSA exceeds it by almost that: thin last strips cost what the authors' fractions of strips do not."""
    assert energy_per_op(best(flow, n)) <= FIG12[n][flow] * FIG12_UNIT * 1.005


@every_case
def test_energy_of_fig_12_is_not_undercut_beyond_what_another_search_explains(flow, n):
    """RS undercuts it by 0.6 to 1.1 %, whose search had another objective; NLR at N=64 by 0.2 %."""
    slack = {"RS": 0.012, "NLR": 0.002}.get(flow, 0.0005)
    assert energy_per_op(best(flow, n)) >= FIG12[n][flow] * FIG12_UNIT * (1 - slack) - FIG12_PRINTED


def test_with_the_authors_objective_row_stationary_comes_within_a_quarter_percent_of_fig_12():
    found = searched("RS", dearer=AUTHORS_OBJECTIVE, batch=1, layers=list(CONVS))
    assert energy_per_op(found) == pytest.approx(FIG12_UNIT, rel=0.0025)


def test_with_the_authors_objective_row_stationary_finds_their_mapping_where_its_tiles_divide():
    found = searched("RS", dearer=AUTHORS_OBJECTIVE, batch=16, layers=["CONV5"])
    assert found["CONV5"].choice == dict(zip(LETTERS["RS"], MAPPINGS["RS"]["CONV5"], strict=True))


@pytest.mark.parametrize("n, flows", [(n, tuple(flows)) for n, flows in FIG12.items()])
def test_dataflows_come_in_the_order_of_fig_12(n, flows):
    ours = sorted(flows, key=lambda flow: energy_per_op(best(flow, n)))
    assert ours == sorted(flows, key=FIG12[n].__getitem__)


def test_weight_stationary_at_64_is_refused_for_the_psums_that_the_buffer_must_hold():
    """Fig. 12 has no bar there. Psums of one filter of CONV1, 64 x 55 x 55, in a buffer of 334.3 kB."""
    limit = r"CONV1 must have .* GLB, psums: needs 193600 banks, has 171161 \(22439 too many\)"
    with pytest.raises(accelsim.LegalityError, match=limit):
        accelsim.compare(accelsim.load(RUN, batch=64), ["WS"], jobs=1)


@pytest.mark.parametrize("flow, n", [case for case in CASES if case[0] != "OSA"])
def test_energy_delay_product_of_fig_13_within_5_percent(flow, n):
    """RS is 2.6 and 3.6 % above, on fewer PEs in CONV2 and, at N=64, CONV5; the others are within 0.6 %."""
    assert _product(flow, n) == pytest.approx(FIG13[n][flow], rel=0.05 if flow == "RS" else 0.006)


@pytest.mark.parametrize("n", FIG13)
def test_osa_at_least_energy_has_a_tenth_more_energy_delay_product_than_fig_13(n):
    """On other PEs than the authors: CONV3 on 7 x 13, not 9 x 13.

    Strips of 7 + 6 rows touch as many rows of ifmap as those of 9 + 4, and leave room for more filters. In
    fractions, 13/9 strips touch fewer.
    """
    assert [one.active for one in best("OSA", n).values()] == [253, 243, 91, 169, 169]
    assert _product("OSA", n) / FIG13[n]["OSA"] == pytest.approx(1.10, abs=0.005)


def _product(flow, n):
    """Energy per op times delay, in the unit of Fig. 13."""
    found, base = best(flow, n), best("RS", 1)
    return energy_per_op(found) * delay_per_op(found) / (energy_per_op(base) * delay_per_op(base))
