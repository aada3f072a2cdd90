"""Which weights are kept and which values they share: exact counts, against loops that a reader can check."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accelsim.config import build, find, load_yaml, names
from accelsim.errors import ConfigError
from accelsim.network.graph import Network
from accelsim.values.pruning import MaskFile, Prune, pruned
from accelsim.values.pruning.codebook import codebook
from accelsim.values.pruning.description import Pruning
from accelsim.values.pruning.files import load_mask

DENSITIES = {
    "lenet5_han2015": ("lenet5", {"C1": 0.66, "C3": 0.12, "C5": 0.08, "OUTPUT": 0.19}),
    "alexnet_han2015": (
        "alexnet",
        {
            **{"CONV1": 0.84, "CONV2": 0.38, "CONV3": 0.35, "CONV4": 0.37, "CONV5": 0.37},
            **{"FC6": 0.09, "FC7": 0.09, "FC8": 0.25},
        },
    ),
    "vgg16_han2015": (
        "vgg16",
        {
            **{"CONV1_1": 0.58, "CONV1_2": 0.22, "CONV2_1": 0.34, "CONV2_2": 0.36},
            **{"CONV3_1": 0.53, "CONV3_2": 0.24, "CONV3_3": 0.42},
            **{"CONV4_1": 0.32, "CONV4_2": 0.27, "CONV4_3": 0.34},
            **{"CONV5_1": 0.35, "CONV5_2": 0.29, "CONV5_3": 0.36},
            **{"FC6": 0.04, "FC7": 0.04, "FC8": 0.23},
        },
    ),
}
"""Han et al., NIPS 2015, Tables 3 to 5, column "Weights%", and whose layers they are."""

quick = settings(max_examples=50, deadline=None)


@st.composite
def weights(draw, low=-9, high=9):
    """``(M, C, R, S)`` of few values, so that there are ties, zeros and ragged edges."""
    shape = draw(st.tuples(*(st.integers(1, extent) for extent in (5, 9, 3, 3))))
    return np.random.default_rng(draw(st.integers(0, 99))).integers(low, high, shape, endpoint=True)


def ranked(flat):
    """Indices by falling magnitude; of equals the lower first."""
    return sorted(range(len(flat)), key=lambda i: (-abs(int(flat[i])), i))


# magnitude -------------------------------------------------------------------------------------------------


@quick
@given(weights(), st.floats(0, 1))
def test_magnitude_keeps_exactly_the_share_the_largest_and_of_equals_the_first(w, density):
    flat = w.ravel()
    expected = np.zeros_like(flat)
    for i in ranked(flat)[: round(density * flat.size)]:
        expected[i] = flat[i]
    np.testing.assert_array_equal(pruned(w, Prune(density=density)), expected.reshape(w.shape))


@pytest.mark.parametrize("density, left", [(0, 0), (0.1, 10), (0.104, 10), (0.106, 11), (1, 100)])
def test_weights_that_are_left_are_round_of_density_times_size(density, left):
    w = np.full((4, 25, 1, 1), -3)
    assert np.count_nonzero(pruned(w, Prune(density=density))) == left


def test_pruning_leaves_its_argument_alone():
    w = np.arange(1, 9).reshape(2, 4, 1, 1)
    pruned(w, Prune(density=0.5, codebook_bits=2))
    assert w.tolist() == np.arange(1, 9).reshape(2, 4, 1, 1).tolist()


# n of m ----------------------------------------------------------------------------------------------------


@quick
@given(weights(), st.integers(1, 5).flatmap(lambda of: st.tuples(st.integers(1, of), st.just(of))))
def test_of_every_group_of_channels_the_largest_stay(w, rule):
    keep, of = rule
    left = pruned(w, Prune(keep=keep, of=of))
    for m, r, s in np.ndindex(w.shape[0], *w.shape[2:]):
        for start in range(0, w.shape[1], of):
            group = w[m, start : start + of, r, s]
            best = ranked(group)[: ceil(len(group) * keep / of)]
            expected = [value if i in best else 0 for i, value in enumerate(group)]
            assert left[m, start : start + of, r, s].tolist() == expected


def test_two_of_four_by_hand_with_a_ragged_group():
    w = np.array([1, -5, 3, 2, 4, 4, 4, 4, 7, -6, 8]).reshape(1, 11, 1, 1)
    left = pruned(w, Prune(keep=2, of=4)).ravel()
    assert left.tolist() == [0, -5, 3, 0, 4, 4, 0, 0, 7, 0, 8]  # of the last three 3 * 2 / 4, rounded up


# blocks ----------------------------------------------------------------------------------------------------


@quick
@given(weights(low=1), st.tuples(*(st.integers(1, 4) for _ in range(4))), st.floats(0, 1))
def test_blocks_are_kept_or_dropped_as_a_whole_the_heaviest_first(w, block, density):
    left = pruned(w, Prune(density=density, block=block))
    kept, dropped = [], []
    for corner in np.ndindex(*(-(-n // b) for n, b in zip(w.shape, block, strict=True))):
        box = tuple(slice(at * b, (at + 1) * b) for at, b in zip(corner, block, strict=True))
        whole = np.array_equal(left[box], w[box])
        assert whole or not left[box].any()
        (kept if whole else dropped).append((int(w[box].sum()), w[box].size))
    assert min(kept, default=(1e9,))[0] >= max(dropped, default=(0,))[0]


@quick
@given(weights(), st.floats(0, 1))
def test_blocks_that_are_cut_count_by_their_own_weights_and_the_nearest_count_is_kept(w, density):
    block = (2, 3, 2, 2)
    boxes = []
    for corner in np.ndindex(*(-(-n // b) for n, b in zip(w.shape, block, strict=True))):
        box = tuple(slice(at * b, (at + 1) * b) for at, b in zip(corner, block, strict=True))
        boxes.append((-int(np.abs(w[box]).sum()), corner, box))
    boxes.sort(key=lambda one: one[:2])
    best = np.zeros_like(w), 0
    for i in range(1, len(boxes) + 1):
        size = sum(w[box].size for _, _, box in boxes[:i])
        if abs(size - density * w.size) < abs(best[1] - density * w.size):
            tried = np.zeros_like(w)
            for _, _, box in boxes[:i]:
                tried[box] = w[box]
            best = tried, size
    np.testing.assert_array_equal(pruned(w, Prune(density=density, block=block)), best[0])


@quick
@given(weights(), st.integers(0, 100))
def test_blocks_of_one_weight_are_magnitude_pruning(w, percent):
    size = w.size
    density = round(percent / 100 * size) / size  # a count on the dot: no two are as near
    plain = pruned(w, Prune(density=density))
    np.testing.assert_array_equal(pruned(w, Prune(density=density, block=(1, 1, 1, 1))), plain)


# masks -----------------------------------------------------------------------------------------------------


def test_a_mask_keeps_what_it_says():
    w = np.arange(1, 5).reshape(1, 4, 1, 1)
    mask = np.array([True, False, False, True]).reshape(w.shape)
    assert pruned(w, Prune(mask="m.npy"), mask).ravel().tolist() == [1, 0, 0, 4]


@pytest.mark.parametrize("mask, shown", [(None, "none"), (np.ones((4, 1, 1, 1), bool), "(4, 1, 1, 1)")])
def test_a_mask_must_have_the_shape_of_the_weights(mask, shown):
    with pytest.raises(ConfigError) as caught:
        pruned(np.ones((1, 4, 1, 1), int), Prune(mask="m.npy"), mask)
    assert str(caught.value) == f"mask must have the weights' shape (1, 4, 1, 1) (got {shown})"


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64])
def test_a_mask_is_of_integers_or_booleans(tmp_path, dtype):
    np.savez(tmp_path / "m.npz", A=np.array([1, 0], dtype), B=np.array([0, 0], dtype))
    path = str(tmp_path / "m.npz")
    assert load_mask(MaskFile(path), "A", (2,)).tolist() == [True, False]
    assert load_mask(MaskFile(path, "B"), "A", (2,)).tolist() == [False, False]


@pytest.mark.parametrize(
    "array, message",
    [
        (np.ones(2), "dtype must be bool or integer (got float64)"),
        (np.array([0, 2]), "values must be 0 or 1 (got 0..2)"),
        (np.array([-1, 1]), "values must be 0 or 1 (got -1..1)"),
        (np.ones((3, 2), int), "shape must be (2,) or (1, 2) (got (3, 2))"),
    ],
)
def test_another_array_is_no_mask(tmp_path, monkeypatch, array, message):
    monkeypatch.chdir(tmp_path)
    np.save("m.npy", array)
    with pytest.raises(ConfigError) as caught:
        load_mask(MaskFile("m.npy"), "A", (2,), (1, 2))
    assert str(caught.value) == f"m.npy: {message}"


# shared values ---------------------------------------------------------------------------------------------


@quick
@given(weights(low=-300, high=200), st.integers(2, 5))
def test_sharing_leaves_few_values_each_the_nearest_and_no_weight_vanishes(w, bits):
    left = pruned(w, Prune(density=1, codebook_bits=bits))
    np.testing.assert_array_equal(left == 0, w == 0)
    if not w.any():
        return
    book = codebook(int(w[w != 0].min()), int(w[w != 0].max()), bits)
    assert len(book) < 2**bits and 0 not in book
    assert set(left[left != 0].tolist()) <= set(book.tolist())
    nearest = np.abs(book[:, None] - w[w != 0]).min(axis=0)
    np.testing.assert_array_equal(np.abs(left - w)[w != 0], nearest)


def test_a_codebook_by_hand():
    assert codebook(-30, 30, 3).tolist() == [-30, -20, -10, 1, 10, 20, 30]
    assert codebook(-2, 3, 3).tolist() == [-2, -1, 1, 2, 3]  # steps of 5/6: -2, -1.17, -0.33, 0.5, 1.33, ...
    assert codebook(1, 10, 3).tolist() == [1, 3, 4, 6, 7, 9, 10]  # halves up
    assert codebook(-10, 9, 2).tolist() == [-10, -1, 9]  # -0.5 rounds to zero, and lies below it
    assert codebook(7, 7, 4).tolist() == [7]


def test_of_two_values_as_near_the_lower_is_taken():
    w = np.array([-9, -4, 5, 9, 0]).reshape(1, 5, 1, 1)
    left = pruned(w, Prune(density=1, codebook_bits=2)).ravel()
    assert left.tolist() == [-9, -9, 1, 9, 0]  # the values are -9, 1, 9; -4 and 5 lie between two


def test_sharing_comes_after_pruning():
    """The range is that of the weights left: 10 to 12 without the 1."""
    w = np.array([1, 10, 11, 12]).reshape(1, 4, 1, 1)
    assert pruned(w, Prune(density=0.75, codebook_bits=2)).ravel().tolist() == [0, 10, 11, 12]


# descriptions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, message",
    [
        ({}, "one of density, keep and mask must be given (got none)"),
        ({"codebook_bits": 4}, "one of density, keep and mask must be given (got none)"),
        ({"density": 0.5, "mask": "m"}, "one of density, keep and mask must be given (got density and mask)"),
        ({"density": 1.01}, "density must be in 0..1 (got 1.01)"),
        ({"density": -0.1}, "density must be in 0..1 (got -0.1)"),
        ({"density": 0.5, "block": (1, 0, 1, 1)}, "block must be at least 1 (got 0)"),
        ({"keep": 2, "of": 4, "block": (1, 1, 1, 1)}, "block must come with density (got no density)"),
        ({"keep": 2}, "keep must come with of (got no of)"),
        ({"density": 0.5, "of": 2}, "of must come with keep (got no keep)"),
        ({"keep": 5, "of": 4}, "keep must be in 1..of=4 (got 5)"),
        ({"keep": 0, "of": 4}, "keep must be in 1..of=4 (got 0)"),
        ({"density": 0.5, "key": "A"}, "key must come with mask (got no mask)"),
        ({"density": 0.5, "codebook_bits": 1}, "codebook_bits must be in 2..16 (got 1)"),
        ({"density": 0.5, "codebook_bits": 17}, "codebook_bits must be in 2..16 (got 17)"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(given, message):
    with pytest.raises(ConfigError) as caught:
        Prune(**given)
    assert str(caught.value) == message


def test_the_shipped_densities_are_those_of_the_paper():
    assert set(names("pruning")) == set(DENSITIES)
    for name, (network, densities) in DENSITIES.items():
        pruning = build(load_yaml(find("pruning", name)), Pruning)
        layers = build(load_yaml(find("networks", network)), Network).layers()
        assert (pruning.name, pruning.layers) == (name, densities)
        assert "NIPS 2015" in pruning.source
        assert set(densities) <= set(layers)
