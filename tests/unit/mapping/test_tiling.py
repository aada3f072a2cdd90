"""Tiles of a loop bound, ragged where they are, against plain enumeration."""

from collections import Counter
from itertools import product

import numpy as np
import pytest

from accelsim.mapping.tiling import block_tiles, nested_blocks, squares, tile_count, tiles

SIZES = [1, 2, 5, 6, 7, 12]


def lengths(size, *steps):
    """The innermost tiles of *size*, by plain loops."""
    return [len(tile) for tile in nested_blocks(range(size), steps)]


def as_counter(found):
    counts: Counter[int] = Counter()
    for number, length in found:
        counts[int(length)] += int(number)
    return +counts


@pytest.mark.parametrize("size", SIZES)
def test_tiles_are_those_of_plain_loops(size):
    for step in range(1, size + 1):
        assert as_counter(tiles(size, step)) == Counter(lengths(size, step))


@pytest.mark.parametrize("size", SIZES)
def test_tiles_within_blocks_are_those_of_plain_loops(size):
    for block in range(1, size + 1):
        for step in range(1, block + 1):
            found = block_tiles(size, np.array(block), np.array(step))
            assert as_counter(found) == Counter(lengths(size, block, step)), (block, step)


@pytest.mark.parametrize("size", SIZES)
def test_counts_and_squares_of_nested_tiles_are_those_of_plain_loops(size):
    assert (tile_count(size, ()), squares(size, ())) == (1, size * size)
    for block in range(1, size + 1):
        for steps in [(block,), *((block, step) for step in range(1, block + 1))]:
            assert tile_count(size, steps) == len(lengths(size, *steps))
            assert squares(size, steps) == sum(length**2 for length in lengths(size, *steps))


def test_candidates_side_by_side_are_counted_one_by_one():
    block, step = np.arange(3, 8)[:, None], np.arange(1, 4)
    counts, sums = tile_count(11, (block, step)), squares(11, (block, step))
    for (i, outer), (j, inner) in product(enumerate(range(3, 8)), enumerate(range(1, 4))):
        assert counts[i, j] == len(lengths(11, outer, inner))
        assert sums[i, j] == sum(length**2 for length in lengths(11, outer, inner))


def test_blocks_cover_an_extent_in_order():
    assert list(nested_blocks(range(2, 9), (4, 3))) == [range(2, 5), range(5, 6), range(6, 9)]
