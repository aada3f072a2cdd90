"""The benchmark measures what it says; how long it takes is printed, never asserted."""

import numpy as np
import pytest

import accelsim
from accelsim.network.convolution import reference_ofmap
from accelsim.network.layer import Layer
from tests.benchmarks.mapper import rates
from tests.benchmarks.speed import blas_convolution, compare, random_operands, skipping


@pytest.mark.parametrize(
    "layer",
    [
        Layer("plain", n=2, m=4, c=3, h=7, w=6, r=3, s=2, pad=(1, 0, 2, 1)),
        Layer("uneven", m=4, c=6, h=9, w=11, r=2, s=3, stride=(2, 3), dilation=(2, 1), groups=2),
    ],
)
def test_the_plain_convolution_is_the_convolution(layer):
    ifmap, weight = random_operands(layer)
    np.testing.assert_array_equal(
        blas_convolution(layer, ifmap, weight), reference_ofmap(layer, ifmap, weight)
    )


def test_the_benchmark_prints_its_ratio():
    lines = list(compare("LeNet-5", accelsim.load("eyeriss_lenet5")))
    assert lines[0].startswith("LeNet-5: ")
    assert "ratio" in lines[-1]


def test_the_benchmark_of_skipping_prints_its_rates():
    experiment = accelsim.load("alexnet_pruned", layers=["CONV5"], density={"CONV5": {"ifmap": 0.3}})
    lines = list(skipping("CONV5", experiment))
    assert lines[0].startswith("CONV5: ")
    assert "PE-cycles/s" in lines[1]


def test_the_benchmark_of_the_mapper_prints_its_rates():
    counting, best, both = list(rates(accelsim.load("eyeriss_lenet5"), "C3", limit=0.0))[1:]
    assert " M legal/s" in counting
    assert best.startswith("  best: ")
    assert both.startswith("  best and runner-up: ")
