"""Pruned AlexNet in skipping PEs: Han et al., "Learning both weights and connections", NIPS 2015, Table 4."""

from math import prod

import numpy as np
import pytest

import accelsim
from accelsim.mapping.footprint import inner_taps
from accelsim.mapping.nest import Tile, extents

WEIGHTS = {"CONV1": 0.84, "CONV2": 0.38, "CONV3": 0.35, "CONV4": 0.37, "CONV5": 0.37}
IFMAPS = {"CONV1": 0.9, "CONV2": 0.52, "CONV3": 0.37, "CONV4": 0.4, "CONV5": 0.34}
"""Densities of ifmaps as stored, with their pad zeros: about those of the paper, and what padding allows."""


def load(**changes):
    """The convolutions of one image on the chip, its zeros neither gated nor coded."""
    return accelsim.load(
        "eyeriss_alexnet",
        batch=1,
        mapping=None,
        density={name: {"ifmap": IFMAPS[name], "ofmap": None} for name in IFMAPS},
        arch__sparsity__gate="none",
        arch__sparsity__formats__ifmap__dram=None,
        arch__sparsity__formats__ofmap__dram=None,
        sparsity={"prune": "alexnet_han2015", **changes},
    )


@pytest.fixture(scope="module")
def runs():
    """Dense, and with both zeros skipped."""
    return {skip: load(skip=skip).run() for skip in ("none", "both")}


def under_taps(layer):
    """Share of (ifmap word, tap) pairs that are no padding, over that of stored words that are none."""
    whole = Tile(**{dim: range(size) for dim, size in extents(layer).items()})
    pairs = inner_taps(layer, whole) / (layer.n * layer.group_c * layer.e * layer.f * layer.r * layer.s)
    top, bottom, left, right = layer.pad
    stored = (layer.h + top + bottom) * (layer.w + left + right)
    return pairs * stored / (layer.h * layer.w)


@pytest.mark.parametrize("name", WEIGHTS)
def test_work_is_the_product_of_the_densities(runs, name):
    """Masks are independent, so that pairs of non-zeros are as frequent as chance has it."""
    layer = load().network.layers()[name]
    dense, sparse = runs["none"][name], runs["both"][name]
    work = sparse.actions["mac.multiply_add:psum"] / sparse.macs
    assert dense.actions["mac.multiply_add:psum"] == dense.macs == prod(extents(layer).values())
    assert work == pytest.approx(WEIGHTS[name] * IFMAPS[name] * under_taps(layer), rel=0.015)


@pytest.mark.parametrize("name", WEIGHTS)
def test_the_speed_up_lies_between_none_and_what_work_allows(runs, name):
    dense, sparse = runs["none"][name], runs["both"][name]
    work = sparse.actions["mac.multiply_add:psum"] / sparse.macs
    print(f"{name}: work {work:.3f}, speed-up {dense.cycles / sparse.cycles:.2f} of {1 / work:.2f}")
    assert 1 <= dense.cycles / sparse.cycles <= 1 / work
    np.testing.assert_array_equal(dense.ofmap, sparse.ofmap)
