"""What crosses the DRAM link, by hand: whose values are coded, and in how many bits."""

from dataclasses import replace

import numpy as np
import pytest

from accelsim.rlc import WORD_BITS
from accelsim.traffic import Operands, Store, ifmap_bits, ofmap_bits, weight_bits
from accelsim.workload import Layer
from dataflows.row_stationary import RowStationary
from tests.laws.cases import backlogged

PLAIN = backlogged(1, 1).program.arch
CODED = replace(PLAIN, sparsity=run_length())
GROUPED = Layer("grouped", m=2, c=2, h=3, w=4, r=1, s=1, groups=2)


@pytest.fixture
def tiles():
    """One pass for each of two groups of one channel."""
    mapping = RowStationary(m=1, n=1, e=3, p=1, q=1, r=1, t=1).map(GROUPED, PLAIN)
    return [one.tile for one in mapping.passes()]


@pytest.fixture
def operands():
    """Group 0 is all zeros but one, group 1 has none."""
    ifmap = np.zeros(GROUPED.ifmap_shape, np.int64)
    ifmap[0, 0, 0, 0], ifmap[0, 1] = 7, 1
    return Operands(ifmap, np.ones(GROUPED.weight_shape, np.int64), Store(16, relu=True))


def test_each_group_is_coded_by_its_own_values(tiles, operands):
    """Group 0: (0, 7) and (10, 0), one word; group 1: twelve pairs, four words."""
    assert [ifmap_bits(GROUPED, tile, CODED, operands) for tile in tiles] == [WORD_BITS, 4 * WORD_BITS]


def test_the_first_ifmap_is_not_coded(tiles, operands):
    raw = replace(operands, code_ifmap=False)
    assert [ifmap_bits(GROUPED, tile, CODED, raw) for tile in tiles] == [12 * 16] * 2


def test_nothing_is_coded_on_a_plain_link_or_without_values(tiles, operands):
    assert [ifmap_bits(GROUPED, tile, PLAIN, operands) for tile in tiles] == [12 * 16] * 2
    assert [ifmap_bits(GROUPED, tile, CODED, None) for tile in tiles] == [12 * 16] * 2


def test_an_ofmap_is_coded_as_it_is_stored(operands):
    """ReLU first: of -1, -2, 5, -3, 6, 0 remain (2, 5), (1, 6) and (0, 0)."""
    psums = np.array([-1, -2, 5, -3, 6, 0])
    assert ofmap_bits(CODED, 6, psums, operands) == WORD_BITS
    assert ofmap_bits(PLAIN, 6, psums, operands) == 6 * 16
    assert ofmap_bits(CODED, 6, None, None) == 6 * 16


def test_weights_are_never_coded(tiles):
    assert [weight_bits(tile, CODED) for tile in tiles] == [16, 16]


def test_a_box_of_padding_alone_is_no_word_where_padding_is_generated():
    layer = Layer("padded", m=1, c=1, h=1, w=1, r=1, s=1, pad=(2, 0, 0, 0))
    arch = replace(CODED, padding="generated")
    mapping = RowStationary(m=1, n=1, e=1, p=1, q=1, r=1, t=1).map(layer, arch)
    ifmap = np.array([0, 0, 3]).reshape(1, 1, 3, 1)
    given = Operands(ifmap, np.ones((1, 1, 1, 1), np.int64), Store(16))
    assert [ifmap_bits(layer, one.tile, arch, given) for one in mapping.passes()] == [0, 0, WORD_BITS]


def test_stored_values_are_rounded_half_to_even_and_saturate():
    store = Store(bits=4, shift=1, threshold=1)
    assert store(np.array([2, 4, 6, 40, -40])).tolist() == [0, 2, 2, 7, -8]
