"""Passes in which ifmap words slide from PE to PE, a channel after the other."""

from math import gcd

import numpy as np

from accelsim.mapping.nest import Dim
from accelsim.network.layer import BoolArray, IntArray, Layer
from accelsim.passes.patterns import COORDS, FIFO_KINDS, NOWHERE, OP, Pattern, joined, points_of
from accelsim.passes.places import Builder
from accelsim.passes.single_mac import psum_words, stretch
from accelsim.passes.stream import StreamPlan


def sliding(b: Builder) -> StreamPlan:
    """One stretch is one channel: its taps in order, its ifmap words sliding from PE to PE."""
    assert b.mapping.at("pe") == ("c", "r", "s") and b.kept_psums and b.net.at_once
    base = np.zeros((b.shape.c, len(COORDS)), np.int64)
    base[:, COORDS.index("c")] = np.arange(b.shape.c)
    sequence = np.zeros(b.shape.c, np.int64)
    sequence[-1] = 1
    slides = _Slides(b)
    return b.plan([_taps(b, slides, last=False), _taps(b, slides, last=True)], sequence, base)


class _Slides:
    """Which neighbour a PE has its ifmap word from, for every tap.

    The word of PE (e, f) at tap (i, j) was that of PE (e, f + df) dj taps before, and of PE (e + de, f)
    di filter rows before (Du et al., "ShiDianNao", ISCA 2015); whoever has no such neighbour asks the bus.
    """

    def __init__(self, b: Builder) -> None:
        layer, spread = b.layer, b.mapping.at("rows", "cols")
        e, f = b.at[:, COORDS.index("e")], b.at[:, COORDS.index("f")]
        self.di, self.de = _lag(layer, 0)
        self.dj, self.df = _lag(layer, 1)
        self.rightwards = (f + self.df < b.shape.f) if "f" in spread else np.zeros(b.count, bool)
        self.downwards = (e + self.de < b.shape.e) if "e" in spread else np.zeros(b.count, bool)
        self.right, self.down = self._neighbour(b, "f", self.df), self._neighbour(b, "e", self.de)
        fifo, taps = b.arch.noc.local.fifo_words, np.where(self.rightwards, min(self.dj, layer.s), layer.s)
        b.capacity[FIFO_KINDS.index("ifmap right")] = fifo + self.dj
        b.capacity[FIFO_KINDS.index("ifmap down")] = fifo + self.di * taps

    @staticmethod
    def _neighbour(b: Builder, dim: Dim, distance: int) -> IntArray:
        """The PE *distance* further along *dim*, where there is one."""
        place = {tuple(at): p for p, at in enumerate(b.at.tolist())}
        step = np.zeros(len(COORDS), np.int64)
        step[COORDS.index(dim)] = distance
        return np.array([place.get(tuple(at), NOWHERE) for at in (b.at + step).tolist()])

    def sources(self, i: int, j: int) -> tuple[BoolArray, BoolArray]:
        """PEs that take their word of tap (i, j) from the right, and from below."""
        from_right = self.rightwards & (j >= self.dj)
        return from_right, self.downwards & (i >= self.di) & ~from_right


def _lag(layer: Layer, axis: int) -> tuple[int, int]:
    """Taps and PEs between two uses of a word along *axis*."""
    shared = gcd(layer.stride[axis], layer.dilation[axis])
    return layer.stride[axis] // shared, layer.dilation[axis] // shared


def _taps(b: Builder, slides: _Slides, *, last: bool) -> Pattern:
    ops = np.full((b.shape.r * b.shape.s, b.count, len(OP)), NOWHERE, np.int64)
    ifmap, weight = [], []
    for k, at in enumerate(points_of(("r", "s"), b.shape)):
        i, j = divmod(k, b.shape.s)
        from_right, from_down = slides.sources(i, j)
        bus = ~(from_right | from_down)
        take = np.where(from_right, b.fifo("ifmap right"), b.fifo("ifmap down"))
        ops[k, :, OP.index("ifmap_from")] = np.where(bus, b.fifo("ifmap bus"), take)
        ops[k, :, OP.index("weight_from")] = b.fifo("weight bus")
        ifmap.append(b.feed("ifmap", b.fifo("ifmap bus"), b.index[bus], at))
        weight.append(b.feed("weight", b.fifo("weight bus"), b.index, at))
        _hand_on(b, slides, ops, (i, j))
    psums = psum_words(b, ops[-1], last=last)
    return stretch(b, joined(ifmap), joined(weight), psums, ops.transpose(1, 0, 2).reshape(-1, len(OP)))


def _hand_on(b: Builder, slides: _Slides, ops: IntArray, tap: tuple[int, int]) -> None:
    """The PEs that give what others take at *tap*: at their own, earlier tap."""
    (i, j), (from_right, from_down) = tap, slides.sources(*tap)
    takers = b.index[from_right]
    if len(takers):
        giving = i * b.shape.s + j - slides.dj
        ops[giving, slides.right[takers], OP.index("ifmap_right")] = b.fifo("ifmap right")[takers]
    takers = b.index[from_down]
    if len(takers):
        giving = (i - slides.di) * b.shape.s + j
        ops[giving, slides.down[takers], OP.index("ifmap_down")] = b.fifo("ifmap down")[takers]
