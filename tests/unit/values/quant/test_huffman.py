"""Huffman codes: as short as can be, and back."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from accelsim.errors import ConfigError
from accelsim.values.quant.huffman import Huffman, entropy

quick = settings(max_examples=100, deadline=None)
counts_of = hnp.arrays(np.int64, st.integers(1, 40), elements=st.integers(0, 5) | st.integers(0, 10**6))
some = counts_of.filter(lambda counts: counts.any())


def test_a_code_by_hand():
    """2 and 3 merge, then with 1, then with 0."""
    code = Huffman.of(np.array([5, 2, 1, 1]))
    assert code.symbols.tolist() == [0, 1, 2, 3]
    assert code.lengths.tolist() == [1, 2, 3, 3]
    assert code.words.tolist() == [0b0, 0b10, 0b110, 0b111]
    assert code.size(np.array([5, 2, 1, 1])) == 5 + 4 + 3 + 3
    assert code.encode(np.array([1, 0, 3])).tolist() == [1, 0, 0, 1, 1, 1]


def test_of_equal_counts_the_lower_symbols_merge_first():
    code = Huffman.of(np.array([1, 1, 0, 1]))
    assert code.symbols.tolist() == [3, 0, 1]
    assert code.lengths.tolist() == [1, 2, 2]
    assert code.words.tolist() == [0b0, 0b10, 0b11]


def test_of_equal_counts_single_symbols_merge_before_groups():
    """0 and 1 make a group of 2; symbols 2 and 3 merge before it does. Else the lengths were 3, 3, 2, 1."""
    assert Huffman.of(np.array([1, 1, 2, 2])).lengths.tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize("counts", [[7], [0, 0, 3], [0], []])
def test_one_symbol_or_none_takes_no_bits(counts):
    counts = np.array(counts, np.int64)
    code, values = Huffman.of(counts), np.repeat(np.arange(counts.size), counts)
    assert code.size(counts) == 0
    assert code.encode(values).size == 0
    np.testing.assert_array_equal(code.decode(code.encode(values), values.size), values)


@quick
@given(counts=some)
def test_the_size_is_at_least_the_entropy_and_less_than_a_bit_more(counts):
    bits, least = Huffman.of(counts).size(counts) / counts.sum(), entropy(counts)
    assert least - 1e-9 <= bits < least + 1


@quick
@given(counts=some)
def test_the_size_is_at_most_that_at_fixed_width(counts):
    width = (np.count_nonzero(counts) - 1).item().bit_length()
    assert Huffman.of(counts).size(counts) <= width * counts.sum()


@quick
@given(counts=hnp.arrays(np.int64, st.integers(2, 5), elements=st.integers(1, 50)))
def test_no_prefix_code_is_shorter(counts):
    """Lengths that obey Kraft's inequality, all of them."""
    lengths = np.array(list(product(range(1, counts.size + 1), repeat=counts.size)))
    possible = lengths[(0.5**lengths).sum(axis=1) <= 1]
    assert Huffman.of(counts).size(counts) == (possible @ counts).min()


@quick
@given(values=hnp.arrays(np.int64, st.integers(0, 200), elements=st.integers(0, 20)))
def test_what_is_encoded_comes_back_from_as_many_bits_as_told(values):
    counts = np.bincount(values, minlength=25)
    code = Huffman.of(counts)
    bits = code.encode(values)
    assert bits.size == code.size(counts)
    np.testing.assert_array_equal(code.decode(bits, values.size), values)


@quick
@given(counts=some)
def test_words_are_canonical_and_no_word_begins_another(counts):
    code = Huffman.of(counts)
    pairs = zip(code.words, code.lengths, strict=True)
    words = [f"{word:0{length}b}" if length else "" for word, length in pairs]
    assert words == sorted(words)
    assert not any(b.startswith(a) for a, b in pairwise(words))
    ranks = list(zip(code.lengths.tolist(), code.symbols.tolist(), strict=True))
    assert ranks == sorted(ranks)
    assert set(code.symbols.tolist()) == set(np.flatnonzero(counts).tolist())


@pytest.mark.parametrize("counts", [[3, 1], []])
def test_a_symbol_without_a_word_is_refused(counts):
    with pytest.raises(ConfigError, match=r"symbols must have a code word \(got 2\)"):
        Huffman.of(np.array(counts, np.int64)).encode(np.array([2]))


def test_entropy_by_hand():
    assert entropy(np.array([1, 1, 1, 1])) == 2
    assert entropy(np.array([2, 1, 1, 0])) == 1.5
    assert entropy(np.array([9])) == 0
