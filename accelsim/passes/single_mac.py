"""Passes in which every step is the same: each streamed operand comes anew, to all that share it."""

import numpy as np

from accelsim.machine import Operand
from accelsim.network.layer import IntArray
from accelsim.passes.patterns import COORDS, NO_WORDS, NOWHERE, OP, BusWords, Pattern, points_of, words
from accelsim.passes.places import Builder
from accelsim.passes.stream import StreamPlan


def steps(b: Builder) -> StreamPlan:
    """Every step is the same: each streamed operand comes anew, to all that share it."""
    places = points_of(b.mapping.at("pe"), b.shape)
    sequence = np.zeros(len(places), np.int64)
    patterns = [_step(b, last=False)]
    if b.kept_psums:
        patterns.append(_step(b, last=True))
        sequence[-1] = 1
    return b.plan(patterns, sequence, places)


def _step(b: Builder, *, last: bool) -> Pattern:
    ops = np.full((b.count, len(OP)), NOWHERE, np.int64)
    origin = np.zeros(len(COORDS), np.int64)
    ifmap, weight = NO_WORDS, NO_WORDS
    if "ifmap" not in b.mapping.keeps:
        ifmap = _stream(b, "ifmap", "ifmap right", ops, origin)
    if "weight" not in b.mapping.keeps:
        weight = _stream(b, "weight", "weight down", ops, origin)
    return stretch(b, ifmap, weight, psum_words(b, ops, last=last), ops)


def stretch(
    b: Builder, ifmap: BusWords, weight: BusWords, psums: tuple[BusWords, BusWords], ops: IntArray
) -> Pattern:
    """The steps *ops*, as many for each PE; *psums* come from earlier passes, and leave this one."""
    read_from, written_to = (np.full(len(part.beat), NOWHERE, np.int64) for part in psums)
    op_start = np.arange(b.count + 1) * (len(ops) // b.count)
    return Pattern(ifmap, weight, psums[0], read_from, psums[1], written_to, op_start, ops)


def _stream(b: Builder, operand: Operand, onward: str, ops: IntArray, at: IntArray) -> BusWords:
    """The words of *operand* in one step; fills in where PEs take them, and hand them on if they do."""
    column, bus, link = OP.index(f"{operand}_from"), b.fifo(f"{operand} bus"), b.fifo(onward)
    takers, givers, receivers = b.net.handing(b.sharers(operand))
    ops[takers, column] = bus[takers]
    ops[receivers, column] = link[receivers]
    ops[givers, OP.index(onward.replace(" ", "_"))] = link[receivers]
    return b.feed(operand, bus, takers, at)


def psum_words(b: Builder, ops: IntArray, *, last: bool) -> tuple[BusWords, BusWords]:
    """The words of the psum and ofmap buses in one step in which all PEs act; fills in the PEs' side."""
    out, into = OP.index("psum_to"), OP.index("psum_from")
    if not b.kept_psums:
        return chain(b, ops)
    if not last:
        return NO_WORDS, NO_WORDS
    ops[:, out] = b.fifo("output")
    order, beat = b.net.turns(b.row, b.lane)
    assert (ops[:, into] == NOWHERE).all(), "a kept psum comes from nowhere"
    return NO_WORDS, words(list(b.fifo("output")[order][:, None]), b.at[order], beat)


def chain(b: Builder, ops: IntArray) -> tuple[BusWords, BusWords]:
    """Psums of one step that go from PE to PE up every lane: into the bottom ones, out of the top ones."""
    top, bottom = b.index[b.row == b.depth - 1], b.index[b.row == 0]
    psum = b.fifo("psum")
    ops[:, OP.index("psum_from")] = psum
    ops[:, OP.index("psum_to")] = np.concatenate((psum[b.lanes :], b.fifo("output")[top]))
    beat = b.net.step_beats(b.lanes)
    return (
        words(list(psum[bottom][:, None]), b.at[bottom], beat),
        words(list(b.fifo("output")[top][:, None]), b.at[top], beat),
    )
