"""The clocks of an array made comparable, compiled: a plain function that says the same uncompiled."""

import numba
import numpy as np

from accelsim.engines.fast.pass_timing import Cycle
from accelsim.engines.fast.state import NOBODY, ArrayClocks, Endpoints, Wiring


@numba.njit(cache=True)
def settle(clocks: ArrayClocks, wiring: Wiring, ends: Endpoints) -> Cycle:
    """Count time from the PE that is furthest behind, and forget what can bind nobody; that PE's time.

    Afterwards equal clocks have equal futures. A time binds only if it is later than the clock of the part
    at one of the *ends* of its FIFO: room for whoever fills it, words for whoever takes from it. An idle bus,
    to which only PEs can give work, or nothing does, is as far as that PE.
    """
    low: Cycle = clocks.free.min()
    for bus in range(len(clocks.last)):
        if ends.idle[bus]:
            clocks.last[bus] = max(clocks.last[bus], low)
    for fifo in range(len(clocks.head)):
        first, size = wiring.start[fifo], wiring.start[fifo + 1] - wiring.start[fifo]
        if not size:
            continue
        turned = np.empty(size, np.int64)
        bus, pe = ends.filling_bus[fifo], ends.taking_pe[fifo]
        room = low if bus == NOBODY else clocks.last[bus]
        word = clocks.last[ends.taking_bus[fifo]] if pe == NOBODY else clocks.free[pe]
        for i in range(size):
            time = clocks.slot[first + (clocks.head[fifo] + i) % size]
            turned[i] = max(time, word if i < clocks.held[fifo] else room) - low
        clocks.slot[first : first + size] = turned
        clocks.head[fifo] = 0
    for bus in range(len(clocks.last)):
        width = wiring.width[bus]
        ring = np.empty(width, np.int64)
        for i in range(width):
            time = clocks.moves[bus, (clocks.place[bus] + i) % width]
            ring[i] = max(time, clocks.last[bus] - 1) - low
        clocks.moves[bus, :width] = ring
        clocks.place[bus] = 0
        clocks.last[bus] -= low
    for pe in range(len(clocks.free)):
        clocks.kept[pe] = max(clocks.kept[pe], clocks.free[pe]) - low
        clocks.free[pe] -= low
    return low
