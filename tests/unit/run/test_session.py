"""How stored values are scaled, and what a density means."""

from dataclasses import replace

import numpy as np
import pytest

from accelsim.network.layer import Layer
from accelsim.run.activations.densities import density_ifmap
from accelsim.run.activations.integers import fit_store
from tests.laws.cases import backlogged

ARCH = backlogged(1, 1).program.arch
RNG = np.random.default_rng(0)
PSUMS = RNG.normal(0, 1e6, (2, 3, 20, 20)).astype(np.int64)


def test_the_shift_is_the_least_at_which_nothing_saturates():
    store = fit_store(PSUMS, 16, "none")
    assert np.abs(store(PSUMS)).max() < 2**15
    halved = replace(store, shift=store.shift - 1)
    assert (np.abs(halved(PSUMS)) >= 2**15 - 1).any()


@pytest.mark.parametrize("density", [0.0, 0.1, 0.378, 1.0])
def test_an_ofmap_density_leaves_that_share(density):
    stored = fit_store(PSUMS, 16, "relu", density)(PSUMS)
    assert np.count_nonzero(stored) / stored.size == pytest.approx(density, abs=0.002)


def test_relu_has_no_negative_values_and_relu6_a_bound():
    assert fit_store(PSUMS, 16, "relu")(PSUMS).min() == 0
    assert fit_store(PSUMS, 16, "none")(PSUMS).min() < 0
    assert fit_store(PSUMS, 16, "relu6")(PSUMS).max() <= 6 << 12


@pytest.mark.parametrize("padding", ["stored", "generated"])
def test_an_ifmap_density_is_of_the_ifmap_as_stored(padding):
    layer = Layer("padded", n=4, m=1, c=8, h=3, w=3, r=3, s=3, pad=(1, 1, 1, 1))
    ifmap = density_ifmap(layer, 0.2, replace(ARCH, padding=padding), seed=0)
    stored = layer.padded(ifmap) if padding == "stored" else ifmap
    assert np.count_nonzero(stored) == round(0.2 * stored.size)
