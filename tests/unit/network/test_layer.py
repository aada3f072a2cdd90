"""Layers and their arithmetic, against loops that a reader can check by eye."""

import itertools

import numpy as np
import pytest

from accelsim.errors import ConfigError
from accelsim.network.convolution import reference_ofmap
from accelsim.network.layer import Layer, conv_out, fully_connected, gemm, touched


def by_loops(layer, ifmap, weight):
    """The seven loops of a convolution, with no padded copy."""
    out = np.zeros(layer.ofmap_shape, np.int64)
    top, _, left, _ = layer.pad
    taps = list(itertools.product(range(layer.group_c), range(layer.r), range(layer.s)))
    for n, m, e, f in np.ndindex(*layer.ofmap_shape):
        first = m // layer.group_m * layer.group_c
        for c, r, s in taps:
            y = e * layer.stride[0] + r * layer.dilation[0] - top
            x = f * layer.stride[1] + s * layer.dilation[1] - left
            if 0 <= y < layer.h and 0 <= x < layer.w:
                out[n, m, e, f] += ifmap[n, first + c, y, x] * weight[m, c, r, s]
    return out


def random_layer(rng):
    """A layer of a few hundred MACs in which no two extents need be equal."""
    groups = int(rng.integers(1, 4))
    c, m, r, s = (int(x) for x in rng.integers(1, 4, 4))
    stride, dilation = rng.integers(1, 4, 2).tolist(), rng.integers(1, 3, 2).tolist()
    extra = rng.integers(0, 5, 2).tolist()
    return Layer(
        "random",
        n=int(rng.integers(1, 3)),
        m=m * groups,
        c=c * groups,
        h=dilation[0] * (r - 1) + 1 + extra[0],
        w=dilation[1] * (s - 1) + 1 + extra[1],
        r=r,
        s=s,
        groups=groups,
        stride=tuple(stride),
        dilation=tuple(dilation),
        pad=tuple(rng.integers(0, 3, 4).tolist()),
    )


def operands(layer, rng):
    return rng.integers(-99, 100, layer.ifmap_shape), rng.integers(-99, 100, layer.weight_shape)


@pytest.mark.parametrize("seed", range(60))
def test_reference_equals_seven_loops(seed):
    rng = np.random.default_rng(seed)
    layer = random_layer(rng)
    ifmap, weight = operands(layer, rng)
    np.testing.assert_array_equal(reference_ofmap(layer, ifmap, weight), by_loops(layer, ifmap, weight))


def test_reference_of_depthwise_equals_seven_loops():
    rng = np.random.default_rng(0)
    layer = Layer("dw", m=8, c=4, h=6, w=5, r=3, s=2, groups=4, stride=(2, 1), pad=(1, 0, 0, 1))
    ifmap, weight = operands(layer, rng)
    np.testing.assert_array_equal(reference_ofmap(layer, ifmap, weight), by_loops(layer, ifmap, weight))


def test_macs_count_pad_zeros():
    layer = Layer("conv", m=2, c=3, h=4, w=5, r=3, s=3, pad=(1, 1, 1, 1))
    assert layer.macs == 2 * 3 * 4 * 5 * 3 * 3


def test_fully_connected_is_a_matrix_product_over_flat_images():
    rng = np.random.default_rng(1)
    layer = fully_connected("fc", m=5, c=3, h=2, w=4, n=2)
    ifmap, weight = operands(layer, rng)
    expected = ifmap.reshape(2, -1) @ weight.reshape(5, -1).T
    np.testing.assert_array_equal(reference_ofmap(layer, ifmap, weight)[:, :, 0, 0], expected)


@pytest.mark.parametrize("groups", [1, 3])
def test_gemm_is_one_matrix_product_per_image_and_group(groups):
    rng = np.random.default_rng(2)
    layer = gemm("gemm", rows=4, inner=5, cols=6, groups=groups, n=2)
    a, b = rng.integers(-9, 9, (2, groups, 4, 5)), rng.integers(-9, 9, (groups, 5, 6))
    ifmap = a.swapaxes(2, 3).reshape(layer.ifmap_shape)
    out = reference_ofmap(layer, ifmap, b.swapaxes(1, 2).reshape(layer.weight_shape))
    np.testing.assert_array_equal(out.reshape(2, groups, 6, 4).swapaxes(2, 3), np.matmul(a, b))


def test_dilation_counts_towards_the_extent_of_the_filter():
    assert conv_out(9, 3, dilation=4) == 1


def test_out_drops_what_no_whole_window_covers():
    assert [conv_out(size, 3, stride=2) for size in (3, 4, 5)] == [1, 1, 2]


def test_rows_between_strided_windows_are_not_touched():
    assert touched(range(3), range(2), stride=3, dilation=1) == [0, 1, 3, 4, 6, 7]


def test_rows_between_dilated_taps_are_not_touched():
    assert touched(range(2), range(3), stride=4, dilation=2) == [0, 2, 4, 6, 8]


def test_pad_rows_are_those_outside_the_ifmap():
    layer = Layer("conv", m=1, c=1, h=3, w=3, r=1, s=1, pad=(2, 1, 0, 0))
    assert [layer.is_pad_row(row) for row in range(6)] == [True, True, False, False, False, True]


def test_pad_columns_are_those_outside_the_ifmap():
    layer = Layer("conv", m=1, c=1, h=3, w=3, r=1, s=1, pad=(0, 0, 1, 2))
    assert [layer.is_pad_column(column) for column in range(6)] == [True, False, False, False, True, True]


SHAPE = {"m": 4, "c": 4, "h": 5, "w": 5, "r": 3, "s": 3}


@pytest.mark.parametrize(
    "change, message",
    [
        ({"m": 0}, r"m must be at least 1 \(got 0\)"),
        ({"n": 0}, r"n must be at least 1 \(got 0\)"),
        ({"stride": (1, 0)}, r"stride must be at least 1 \(got 0\)"),
        ({"dilation": (0, 1)}, r"dilation must be at least 1 \(got 0\)"),
        ({"pad": (0, -1, 0, 0)}, r"pad must be at least 0 \(got -1\)"),
        ({"groups": 3}, r"groups must divide c \(got groups=3, c=4\)"),
        ({"groups": 4, "m": 6}, r"groups must divide m \(got groups=4, m=6\)"),
        ({"r": 6}, "the filter must fit the padded ifmap: its extent is 6, the padded ifmap's 5"),
        ({"dilation": (1, 3)}, "the filter must fit the padded ifmap: its extent is 7, the padded ifmap's 5"),
    ],
)
def test_impossible_layer_is_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        Layer("conv", **{**SHAPE, **change})
