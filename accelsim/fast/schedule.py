"""A plan's index arrays, worked out once per shape: what the recurrences gather from and scatter to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from accelsim.arch import Arch
from accelsim.errors import SimulationError
from accelsim.plan import Plan
from accelsim.workload import IntArray


@dataclass(frozen=True)
class Stage:
    """Ifmap words that must have moved before one step, in bus order."""

    streams: IntArray  # (words,) stream of each
    room: IntArray  # (words,) step whose end makes room at the destinations; -1: there is room
    fed: IntArray  # streams that get words in this stage
    last: IntArray  # and their last words (index into the stage)


@dataclass(frozen=True)
class Group:
    """Lanes that make the same number of psums (p) a step; a plan has one or two."""

    filters: int
    lanes: slice


@dataclass(frozen=True)
class Block:
    """Psums j0..j1 of a step, few enough that room for them depends on earlier blocks alone."""

    start: int
    stop: int
    offset: int  # words of the step before the block
    order: IntArray  # positions of the block's words, group after group, in bus order


@dataclass(frozen=True)
class Schedule:
    """What the recurrences of one plan need."""

    plan: Plan
    stages: tuple[Stage, ...]
    groups: tuple[Group, ...]
    blocks: tuple[Block, ...]
    weight_last: IntArray  # (depth, lanes) bus position of a PE's last weight
    stream_sort: IntArray  # PEs (flat) in order of their stream
    stream_starts: IntArray  # where each stream begins in that order


@lru_cache(maxsize=32)
def make_schedule(plan: Plan, arch: Arch) -> Schedule:
    """The schedule of *plan*.

    Raises:
        SimulationError: if the bus order makes a step wait for room that only it can make.
    """
    flat = plan.streams.ravel()
    order = np.argsort(flat, kind="stable")
    groups = _groups(plan)
    return Schedule(
        plan=plan,
        stages=_stages(plan, arch),
        groups=groups,
        blocks=tuple(_blocks(plan, groups, arch)),
        weight_last=_weight_last(plan),
        stream_sort=order,
        stream_starts=np.searchsorted(flat[order], np.arange(len(plan.stream_channels))),
    )


def _stages(plan: Plan, arch: Arch) -> tuple[Stage, ...]:
    channels = plan.stream_channels[plan.ifmap_stream]
    places = channels * plan.window + arch.noc.ifmap.fifo_words
    position = plan.ifmap_column * channels + plan.ifmap_channel
    columns_freed = -(-(position + 1 - places) // channels)
    room = np.where(columns_freed > 0, np.searchsorted(plan.free, columns_freed), -1)
    wanted = np.searchsorted(plan.need, plan.ifmap_column + 1)
    stage = np.minimum.accumulate(wanted[::-1])[::-1]  # words ahead of a wanted word move first
    stuck = np.flatnonzero(room >= stage)
    if stuck.size:
        raise SimulationError(_circular_wait(plan, int(stuck[0]), int(stage[stuck[0]])))
    bounds = np.searchsorted(stage, np.arange(plan.steps + 1))
    return tuple(_stage(plan.ifmap_stream[lo:hi], room[lo:hi]) for lo, hi in pairwise(bounds))


def _stage(streams: IntArray, room: IntArray) -> Stage:
    fed, from_end = np.unique(streams[::-1], return_index=True)
    return Stage(streams, room, fed, len(streams) - 1 - from_end)


def _circular_wait(plan: Plan, word: int, step: int) -> str:
    stream = int(plan.ifmap_stream[word])
    depth, lane = np.argwhere(plan.streams == stream)[0]
    return (
        f"circular wait: the ifmap bus waits for room in PE {plan.pes[depth, lane]} (stream {stream},"
        f" column {plan.ifmap_column[word]}), which step {step} would make,"
        f" and step {step} waits for an ifmap word behind it on the bus"
    )


def _groups(plan: Plan) -> tuple[Group, ...]:
    edges = np.flatnonzero(np.diff(plan.filters)) + 1
    starts, stops = [0, *edges.tolist()], [*edges.tolist(), plan.lanes]
    return tuple(Group(int(plan.filters[a]), slice(a, b)) for a, b in zip(starts, stops, strict=True))


def _blocks(plan: Plan, groups: tuple[Group, ...], arch: Arch) -> list[Block]:
    noc = arch.noc
    filters = int(plan.filters.max())
    size = min(noc.psum.fifo_words, noc.ofmap.fifo_words, noc.local.fifo_words)
    blocks, offset = [], 0
    for start in range(0, filters, size):
        stop = min(start + size, filters)
        order = _positions(plan.psum_order, groups, start, stop)
        blocks.append(Block(start, stop, offset, order))
        offset += len(order)
    return blocks


def _positions(
    order: tuple[tuple[int, int], ...], groups: tuple[Group, ...], start: int, stop: int
) -> IntArray:
    index: dict[tuple[int, int], int] = {}
    for group in groups:
        for lane in range(group.lanes.start, group.lanes.stop):
            for j in range(start, min(stop, group.filters)):
                index[lane, j] = len(index)
    return np.array([index[word] for word in order if word in index], np.int64)


def _weight_last(plan: Plan) -> IntArray:
    last = np.zeros((plan.depth, plan.lanes), np.int64)
    moved = 0
    for filter_set, depth, words in plan.weight_groups:
        moved += words
        last[depth, filter_set * plan.shape.e : (filter_set + 1) * plan.shape.e] = moved - 1
    return last
