"""Run-length coded DRAM traffic of AlexNet at the densities of the Sparseloop artifact (MICRO 2022)."""

import pytest

import accelsim

RATIOS = {"CONV1": 1.2, "CONV2": 1.4, "CONV3": 1.7, "CONV4": 1.8, "CONV5": 1.9}
"""Words without coding over words with it, all operands: Chen et al., JSSC 2017."""

DENSITIES = {  # of ifmaps, the first of which is not coded, and of ofmaps
    "CONV1": (None, 0.378),
    "CONV2": (0.6, 0.169),
    "CONV3": (0.275, 0.303),
    "CONV4": (0.207, 0.304),
    "CONV5": (0.23, 0.1),
}


@pytest.fixture(scope="module")
def result():
    """The convolutions of AlexNet on the chip, as measured."""
    density = {name: {"ifmap": i, "ofmap": o} for name, (i, o) in DENSITIES.items()}
    return accelsim.load("eyeriss_alexnet", density=density).run()


@pytest.mark.parametrize("name", RATIOS)
def test_the_ratio_is_the_published_to_its_digit(result, name):
    """Over the words of all operands, weights among them, which are not coded."""
    layer = result[name]
    dense = sum(layer.dense_dram.values())
    coded = sum(n for action, n in layer.actions.items() if action.startswith("dram."))
    print(f"{name}: {dense / coded:.3f} (published: {RATIOS[name]})")
    assert round(dense / coded, 1) == RATIOS[name]
