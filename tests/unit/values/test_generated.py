"""Where values come from: the same on any worker, dense as asked, in range."""

from zipfile import ZipFile

import numpy as np
import pytest

from accelsim.errors import ConfigError
from accelsim.values import generated
from accelsim.values.files import load_tensor
from accelsim.values.generated import picture, random_tensor, random_weights

SHAPE = (3, 5, 7, 11)
GENERATORS = [random_tensor, random_weights]


@pytest.mark.parametrize("make", GENERATORS)
@pytest.mark.parametrize("density", [0.0, 0.001, 0.25, 0.5, 0.999, 1.0])
def test_non_zeros_are_exactly_the_density(make, density):
    values = make(SHAPE, 8, density=density, name="x")
    assert np.count_nonzero(values) == round(density * values.size)


@pytest.mark.parametrize("make", GENERATORS)
def test_values_depend_on_no_earlier_draw(make):
    first = make(SHAPE, 8, density=0.5, seed=3, name="x")
    make((99,), 8, density=0.5, seed=3, name="y")
    np.testing.assert_array_equal(make(SHAPE, 8, density=0.5, seed=3, name="x"), first)


@pytest.mark.parametrize("make", GENERATORS)
@pytest.mark.parametrize("other", [{"seed": 4, "name": "x"}, {"seed": 3, "name": "y"}], ids=str)
def test_seed_and_name_both_change_the_values(make, other):
    assert (make(SHAPE, 8, seed=3, name="x") != make(SHAPE, 8, **other)).any()


def test_seeded_values_stay_as_they_are():
    assert random_tensor((6,), 8, density=0.5, seed=1, name="ifmap").tolist() == [0, -92, 14, 0, 0, -89]


@pytest.mark.parametrize("make", GENERATORS)
@pytest.mark.parametrize("bits", [2, 3, 16, 62])
def test_values_fit_signed_bits(make, bits):
    values = make((4000,), bits, name="x")
    assert -(1 << (bits - 1)) <= values.min() and values.max() < 1 << (bits - 1)


@pytest.mark.parametrize("make", GENERATORS)
@pytest.mark.parametrize("bits", [2, 3, 4])
def test_every_signed_value_but_zero_occurs(make, bits):
    top = 1 << (bits - 1)
    assert set(make((4000,), bits, name="x").tolist()) == {*range(-top, top)} - {0}


def test_unsigned_values_are_the_positive_ones_of_a_signed_word():
    assert set(random_tensor((4000,), 4, signed=False, name="x").tolist()) == {*range(1, 8)}


def test_uniform_values_are_equally_likely():
    counts = np.bincount(random_tensor((70_000,), 3, name="x") + 4, minlength=8)
    assert np.abs(np.delete(counts, 4) - 10_000).max() < 500  # five standard deviations of 93


def test_weights_have_a_quarter_of_the_range_as_deviation():
    values = random_weights((40_000,), 16, name="x")
    assert abs(values.std() / 2**13 - 1) < 0.02  # five standard deviations of 0.35 %
    assert abs(values.mean()) < 2**13 * 0.025  # five standard deviations of 0.5 %


def test_zeros_are_spread_over_the_tensor():
    kept = random_tensor((100, 1000), 8, density=0.3, name="x") != 0
    assert np.abs(kept.sum(axis=1) - 300).max() < 73  # five standard deviations of 14.5


def test_block_size_of_the_draw_does_not_touch_the_density(monkeypatch):
    monkeypatch.setattr(generated, "BLOCK_WORDS", 7)
    assert np.count_nonzero(random_tensor((101,), 8, density=0.5, name="x")) == 50


@pytest.mark.parametrize("make", GENERATORS)
@pytest.mark.parametrize(
    "keys, message",
    [
        ({"bits": 1}, r"bits must be in 2..62 \(got 1\)"),
        ({"bits": 63}, r"bits must be in 2..62 \(got 63\)"),
        ({"density": 1.5}, r"density must be in 0..1 \(got 1.5\)"),
        ({"density": -0.1}, r"density must be in 0..1 \(got -0.1\)"),
    ],
)
def test_generator_out_of_range_is_refused(make, keys, message):
    with pytest.raises(ConfigError, match=message):
        make(SHAPE, **{"bits": 8, "name": "x", **keys})


@pytest.mark.parametrize("c, h, w", [(1, 28, 28), (3, 227, 227), (3, 40, 90), (1, 700, 3), (3, 1, 1)])
def test_picture_has_the_shape_asked(c, h, w):
    assert picture(2, c, h, w, 8).shape == (2, c, h, w)


@pytest.mark.parametrize("bits", [2, 8, 16])
def test_picture_spans_the_non_negative_half_of_the_word(bits):
    values = picture(1, 3, 227, 227, bits)
    assert values.min() == 0 and values.max() == (1 << (bits - 1)) - 1


def test_pictures_of_a_batch_differ():
    images = picture(16, 1, 32, 32, 8)
    assert len({image.tobytes() for image in images}) == 16


def test_picture_does_not_depend_on_the_batch():
    np.testing.assert_array_equal(picture(4, 3, 20, 20, 8)[:2], picture(2, 3, 20, 20, 8))


def test_luminance_lies_within_the_colours():
    grey, colour = picture(1, 1, 50, 50, 16)[0, 0], picture(1, 3, 50, 50, 16)[0]
    step = 2**15 / 255  # a grey level: both round
    assert (grey >= colour.min(axis=0) - step).all() and (grey <= colour.max(axis=0) + step).all()


def test_shrinking_keeps_the_brightness():
    big, small = picture(1, 1, 384, 384, 16), picture(1, 1, 32, 32, 16)
    assert abs(big.mean() - small.mean()) <= 1  # each value is rounded down


def test_enlarging_repeats_pixels():
    assert set(picture(1, 1, 1000, 1000, 16).ravel()) == set(picture(1, 1, 384, 384, 16).ravel())


@pytest.mark.parametrize(
    "c, bits, message",
    [
        (2, 8, r"channels of a picture must be 1 or 3 \(got 2\)"),
        (3, 1, r"bits of a picture must be in 2..32 \(got 1\)"),
    ],
)
def test_impossible_picture_is_refused(c, bits, message):
    with pytest.raises(ConfigError, match=message):
        picture(1, c, 8, 8, bits)


def test_missing_picture_is_refused(monkeypatch):
    monkeypatch.setattr(generated, "PICTURE", generated.Path("no/such.jpg"))
    with pytest.raises(ConfigError, match=r"such.jpg: the picture must be installed with matplotlib"):
        picture(1, 3, 8, 8, 8)


VALUES = np.arange(-3, 3, dtype=np.int16).reshape(2, 3)


@pytest.fixture
def npy(tmp_path):
    def save(array):
        np.save(tmp_path / "w.npy", array)
        return tmp_path / "w.npy"

    return save


@pytest.fixture
def npz(tmp_path):
    def save(**arrays):
        np.savez(tmp_path / "w.npz", **arrays)
        return tmp_path / "w.npz"

    return save


def refused(path, message, *, key=None, shape=(2, 3), bits=8):
    with pytest.raises(ConfigError, match=message) as caught:
        load_tensor(path, key, shape, bits)
    return str(caught.value)


def test_npy_gives_its_values(npy):
    np.testing.assert_array_equal(load_tensor(npy(VALUES), None, (2, 3), 8), VALUES)


def test_npz_gives_the_values_under_the_key(npz):
    np.testing.assert_array_equal(load_tensor(npz(a=VALUES, b=-VALUES), "b", (2, 3), 8), -VALUES)


def test_npz_of_one_array_needs_no_key(npz):
    np.testing.assert_array_equal(load_tensor(npz(a=VALUES), None, (2, 3), 8), VALUES)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint64])
def test_any_integer_type_becomes_int64(npy, dtype):
    assert load_tensor(npy(np.ones((2, 3), dtype)), None, (2, 3), 8).dtype == np.int64


def test_error_is_one_line_that_begins_with_the_path(npy):
    path = npy(VALUES)
    message = refused(path, "shape must be", shape=(3, 2))
    assert message.startswith(f"{path}: ") and "\n" not in message


def test_missing_file_is_refused(tmp_path):
    refused(tmp_path / "none.npy", r"none.npy: file must exist \(got no such file\)")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"PK\x03\x04 not a zip", b"\x93NUMPY\x01\x00 cut short"], ids=str
)
def test_file_of_another_kind_is_refused(tmp_path, content):
    (tmp_path / "w.npy").write_bytes(content)
    refused(tmp_path / "w.npy", "must be an .npy or .npz file of arrays")


def test_pickled_file_is_refused(tmp_path):
    VALUES.dump(tmp_path / "w.npy")
    refused(tmp_path / "w.npy", "must be an .npy or .npz file of arrays")


def test_damaged_npz_is_refused(npz):
    path = npz(a=VALUES)
    content = bytearray(path.read_bytes())
    content[content.index(b"NUMPY")] ^= 1
    path.write_bytes(content)
    refused(path, "must be an .npy or .npz file of arrays")


def test_member_that_is_no_array_is_refused(tmp_path):
    with ZipFile(tmp_path / "w.npz", "w") as archive:
        archive.writestr("a", "hello")
    refused(tmp_path / "w.npz", "must be an .npy or .npz file of arrays")


def test_objects_are_refused(npy):
    refused(npy(np.array([[1, None, 2]] * 2, object)), r"values must be integers \(got objects\)")


def test_unknown_key_lists_the_known(npz):
    refused(npz(a=VALUES, b=VALUES), r"key must be one of a, b \(got 'c'\)", key="c")


def test_key_is_needed_where_there_are_several(npz):
    refused(npz(a=VALUES, b=VALUES), r"key must be one of a, b \(got none\)")


def test_key_of_an_npy_file_is_refused(npy):
    refused(npy(VALUES), r"key must be left out for an .npy file \(got 'a'\)", key="a")


def test_float_values_are_refused(npy):
    refused(npy(VALUES.astype(np.float32)), r"dtype must be integer \(got float32\)")


def test_wrong_shape_is_refused(npy):
    refused(npy(VALUES), r"shape must be \(3, 2\) \(got \(2, 3\)\)", shape=(3, 2))


@pytest.mark.parametrize("value, low, high", [(128, 0, 128), (-129, -129, 0)])
def test_value_one_past_the_word_is_refused(npy, value, low, high):
    array = np.zeros((2, 3), np.int16)
    array[1, 1] = value
    refused(npy(array), rf"values must be in -128..127, 8 bits \(got {low}..{high}\)")


@pytest.mark.parametrize("value", [127, -128])
def test_value_at_the_edge_of_the_word_is_kept(npy, value):
    assert load_tensor(npy(np.full((2, 3), value)), None, (2, 3), 8).max() == value


def test_unsigned_value_past_int64_is_refused(npy):
    refused(npy(np.full((2, 3), 2**63, np.uint64)), "values must be in", bits=62)
