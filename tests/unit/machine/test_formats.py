"""Storage formats: exact bits, exact round trips, entries where the coded columns have them."""

import json
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from accelsim.config import build, load_yaml
from accelsim.errors import ConfigError
from accelsim.machine.formats import AnyFormat, Bitmask, Coordinate, Csc, RunLength
from accelsim.machine.formats.protocol import Size

EYERISS = RunLength("run_length")
EIE = Csc("csc")
FORMATS = [form(get_args(form.__annotations__["kind"])[0]) for form in get_args(AnyFormat)]
FORMATS += [
    RunLength("run_length", run_bits=1, pairs=1),
    RunLength("run_length", run_bits=2, pairs=5),
    Csc("csc", index_bits=1, pointer_bits=9),
    Csc("csc", index_bits=2, pointer_bits=None),
]
RUNS = [form for form in FORMATS if isinstance(form, RunLength | Csc)]
quick = settings(max_examples=15, deadline=None)
formats = pytest.mark.parametrize("form", FORMATS, ids=str)


@st.composite
def tensors(draw):
    """Values of some width, mostly zeros, extremes among them: (values, value_bits)."""
    bits = draw(st.sampled_from([1, 2, 7, 8, 16, 32]))
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    small, long = hnp.array_shapes(max_dims=4, max_side=4), hnp.array_shapes(max_dims=2, max_side=16)
    shape = draw(small | long)  # up to 256 values: no field of FORMATS is too narrow for them
    some = st.integers(low, high) | st.sampled_from([low, high])
    return draw(hnp.arrays(np.int64, shape, elements=some, fill=st.just(0))), bits


def random_column(seed):
    rng = np.random.default_rng(seed)
    size, density = int(rng.integers(1, 300)), rng.choice([0, 0.01, 0.05, 0.3, 1])
    return rng.integers(-9, 9, size) * (rng.random(size) < density)


def coded_by_hand(column, run_bits, *, end):
    """The entries of a column as (place, zeros before, level), zero by zero; at the *end* too, or not."""
    entries, zeros, kept = [], 0, 0
    for place, value in enumerate(column):
        if value == 0 and zeros < 2**run_bits - 1:
            zeros += 1
            continue
        entries.append((place, zeros, value))
        zeros = 0
        kept = len(entries) if value else kept
    if zeros:
        entries.append((len(column) - 1, zeros - 1, 0))
    return entries if end else entries[:kept]


def runs_of(form, values):
    runs = form.runs(np.array(values))
    return list(zip(runs.zeros.tolist(), runs.levels.tolist(), strict=True))


def described(folder, fields):
    """The format that a file of *fields* describes."""
    path = folder / "format.yaml"
    path.write_text(json.dumps({"dram": fields}))
    return build(load_yaml(path)["dram"], AnyFormat)


def text(bits):
    return "".join(map(str, bits.tolist()))


@formats
@given(tensor=tensors())
@quick
def test_the_bits_give_the_values_back_and_are_as_many_as_told(form, tensor):
    values, value_bits = tensor
    bits = form.encode(values, value_bits)
    assert bits.dtype == np.uint8
    assert set(bits.tolist()) <= {0, 1}
    assert bits.shape == (form.size(values, value_bits).bits,)
    np.testing.assert_array_equal(form.decode(bits, values.shape, value_bits), values)


@formats
@pytest.mark.parametrize("seed", range(12))
def test_long_runs_come_back(form, seed):
    values = random_column(seed)
    bits = form.encode(values, 5)
    assert len(bits) == form.size(values, 5).bits
    assert form.decode(bits, values.shape, 5).tolist() == values.tolist()


@formats
@pytest.mark.parametrize(
    "values",
    [
        [0],
        [7],
        [-8],
        40 * [0],
        [[0, 0], [1, 0]],
        [[-8, 7], [0, 0]],
        [[[0]], [[1]]],
        np.eye(33, dtype=int).tolist(),
    ],
    ids=lambda values: str(np.array(values).shape),
)
def test_edges_come_back(form, values):
    values = np.array(values)
    bits = form.encode(values, 4)
    assert len(bits) == form.size(values, 4).bits
    np.testing.assert_array_equal(form.decode(bits, values.shape, 4), values)


@formats
def test_an_array_that_is_not_contiguous_is_coded_in_c_order(form):
    values = np.array([[0, 3, 0], [-1, 0, 2]]).T
    np.testing.assert_array_equal(form.decode(form.encode(values, 8), (3, 2), 8), values)
    assert form.size(values, 8) == form.size(np.ascontiguousarray(values), 8)


@formats
@pytest.mark.parametrize("shape", [(0,), (3, 0)])
def test_an_empty_tensor_has_no_entries(form, shape):
    assert form.size(np.zeros(shape, np.int64), 8).entries == 0
    assert form.entries(np.zeros(shape, bool)).shape == shape


@pytest.mark.parametrize("form", RUNS, ids=str)
@pytest.mark.parametrize("seed", range(12))
def test_entries_are_those_counted_zero_by_zero(form, seed):
    column = random_column(seed)
    run_bits = form.run_bits if isinstance(form, RunLength) else form.index_bits
    stored = coded_by_hand(column.tolist(), run_bits, end=isinstance(form, RunLength))
    assert runs_of(form, column) == [(zeros, level) for _, zeros, level in stored]
    assert form.size(column, 16).entries == len(stored)
    alone = coded_by_hand(column.tolist(), run_bits, end=False)
    assert np.flatnonzero(form.entries(column != 0)).tolist() == [place for place, _, _ in alone]


@formats
@given(tensor=tensors())
@quick
def test_entries_of_a_column_do_not_depend_on_the_others(form, tensor):
    present = tensor[0] != 0
    taken = form.entries(present)
    assert taken.dtype == bool
    assert taken.shape == present.shape
    for at in np.ndindex(present.shape[:-1]):
        assert taken[at].tolist() == form.entries(present[at]).tolist()


@pytest.mark.parametrize("form", [EIE, Csc("csc", index_bits=1), Csc("csc", index_bits=2, pointer_bits=None)])
@given(tensor=tensors())
@quick
def test_csc_stores_the_entries_of_each_column(form, tensor):
    values, value_bits = tensor
    taken = form.entries(values != 0)
    assert form.size(values, value_bits).entries == taken.sum()
    assert np.diff(form.runs(values).pointers).tolist() == taken.sum(-1).ravel().tolist()


@pytest.mark.parametrize("form", [Bitmask("bitmask"), Coordinate("coordinate")])
def test_entries_are_the_non_zeros_where_zeros_are_not_carried(form):
    values = np.array([0] * 100 + [5, 0, 6])
    assert form.entries(values != 0).tolist() == (values != 0).tolist()
    assert form.size(values, 8).entries == 2


def test_run_length_of_the_published_example():
    """JSSC 2017, Fig. 8: 0, 0, 12, 0, 0, 0, 0, 53, 0, 0, 22."""
    values = np.array([0, 0, 12, 0, 0, 0, 0, 53, 0, 0, 22])
    assert runs_of(EYERISS, values) == [(2, 12), (4, 53), (2, 22)]
    assert EYERISS.size(values, 16) == Size(64, 3)
    word = f"00010{12:016b}00100{53:016b}00010{22:016b}1"
    assert text(EYERISS.encode(values, 16)) == word


@pytest.mark.parametrize("pairs, words", [(1, 1), (2, 1), (3, 1), (4, 2), (6, 2), (7, 3)])
def test_run_length_takes_whole_words_and_marks_the_last(pairs, words):
    bits = EYERISS.encode(np.ones(pairs, np.int64), 16)
    assert len(bits) == words * 64
    assert bits[63::64].tolist() == [0] * (words - 1) + [1]


def test_run_length_ends_at_the_word_marked_as_the_last():
    values = np.arange(1, 5)
    bits = EYERISS.encode(values, 16)
    assert EYERISS.decode(np.append(bits, bits), (4,), 16).tolist() == [1, 2, 3, 4]
    bits[63] = 1
    assert EYERISS.decode(bits, (4,), 16).tolist() == [1, 2, 3, 0]


@pytest.mark.parametrize("zeros, pairs", [(0, 1), (31, 1), (32, 2), (63, 2), (64, 3)])
def test_a_run_longer_than_31_takes_another_pair(zeros, pairs):
    assert EYERISS.size(np.array([0] * zeros + [5]), 16).entries == pairs


@pytest.mark.parametrize("zeros, pairs", [(1, 1), (32, 1), (33, 2)])
def test_zeros_at_the_end_of_a_stream_take_pairs(zeros, pairs):
    assert EYERISS.size(np.array([0] * zeros), 16).entries == pairs
    assert EYERISS.size(np.array([5] + [0] * zeros), 16).entries == 1 + pairs
    assert not EYERISS.entries(np.zeros(zeros, bool)).any()


def test_a_run_of_the_stream_crosses_rows():
    assert runs_of(EYERISS, [[1, 0, 0], [0, 0, 2]]) == [(0, 1), (4, 2)]


def test_csc_of_the_published_example():
    """ISCA 2016, section III-B: [0,0,1,2, 18 zeros, 3] is v = [1,2,0,3], z = [2,0,15,2]."""
    column = np.array([0, 0, 1, 2] + 18 * [0] + [3])
    zeros, levels, pointers = EIE.runs(column)
    assert levels.tolist() == [1, 2, 0, 3]
    assert zeros.tolist() == [2, 0, 15, 2]
    assert pointers.tolist() == [0, 4]
    assert np.flatnonzero(EIE.entries(column != 0)).tolist() == [2, 3, 19, 22]
    entries = "0010 0001  0000 0010  1111 0000  0010 0011"
    assert text(EIE.encode(column, 4)) == f"{0:016b}{4:016b}" + entries.replace(" ", "")
    assert EIE.size(column, 4) == Size(4 * 8 + 2 * 16, 4)


def test_csc_starts_the_run_again_in_each_column_and_drops_its_last_zeros():
    values = np.array([[0, 1, 0], [0, 0, 0], [0, 0, 2]])
    zeros, levels, pointers = EIE.runs(values)
    assert levels.tolist() == [1, 2]
    assert zeros.tolist() == [1, 2]
    assert pointers.tolist() == [0, 1, 1, 2]


@formats
def test_values_that_lie_as_codes_take_the_room_of_codes(form):
    """Three values beside zero: codes of 2 bits."""
    values = np.array([0, 1000, 0, 0, -1000, 0, 0, 0, 0, 0, 1])
    codes = np.array([0, 1, 0, 0, -2, 0, 0, 0, 0, 0, -1])
    assert form.size(values, 2).bits == len(form.encode(codes, 2))


def test_pointers_hold_the_number_of_entries():
    form = Csc("csc", pointer_bits=2)
    assert form.size(np.ones(3, np.int64), 8).bits == 3 * 12 + 2 * 2
    for refused in (form.size, form.encode):
        with pytest.raises(ConfigError) as error:
            refused(np.ones((2, 2), np.int64), 8)
        assert str(error.value) == "pointer_bits must be at least 3 to count 4 entries (got 2)"


def test_bitmask_takes_a_bit_for_each_value_and_the_non_zeros():
    values = np.array([[0, -1], [3, 0]])
    assert text(Bitmask("bitmask").encode(values, 3)) == "0110111011"
    assert Bitmask("bitmask").size(values, 3) == Size(4 + 2 * 3, 2)


def test_coordinate_takes_a_count_and_an_index_per_axis():
    values = np.array([[[0, 0, 0, 0, -1]], [[0, 0, 0, 0, 0]], [[0, 2, 0, 0, 0]]])  # 3 x 1 x 5
    count, first, second = "0010", "00 100 111", "10 001 010"
    assert text(Coordinate("coordinate").encode(values, 3)) == count + (first + second).replace(" ", "")
    assert Coordinate("coordinate").size(values, 3) == Size(4 + 2 * (2 + 0 + 3 + 3), 2)


def test_coordinate_ends_where_its_count_tells():
    form, values = Coordinate("coordinate"), np.array([0, 4, 0, -2])
    bits = np.append(form.encode(values, 4), np.ones(6, np.uint8))
    assert form.decode(bits, (4,), 4).tolist() == [0, 4, 0, -2]


@pytest.mark.parametrize("extent, index", [(1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (8, 3), (9, 4)])
def test_an_index_takes_as_many_bits_as_tell_its_axis(extent, index):
    full, empty = np.ones(extent, np.int64), np.zeros(extent, np.int64)
    form = Coordinate("coordinate")
    assert form.size(full, 8).bits - form.size(empty, 8).bits == extent * (index + 8)


@pytest.mark.parametrize("values, count", [(1, 1), (2, 2), (3, 2), (4, 3), (7, 3), (8, 4)])
def test_the_count_can_tell_that_all_are_non_zero(values, count):
    assert Coordinate("coordinate").size(np.zeros(values, np.int64), 8).bits == count


def test_an_entry_alone_has_its_run_and_its_level():
    assert EYERISS.entry_bits(16) == 21
    assert EIE.entry_bits(8) == 12
    assert EIE.entry_bits(4) == 8  # a code
    assert Bitmask("bitmask").entry_bits(8) is None
    assert Coordinate("coordinate").entry_bits(8) is None


@formats
@pytest.mark.parametrize(
    "value, value_bits, message",
    [
        (8, 4, "values of 4 bits must be in -8..7 (got 8)"),
        (-9, 4, "values of 4 bits must be in -8..7 (got -9)"),
        (1, 1, "values of 1 bits must be in -1..0 (got 1)"),
        (0, 0, "value_bits must be in 1..32 (got 0)"),
        (0, 33, "value_bits must be in 1..32 (got 33)"),
    ],
)
def test_values_must_fit(form, value, value_bits, message):
    with pytest.raises(ConfigError) as error:
        form.encode(np.array([0, value]), value_bits)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "kind, fields, message",
    [
        (RunLength, {"run_bits": 0}, "run_bits must be in 1..32 (got 0)"),
        (RunLength, {"run_bits": 33}, "run_bits must be in 1..32 (got 33)"),
        (RunLength, {"pairs": 0}, "pairs must be at least 1 (got 0)"),
        (Csc, {"index_bits": 0}, "index_bits must be in 1..32 (got 0)"),
        (Csc, {"index_bits": 33}, "index_bits must be in 1..32 (got 33)"),
        (Csc, {"pointer_bits": 0}, "pointer_bits must be in 1..32 (got 0)"),
        (Csc, {"pointer_bits": 33}, "pointer_bits must be in 1..32 (got 33)"),
    ],
)
def test_a_field_has_a_width(kind, fields, message):
    with pytest.raises(ConfigError) as error:
        kind(kind.__name__.lower(), **fields)
    assert str(error.value) == message


@pytest.mark.parametrize("run_bits", [31, 32])
def test_the_widest_run_carries_all_zeros(run_bits):
    values = np.array([0] * 500 + [1])
    assert RunLength("run_length", run_bits=run_bits).size(values, 8).entries == 1
    assert Csc("csc", index_bits=run_bits).size(values, 8).entries == 1


@formats
def test_a_description_names_its_kind(form, tmp_path):
    assert described(tmp_path, vars(form)) == form


@pytest.mark.parametrize(
    "fields, why",
    [
        ({"kind": "csc", "run_bits": 4}, "dram.run_bits: unknown key 'run_bits'; did you mean 'index_bits'?"),
        ({"kind": "csc", "index_bits": 0}, "dram: index_bits must be in 1..32 (got 0)"),
        ({"kind": "rle"}, "dram.kind: must be 'run_length', 'csc', 'bitmask' or 'coordinate' (got 'rle')"),
        (
            {"run_bits": 5},
            "dram.kind: must be given: 'run_length', 'csc', 'bitmask' or 'coordinate' (the key is missing)",
        ),
    ],
)
def test_a_description_is_refused_with_the_reason(fields, why, tmp_path):
    with pytest.raises(ConfigError) as error:
        described(tmp_path, fields)
    assert str(error.value).split(": ", 1)[1] == why
