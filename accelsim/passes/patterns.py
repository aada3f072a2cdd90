"""BusWords on buses and steps of PEs: the tokens that a pass of single MACs is made of."""

from typing import NamedTuple

import numpy as np

from accelsim.mapping.nest import Dim
from accelsim.network.layer import IntArray
from accelsim.passes.shape import Shape

COORDS: tuple[Dim, ...] = ("n", "m", "c", "e", "f", "r", "s")
"""Axes of a place in a pass, counted from the corner of its tile."""

NOWHERE = -1
"""In place of a FIFO: the operand is kept, or there is none."""

KEPT = -2
"""In place of a FIFO: the PE keeps the operand."""

FIFO_KINDS = ("ifmap bus", "weight bus", "psum", "ifmap right", "ifmap down", "weight down", "output", "line")
"""What FIFOs are for; each PE has one of each kind, most of them unused."""


class BusWords(NamedTuple):
    """BusWords of one bus in the order it serves them."""

    start: IntArray  # (words + 1,) where the FIFOs of each begin in
    fifos: IntArray  # the FIFOs that each goes to; of the ofmap bus, the one it comes from
    beat: IntArray  # (words,) 1 where a word must not share a cycle with the one before
    at: IntArray  # (words, COORDS) of a MAC that uses it


class Pattern(NamedTuple):
    """A stretch of steps that passes repeat: what every bus and every PE does in it, each in order."""

    ifmap: BusWords
    weight: BusWords
    psum: BusWords
    psum_line: IntArray  # (words,) the line it was written to within the pass; NOWHERE: by an earlier pass
    ofmap: BusWords
    ofmap_line: (
        IntArray  # (words,) the line it is written to for a reader in this pass; NOWHERE: it leaves it
    )
    op_start: IntArray  # (PEs + 1,) where the steps of each PE begin in
    ops: IntArray  # (steps, OP) FIFOs of each step


OP = ("ifmap_from", "weight_from", "psum_from", "psum_to", "ifmap_right", "ifmap_down", "weight_down")
"""Columns of a step: where its operands come from, and where what it passes on goes."""


def points_of(dims: tuple[Dim, ...], shape: Shape) -> IntArray:
    """Places of a nest over *dims*, outermost first: ``(points, COORDS)``."""
    sizes = [getattr(shape, dim) for dim in dims]
    points = np.indices(sizes).reshape(len(dims), -1)
    places = np.zeros((points.shape[1], len(COORDS)), np.int64)
    for dim, line in zip(dims, points, strict=True):
        places[:, COORDS.index(dim)] = line
    return places


def words(fifos: list[IntArray], at: IntArray, beat: IntArray | None = None) -> BusWords:
    """BusWords that go to *fifos*, one array each."""
    start = np.concatenate(([0], np.cumsum([len(part) for part in fifos]))).astype(np.int64)
    flat = np.concatenate(fifos) if fifos else np.zeros(0, np.int64)
    beats = np.zeros(len(fifos), np.int64) if beat is None else beat
    return BusWords(start, flat.astype(np.int64), beats.astype(np.int64), at.reshape(-1, len(COORDS)))


NO_WORDS = words([], np.zeros((0, len(COORDS)), np.int64))


def joined(parts: list[BusWords]) -> BusWords:
    """*parts* one after the other."""
    ends = np.concatenate(([0], np.cumsum([len(part.fifos) for part in parts])))
    starts = [part.start[:-1] + end for part, end in zip(parts, ends[:-1], strict=True)]
    return BusWords(
        np.concatenate((*starts, ends[-1:])).astype(np.int64),
        np.concatenate([part.fifos for part in parts]),
        np.concatenate([part.beat for part in parts]),
        np.concatenate([part.at for part in parts]),
    )
