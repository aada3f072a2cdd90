"""Row stationary: every rule by name, tight; where sets sit; folds."""

from dataclasses import replace

import pytest

from accelsim.config import build, find, load_yaml
from accelsim.errors import LegalityError
from accelsim.machine import Arch, Banks, PEArray, PooledRF, SplitRF
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from dataflows.row_stationary import RowStationary
from dataflows.rs.rules import folds

CHIP = build(load_yaml(find("arch", "eyeriss")), Arch)
CONV3 = Layer("CONV3", n=4, m=384, c=256, h=13, w=13, r=3, s=3, pad=(1, 1, 1, 1))
DILATED = Layer("dilated", m=1, c=1, h=1, w=9, r=1, s=3, dilation=(1, 3))
PUBLISHED = RowStationary(m=64, n=4, e=13, p=16, q=3, r=2, t=2)

BROKEN = [
    ({"m": 385}, "m, psum planes of a block: needs 385 planes, has 384 (1 too many)"),
    ({"n": 5}, "n, ifmaps of a pass: needs 5 ifmaps, has 4 (1 too many)"),
    ({"e": 14}, "e, ofmap rows of a strip: needs 14 rows, has 13 (1 too many)"),
    ({"m": 31}, "filters of a pass, p*t <= m: needs 32 filters, has 31 (1 too many)"),
    ({"q": 4, "r": 65}, "channels of a pass, q*r <= C: needs 260 channels, has 256 (4 too many)"),
    ({"p": 25}, "filter spad, p*q*S: needs 225 words, has 224 (1 too many)"),
    ({"q": 5, "p": 1}, "ifmap spad, q*window: needs 15 words, has 12 (3 too many)"),
    ({"p": 25, "q": 2}, "psum spad, p: needs 25 words, has 24 (1 too many)"),
    ({"r": 5, "t": 1}, "array height, R*r: needs 15 rows, has 12 (3 too many)"),
    ({"t": 3}, "PE sets, t*segments: needs 3 places on the array, has 2 (1 too many)"),
    ({"m": 70}, "GLB, ifmap strips and psum planes: needs 27 banks, has 25 (2 too many)"),
    ({"p": 24, "q": 3, "r": 2, "t": 2}, None),
]


@pytest.mark.parametrize("changes, message", BROKEN)
def test_a_broken_rule_is_named_with_its_limit(changes, message):
    choice = replace(PUBLISHED, **changes)
    if message is None:
        assert choice.map(CONV3, CHIP)
        return
    with pytest.raises(LegalityError) as refused:
        choice.map(CONV3, CHIP)
    assert str(refused.value) == message


def test_the_filter_glb_bounds_the_weights_of_a_pass():
    small = replace(CHIP, filter_glb=Banks(1, 2 * 16 * 3 * 2 * 2 * 3 * 3 - 1))
    with pytest.raises(LegalityError, match=r"filter GLB, p\*q\*r\*t\*R\*S: needs 2 banks, has 1"):
        PUBLISHED.map(CONV3, small)


def test_a_pooled_register_file_holds_weights_window_and_psums():
    pool = replace(CHIP, array=PEArray(12, 14, "pool"), rf=PooledRF("pooled", 2 * (16 * 9 + 9 + 16)))
    assert PUBLISHED.map(CONV3, pool)
    tight = replace(pool, rf=PooledRF("pooled", 2 * (16 * 9 + 9 + 16) - 2))
    with pytest.raises(LegalityError, match=r"register file, .*: needs 169 words, has 168"):
        PUBLISHED.map(CONV3, tight)


def test_a_pool_counts_pes_only():
    pool = replace(CHIP, array=PEArray(12, 13, "pool"))
    assert PUBLISHED.map(CONV3, pool)
    with pytest.raises(LegalityError, match=r"PEs, R\*e\*r\*t: needs 156 PEs, has 155"):
        PUBLISHED.map(CONV3, replace(pool, array=PEArray(1, 155, "pool")))


@pytest.mark.parametrize("name", ["m", "n", "e", "p", "q", "r", "t"])
def test_every_size_is_at_least_1(name):
    with pytest.raises(LegalityError, match=rf"^{name} must be at least 1 \(got 0\)$"):
        replace(PUBLISHED, **{name: 0}).map(CONV3, CHIP)


def test_sets_sit_side_by_side_where_they_are_narrow():
    """CONV1 of AlexNet: 11 x 7 sets, t = 2, in two bands of the 14 columns."""
    layer = Layer("CONV1", m=96, c=3, h=227, w=227, r=11, s=11, stride=(4, 4))
    tops = RowStationary(m=96, n=1, e=7, p=16, q=1, r=1, t=2).map(layer, CHIP).tops
    assert tops[0] == tuple((0, column) for column in range(7))
    assert tops[1] == tuple((0, column) for column in range(7, 14))


def test_a_set_wider_than_the_array_is_cut_into_segments():
    """CONV2 of AlexNet: 5 x 27 as 5 x 14 above 5 x 13."""
    layer = Layer("CONV2", m=256, c=96, h=27, w=27, r=5, s=5, pad=(2, 2, 2, 2), groups=2)
    (tops,) = RowStationary(m=64, n=1, e=27, p=16, q=2, r=1, t=1).map(layer, CHIP).tops
    assert tops == tuple((0, c) for c in range(14)) + tuple((5, c) for c in range(13))


def test_no_two_lanes_share_a_pe():
    for layer, choice in ((CONV3, PUBLISHED), (CONV3, replace(PUBLISHED, q=4, r=1, t=4))):
        program = make_program(choice.map(layer, CHIP), CHIP)
        for plan in program.plans.values():
            assert len(set(plan.pes.ravel().tolist())) == plan.pes.size
            assert plan.pes.min() >= 0 and plan.pes.max() < CHIP.array.pes


def test_a_filter_taller_than_the_array_folds_over_passes():
    layer = Layer("tall", m=1, c=1, h=20, w=6, r=14, s=2)
    mapping = RowStationary(m=1, n=1, e=7, p=1, q=1, r=1, t=1).map(layer, CHIP)
    assert [p.tile.r for p in mapping.passes()] == [range(12), range(12, 14)]


def test_a_filter_wider_than_the_spad_folds_over_passes():
    layer = Layer("wide", m=1, c=1, h=3, w=40, r=1, s=30)
    mapping = RowStationary(m=1, n=1, e=3, p=1, q=1, r=1, t=1).map(layer, CHIP)
    assert [p.tile.s for p in mapping.passes()] == [range(12), range(12, 24), range(24, 30)]


@pytest.mark.parametrize("words, taps", [(11, 3), (10, 2), (7, 2), (6, 1), (3, 1)])
def test_taps_of_a_pass_are_the_most_that_a_pooled_register_file_holds(words, taps):
    """Dilated by 3 they take a window of 7, 4 or 1 words beside them, and a psum: 11, 7 or 3 words."""
    assert folds(DILATED, replace(CHIP, rf=PooledRF("pooled", 2 * words))) == (1, taps)


@pytest.mark.parametrize(
    "weights, window, taps", [(3, 7, 3), (2, 7, 2), (3, 6, 2), (2, 4, 2), (3, 3, 1), (1, 7, 1)]
)
def test_taps_of_a_pass_are_the_most_that_both_scratch_pads_hold(weights, window, taps):
    spads = SplitRF("split", ifmap_bytes=2 * window, weight_bytes=2 * weights, psum_bytes=2)
    assert folds(DILATED, replace(CHIP, rf=spads)) == (1, taps)


def test_a_pool_of_two_words_is_refused():
    with pytest.raises(LegalityError, match="must hold one weight, one ifmap word and one psum"):
        folds(DILATED, replace(CHIP, rf=PooledRF("pooled", 2 * 2)))


def test_groups_are_the_outermost_loop():
    layer = Layer("grouped", m=4, c=4, h=3, w=3, r=1, s=1, groups=2)
    mapping = RowStationary(m=2, n=1, e=3, p=1, q=2, r=1, t=1).map(layer, CHIP)
    assert [p.tile.g.start for p in mapping.passes()] == [0, 0, 1, 1]
