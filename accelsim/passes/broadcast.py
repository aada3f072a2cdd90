"""Passes in which ifmap rows are broadcast, each word once, to PEs that work on different ofmap rows."""

import numpy as np

from accelsim.passes.patterns import COORDS, FIFO_KINDS, NO_WORDS, NOWHERE, OP, Pattern, words
from accelsim.passes.places import Builder
from accelsim.passes.single_mac import chain
from accelsim.passes.stream import StreamPlan


def broadcast(b: Builder) -> StreamPlan:
    """One stretch is one ifmap row: its words go to all PEs that use them, whatever their ofmap row.

    Lane (r, m) works on the ofmap row whose filter row r lies on that ifmap row; what it makes goes
    through the GLB to lane (r + 1, m), which takes it when the next ifmap row comes.
    """
    assert b.mapping.at("pe") == ("n", "e", "f") and not b.kept_psums and b.net.at_once
    assert b.mapping.at("cols") == ("r", "m") and b.mapping.at("rows") == ("s", "c")
    layer, shape = b.layer, b.shape
    (stride, _), (dilation, _) = layer.stride, layer.dilation
    b.capacity[FIFO_KINDS.index("psum"), b.row >= shape.c] += (layer.dilation[1] - 1) // layer.stride[1]
    b.capacity[FIFO_KINDS.index("line")] = shape.f * (dilation // stride + 2) + b.arch.noc.psum.fifo_words
    kinds: dict[tuple[int, ...], int] = {}
    patterns: list[Pattern] = []
    sequence, base = [], []
    for y in layer.rows(range(shape.e), range(shape.r)):
        active = tuple(
            i
            for i in range(shape.r)
            if (y - i * dilation) % stride == 0 and 0 <= (y - i * dilation) // stride < shape.e
        )
        if active not in kinds:
            kinds[active] = len(patterns)
            patterns.append(_ifmap_row(b, active))
        sequence.append(kinds[active])
        base.append((y - active[0] * dilation) // stride)
    places = np.zeros((shape.n, len(base), len(COORDS)), np.int64)
    places[:, :, COORDS.index("n")] = np.arange(shape.n)[:, None]
    places[:, :, COORDS.index("e")] = base
    return b.plan(patterns, np.tile(sequence, shape.n), places.reshape(-1, len(COORDS)))


def _ifmap_row(b: Builder, active: tuple[int, ...]) -> Pattern:
    """The words of one ifmap row under filter rows *active*; their ofmap rows count from the first's."""
    layer, shape = b.layer, b.shape
    r, s, c = (b.at[:, COORDS.index(dim)] for dim in ("r", "s", "c"))
    on = np.isin(r, active)
    behind = (active[0] - r) * layer.dilation[0] // layer.stride[0]  # ofmap rows
    ops = np.full((b.count, shape.f, len(OP)), NOWHERE, np.int64)
    ops[:, :, OP.index("ifmap_from")] = b.fifo("ifmap bus")[:, None]
    one = np.full((b.count, len(OP)), NOWHERE, np.int64)
    chain(b, one)
    psums = [OP.index("psum_from"), OP.index("psum_to")]
    ops[:, :, psums] = one[:, None, psums]
    ifmap, psum, ofmap = [], [], []
    for x in layer.columns(range(shape.f), range(shape.s)):
        f, off = np.divmod(x - s * layer.dilation[1], layer.stride[1])
        users = on & (off == 0) & (f >= 0) & (f < shape.f)
        at = b.at.copy()
        at[:, COORDS.index("e")], at[:, COORDS.index("f")] = behind, f
        for channel in range(shape.c):
            taking = b.index[users & (c == channel)]
            ifmap.append((b.fifo("ifmap bus")[taking], at[taking[0]]))
        psum += [(p, at[p]) for p in b.index[users & (b.row == 0)]]
        ofmap += [(p, at[p]) for p in b.index[users & (b.row == b.depth - 1)]]
    here = [p for p, _ in psum], [p for p, _ in ofmap]
    lanes_of = [b.lane[np.array(part, np.int64)] for part in here]
    return Pattern(
        words([fifos for fifos, _ in ifmap], np.array([place for _, place in ifmap])),
        NO_WORDS,
        words([b.fifo("psum")[[p]] for p in here[0]], np.array([place for _, place in psum])),
        np.where(lanes_of[0] >= shape.m, b.fifo("line")[lanes_of[0] - shape.m], NOWHERE),
        words([b.fifo("output")[[p]] for p in here[1]], np.array([place for _, place in ofmap])),
        np.where(lanes_of[1] < b.lanes - shape.m, b.fifo("line")[lanes_of[1]], NOWHERE),
        np.concatenate(([0], np.cumsum(on * shape.f))),
        ops[on].reshape(-1, len(OP)),
    )
