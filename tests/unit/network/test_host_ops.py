"""What runs between layers, against fractions and windows that a reader can check by eye."""

from fractions import Fraction

import numpy as np
import pytest

from accelsim.errors import ConfigError
from accelsim.network.host_ops import (
    Add,
    AvgPool,
    Concat,
    Lrn,
    MaxPool,
    Relu,
    Relu6,
    Requantise,
    apply,
    divide_to_even,
    fitting_shift,
    requantise,
)

POOLS = [
    {"kernel": 2},
    {"kernel": 3, "stride": 2},
    {"kernel": 3, "stride": 2, "pad": 1},
    {"kernel": (2, 3), "stride": (3, 1), "pad": (1, 0, 2, 1)},
    {"kernel": 2, "stride": 3},
]


def image(*rows):
    return np.array(rows, np.int64)[None, None]


def windows(x, pool):
    """The real pixels of each window of each channel, by output position."""
    (r, s), (uy, ux), (top, _, left, _) = pool.window()
    c, e, f = pool.out_shape([x.shape[1:]])
    for n, channel, i, j in np.ndindex(x.shape[0], c, e, f):
        y, z = i * uy - top, j * ux - left
        rows, cols = slice(max(y, 0), max(y + r, 0)), slice(max(z, 0), max(z + s, 0))
        yield (n, channel, i, j), x[n, channel, rows, cols].ravel().tolist()


@pytest.fixture
def x():
    return np.random.default_rng(0).integers(-99, 0, (2, 3, 8, 7))


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("keys", POOLS, ids=str)
def test_max_pool_is_the_largest_real_pixel(x, keys, ceil_mode):
    pool = MaxPool(name="P", ceil_mode=ceil_mode, **keys)
    out = apply(pool, [x])
    assert {at: out[at] for at, _ in windows(x, pool)} == {at: max(w) for at, w in windows(x, pool)}


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("keys", POOLS, ids=str)
def test_avg_pool_is_the_rounded_mean_of_the_real_pixels(x, keys, ceil_mode):
    pool = AvgPool(name="P", ceil_mode=ceil_mode, **keys)
    out = apply(pool, [x])
    means = {at: round(Fraction(sum(w), len(w))) for at, w in windows(x, pool)}
    assert {at: out[at] for at in means} == means


@pytest.mark.parametrize("keys", POOLS, ids=str)
def test_pool_gives_the_shape_it_announces(x, keys):
    pool = MaxPool(name="P", ceil_mode=True, **keys)
    assert apply(pool, [x]).shape[1:] == pool.out_shape([x.shape[1:]])


@pytest.mark.parametrize("size, floor, ceil", [(5, 2, 2), (6, 2, 3), (7, 3, 3), (2, 0, 1)])
def test_ceil_mode_keeps_the_ragged_window(size, floor, ceil):
    shape = [(1, size, 9)]
    assert MaxPool(name="P", kernel=3, stride=2, ceil_mode=True).out_shape(shape)[1] == ceil
    if floor:
        assert MaxPool(name="P", kernel=3, stride=2).out_shape(shape)[1] == floor


def test_ceil_mode_drops_a_window_that_starts_past_the_end():
    pool = MaxPool(name="P", kernel=2, stride=3, pad=1, ceil_mode=True)
    assert pool.out_shape([(1, 4, 5)]) == (1, 2, 2)


def test_padding_never_wins_a_max():
    assert apply(MaxPool(name="P", kernel=2, pad=1), [image([-5])]).tolist() == [[[[-5]]]]


def test_padding_is_not_counted_in_a_mean():
    assert apply(AvgPool(name="P", kernel=3, pad=1), [image([4, 8], [8, 8])]).tolist() == [[[[7]]]]


def test_mean_is_rounded_half_to_even():
    out = apply(AvgPool(name="P", kernel=(1, 2)), [image([0, 1, 1, 2, -1, 0, -1, -2])])
    assert out.ravel().tolist() == [0, 2, 0, -2]


def test_pool_larger_than_its_input_is_refused():
    with pytest.raises(ConfigError, match=r"the window must fit the padded input \(got 5 over 4\)"):
        MaxPool(name="P", kernel=5, stride=1).out_shape([(1, 4, 9)])


def test_pad_as_large_as_the_kernel_is_refused():
    with pytest.raises(ConfigError, match=r"pad must be smaller than the kernel \(got 2, 2\)"):
        AvgPool(name="P", kernel=2, pad=2)


@pytest.mark.parametrize("shift", [0, 1, 2, 5])
def test_requantise_rounds_half_to_even(shift):
    values = list(range(-100, 101))
    exact = [round(Fraction(value, 2**shift)) for value in values]
    assert requantise(np.array(values), shift, 16).tolist() == exact


@pytest.mark.parametrize("shift", [1, 30, 62])
def test_requantise_is_exact_where_floats_are_not(shift):
    values = [2**62 + 1, 2**62 - 1, -(2**62) - 1, 2**61 + 2**60 + 1, -(2**63), 2**63 - 1]
    exact = [round(Fraction(value, 2**shift)) for value in values]
    limit = 2**61
    clipped = [min(max(value, -limit), limit - 1) for value in exact]
    assert requantise(np.array(values, np.int64), shift, 62).tolist() == clipped


def test_requantise_saturates_to_signed_bits():
    assert requantise(np.array([-1000, -129, -128, 127, 128, 1000]), 0, 8).tolist() == [
        -128,
        -128,
        -128,
        127,
        127,
        127,
    ]


@pytest.mark.parametrize(
    "shift, bits, message",
    [
        (-1, 8, r"shift must be in 0..62 \(got -1\)"),
        (63, 8, r"shift must be in 0..62 \(got 63\)"),
        (0, 1, r"bits must be in 2..62 \(got 1\)"),
    ],
)
def test_requantise_out_of_range_is_refused(shift, bits, message):
    with pytest.raises(ConfigError, match=message):
        requantise(np.array([1]), shift, bits)


@pytest.mark.parametrize(
    "value, shift", [(127, 0), (128, 1), (254, 1), (255, 2), (-128, 0), (-129, 1), (-257, 1), (0, 0)]
)
def test_fitting_shift_is_the_least_that_saturates_nothing(value, shift):
    assert fitting_shift(np.array([value, 0]), 8) == shift


def test_requantise_without_a_shift_takes_the_fitting_one():
    x = image([1000, -3])
    assert apply(Requantise(name="Q", bits=8), [x]).tolist() == requantise(x, 3, 8).tolist()


def test_requantise_with_a_shift_takes_it():
    assert apply(Requantise(name="Q", bits=8, shift=1), [image([1000, 6])]).tolist() == [[[[127, 3]]]]


def test_division_rounds_half_to_even_by_odd_counts_too():
    totals = np.arange(-20, 21)
    assert divide_to_even(totals, 3).tolist() == [round(Fraction(int(t), 3)) for t in totals]


def test_relu_drops_what_is_negative():
    assert apply(Relu(name="R"), [image([-2, 0, 3])]).tolist() == [[[[0, 0, 3]]]]


def test_relu6_clips_at_its_limit():
    assert apply(Relu6(name="R", limit=5), [image([-2, 4, 6])]).tolist() == [[[[0, 4, 5]]]]


def test_relu6_limit_below_one_is_refused():
    with pytest.raises(ConfigError, match=r"limit must be at least 1 \(got 0\)"):
        Relu6(name="R", limit=0)


def test_lrn_passes_values_unchanged(x):
    np.testing.assert_array_equal(apply(Lrn(name="L"), [x]), x)


def test_add_sums_all_inputs(x):
    np.testing.assert_array_equal(apply(Add(name="S", inputs=("A", "B", "C")), [x, x, x]), 3 * x)


def test_concat_keeps_the_order_of_its_inputs(x):
    out = apply(Concat(name="S", inputs=("A", "B")), [x[:, :1], x])
    np.testing.assert_array_equal(out[:, 1:], x)


# Reals


REALS = np.array([[-3.5, -1.25], [-2.0, -0.5]]).reshape(1, 1, 2, 2)


def test_reals_stay_reals_and_a_mean_is_not_rounded():
    pool = AvgPool(op="avg_pool", name="P", kernel=2)
    assert apply(pool, [REALS]).ravel().tolist() == [-7.25 / 4]


def test_padding_never_wins_over_a_negative_real():
    pool = MaxPool(op="max_pool", name="P", kernel=2, stride=2, pad=1)
    np.testing.assert_array_equal(apply(pool, [REALS]), REALS)


def test_relu6_of_reals_ends_at_six_whatever_the_limit_of_integers_is():
    node = Relu6(op="relu6", name="R", limit=6 << 12)
    assert apply(node, [REALS + 8]).ravel().tolist() == [4.5, 6, 6, 6]


def test_reals_pass_a_requantisation():
    node = Requantise(op="requantise", name="Q", bits=4, shift=1)
    np.testing.assert_array_equal(apply(node, [REALS]), REALS)
