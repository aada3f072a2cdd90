"""Runs of zeros that the next entry of a column carries, and the fillers that close runs too long.

An entry stands for the zeros before it and for its level. A run field of b bits carries up to 2**b - 1
zeros; the zero after as many is a filler, an entry of level zero. The run starts again in each column.
"""

from typing import NamedTuple

import numpy as np

from accelsim.network.layer import BoolArray, IntArray


class Runs(NamedTuple):
    """The entries of coded columns, one column after another."""

    zeros: IntArray  # (entries,) zeros before each in its column
    levels: IntArray  # (entries,)
    pointers: IntArray  # (columns + 1,) entries before each column, and all of them


def with_fillers(present: BoolArray, run_bits: int) -> BoolArray:
    """The non-zeros *present* and the fillers between them, ``(..., length)``; the last axis is a column."""
    place = np.arange(present.shape[-1])
    before = np.maximum.accumulate(np.where(present, place, -1), axis=-1)
    closes = (place - before) & ((1 << run_bits) - 1) == 0
    entries: BoolArray = present | closes & (place < before[..., -1:])
    return entries


def zeros_before(places: IntArray, length: int) -> IntArray:
    """Zeros between each of *places* and the one before it in its column, ``(n,)``.

    *places* ascend and count through columns of *length*, one after another.
    """
    before = np.concatenate([np.array([-1]), places[:-1]])
    edge = places - places % length - 1  # where the column before ends
    zeros: IntArray = places - np.maximum(before, edge) - 1
    return zeros


def count_entries(places: IntArray, length: int, run_bits: int) -> int:
    """Entries, with fillers, of the non-zeros at *places* (as in :func:`zeros_before`)."""
    return places.size + int((zeros_before(places, length) >> run_bits).sum())


def code(columns: IntArray, present: BoolArray, run_bits: int) -> Runs:
    """The entries of *columns*, ``(columns, length)``, where every place *present* takes one."""
    taken = with_fillers(present, run_bits)
    places = np.flatnonzero(taken)
    pointers = np.concatenate([np.array([0]), np.cumsum(taken.sum(axis=1))])
    return Runs(zeros_before(places, columns.shape[1]), columns.ravel()[places], pointers)


def spread(runs: Runs, length: int) -> IntArray:
    """The columns that *runs* code, ``(columns, length)``."""
    ends = np.concatenate([np.array([0]), np.cumsum(runs.zeros + 1)])
    counts = np.diff(runs.pointers)
    columns = np.zeros((counts.size, length), np.int64)
    column = np.repeat(np.arange(counts.size), counts)
    columns[column, ends[1:] - 1 - ends[runs.pointers[column]]] = runs.levels
    return columns
