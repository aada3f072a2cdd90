"""A plan as arrays, for the compiled recurrences: which words move before which step, where PEs take what."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from accelsim.errors import SimulationError
from accelsim.machine import Arch
from accelsim.network.layer import BoolArray, IntArray
from accelsim.passes.coded import window_places
from accelsim.passes.primitive import PrimitivePlan
from accelsim.passes.value_costs import ValueCosts

WindowWords = tuple[IntArray, IntArray, IntArray]
"""Ifmap words in bus order, cut where the window of a step is complete: how a :class:`Schedule` begins."""


class Schedule(NamedTuple):
    """What the recurrences of one pass need."""

    stream: IntArray  # (words,) of each ifmap word, in bus order
    room: IntArray  # (words,) step whose end makes room at the destinations; -1: there is room
    bounds: IntArray  # (steps + 1,) words that have moved before each step
    streams: IntArray  # (depth, lanes) that each PE takes
    work: IntArray  # (steps, depth, lanes) cycles before the psums
    filters: IntArray  # (lanes,) psums of a step
    lane: IntArray  # (psums,) of each psum of a step, in bus order
    rank: IntArray  # (psums,) which of its lane's


def make_schedule(plan: PrimitivePlan, arch: Arch, contents: ValueCosts | None) -> Schedule:
    """The schedule of *plan*, with other words and cycles where *contents* say so.

    Raises:
        SimulationError: if the bus order makes a step wait for room that only it can make.
    """
    carried = None if contents is None else contents.carried
    words = all_words(plan, arch) if carried is None else _words(plan, arch, carried, coded=True)
    busy = plan.mac_cycles + plan.other_cycles if contents is None else contents.mac + contents.overhead
    lane, rank = np.array(plan.psum_order).T
    work = np.broadcast_to(busy, (plan.steps, plan.depth, plan.lanes))
    return Schedule(*words, plan.streams, np.ascontiguousarray(work), plan.filters, lane, rank)


def weight_last(plan: PrimitivePlan, contents: ValueCosts | None) -> IntArray:
    """Position on the weight bus of each PE's last weight, ``(depth, lanes)``; -1: it gets none."""
    last = np.full((plan.depth, plan.lanes), -1)
    words = [words for *_, words in plan.weight_groups]
    if contents is not None and contents.group_words is not None:
        words = contents.group_words.tolist()
    moved = 0
    for (filter_set, depth, _), own in zip(plan.weight_groups, words, strict=True):
        moved += own
        if own:
            last[depth, filter_set * plan.shape.e : (filter_set + 1) * plan.shape.e] = moved - 1
    return last


@lru_cache(maxsize=32)
def all_words(plan: PrimitivePlan, arch: Arch) -> WindowWords:
    """The words of a pass in which all move; worked out once."""
    return _words(plan, arch, np.ones(len(plan.ifmap_stream), bool), coded=False)


def _words(plan: PrimitivePlan, arch: Arch, carried: BoolArray, *, coded: bool) -> WindowWords:
    moved = np.flatnonzero(carried)
    stream, column = plan.ifmap_stream[moved], plan.ifmap_column[moved]
    places = window_places(plan, arch, coded=coded) + arch.noc.ifmap.fifo_words
    room = _room(plan, stream, column, places)
    wanted = np.searchsorted(plan.need, column + 1)
    wanted = np.minimum.accumulate(wanted[::-1])[::-1]  # words ahead of a wanted word move first
    stuck = np.flatnonzero(room >= wanted)
    if stuck.size:
        raise SimulationError(_circular_wait(plan, int(moved[stuck[0]]), int(wanted[stuck[0]])))
    return stream, room, np.searchsorted(wanted, np.arange(plan.steps + 1))


def _room(plan: PrimitivePlan, stream: IntArray, column: IntArray, places: IntArray) -> IntArray:
    """For each word, the step whose end leaves a place for it in all PEs of its stream; -1: there is one.

    *places* are those of a PE of each stream. A step frees the words of the columns that it is done with.
    """
    order = np.argsort(stream, kind="stable")
    own = stream[order]
    first = np.searchsorted(own, np.arange(len(places)))
    rank = np.arange(len(own)) - first[own]
    must_go = rank + 1 - places[own]  # words of the stream that must have been freed
    leaves = column[order][first[own] + np.maximum(must_go - 1, 0)]  # the column of the last of them
    room = np.empty(len(stream), np.int64)
    room[order] = np.where(must_go > 0, np.searchsorted(plan.free, leaves + 1), -1)
    return room


def _circular_wait(plan: PrimitivePlan, word: int, step: int) -> str:
    stream = int(plan.ifmap_stream[word])
    depth, lane = np.argwhere(plan.streams == stream)[0]
    return (
        f"circular wait: the ifmap bus waits for room in PE {plan.pes[depth, lane]} (stream {stream},"
        f" column {plan.ifmap_column[word]}), which step {step} would make,"
        f" and step {step} waits for an ifmap word behind it on the bus"
    )
