"""The recurrences of a stretch of single MACs, compiled: every bus and PE goes on as far as its words allow.

Plain functions over arrays; :func:`numba.njit` makes them fast, they say the same without it.
"""

import numba
import numpy as np

from accelsim.engines.fast.state import (
    BLOCKED,
    IFMAP,
    NO_IFMAP,
    NO_PSUM,
    NO_WEIGHT,
    OFMAP,
    PSUM,
    UNKNOWN,
    WEIGHT,
)


@numba.njit(cache=True)
def serve(clocks, wiring, bus, ready, beat):  # type: ignore[no-untyped-def]
    """When an in-order *bus* moves its next word, which may move from *ready* on; it has moved then."""
    place = clocks.place[bus]
    time = max(ready, clocks.last[bus], clocks.moves[bus, place] + 1)
    if beat and not clocks.fresh[bus]:
        time = max(time, clocks.last[bus] + 1)
    clocks.last[bus] = time
    clocks.moves[bus, place] = time
    clocks.place[bus] = (place + 1) % wiring.width[bus]
    clocks.fresh[bus] = 0
    return time


@numba.njit(cache=True)
def next_room(clocks, wiring, fifo):  # type: ignore[no-untyped-def]
    """Since when there is room in *fifo*; UNKNOWN if nothing evaluated makes any."""
    size = wiring.start[fifo + 1] - wiring.start[fifo]
    if clocks.held[fifo] == size:
        return UNKNOWN
    return clocks.slot[wiring.start[fifo] + (clocks.head[fifo] + clocks.held[fifo]) % size]


@numba.njit(cache=True)
def put(clocks, wiring, fifo, time):  # type: ignore[no-untyped-def]
    """A word goes into *fifo* at *time*."""
    size = wiring.start[fifo + 1] - wiring.start[fifo]
    at = wiring.start[fifo] + (clocks.head[fifo] + clocks.held[fifo]) % size
    clocks.slot[at] = time + wiring.latency[fifo]
    clocks.held[fifo] += 1


@numba.njit(cache=True)
def next_word(clocks, wiring, fifo):  # type: ignore[no-untyped-def]
    """When the next word of *fifo* can be taken; UNKNOWN if none is evaluated."""
    if not clocks.held[fifo]:
        return UNKNOWN
    return clocks.slot[wiring.start[fifo] + clocks.head[fifo]]


@numba.njit(cache=True)
def take(clocks, wiring, fifo, time):  # type: ignore[no-untyped-def]
    """The next word of *fifo* is taken at *time*; its place is free the cycle after."""
    size = wiring.start[fifo + 1] - wiring.start[fifo]
    clocks.slot[wiring.start[fifo] + clocks.head[fifo]] = time + 1
    clocks.head[fifo] = (clocks.head[fifo] + 1) % size
    clocks.held[fifo] -= 1


@numba.njit(cache=True)
def multicast(clocks, wiring, bus, start, fifos, beat, word):  # type: ignore[no-untyped-def]
    """Let *bus* move words from *word* on; the first that cannot move yet."""
    while word < len(beat):
        ready = clocks.last[bus]
        for i in range(start[word], start[word + 1]):
            room = next_room(clocks, wiring, fifos[i])
            if room == UNKNOWN:
                return word
            ready = max(ready, room)
        time = serve(clocks, wiring, bus, ready, beat[word])
        for i in range(start[word], start[word + 1]):
            put(clocks, wiring, fifos[i], time)
        word += 1
    return word


@numba.njit(cache=True)
def psum_bus(clocks, wiring, stretch, written, log, word, external):  # type: ignore[no-untyped-def]
    """Let the psum bus move words from *word* on; the first that cannot, and how many were external."""
    while word < len(stretch.psum_beat):
        line = stretch.psum_line[word]
        if line < 0 and not wiring.reads:
            word += 1
            continue
        ready = next_room(clocks, wiring, stretch.psum_fifos[word])
        if ready == UNKNOWN:
            return word, external
        if line >= 0:
            there = next_word(clocks, wiring, line)
            if there == UNKNOWN:
                return word, external
            ready = max(ready, there)
        elif len(written):
            ready = max(ready, written[external])
        time = serve(clocks, wiring, PSUM, ready, stretch.psum_beat[word])
        put(clocks, wiring, stretch.psum_fifos[word], time)
        if line >= 0:
            take(clocks, wiring, line, time)
        else:
            log.read[external] = time
            external += 1
        word += 1
    return word, external


@numba.njit(cache=True)
def ofmap_bus(clocks, wiring, stretch, log, word, made):  # type: ignore[no-untyped-def]
    """Let the ofmap bus move words from *word* on; the first that cannot, and how many left the pass."""
    while word < len(stretch.ofmap_beat):
        fifo, line = stretch.ofmap_fifos[word], stretch.ofmap_line[word]
        there = next_word(clocks, wiring, fifo)
        if there == UNKNOWN or (line >= 0 and next_room(clocks, wiring, line) == UNKNOWN):
            return word, made
        time = serve(clocks, wiring, OFMAP, there, stretch.ofmap_beat[word])
        take(clocks, wiring, fifo, time)
        if line >= 0:
            put(clocks, wiring, line, time)
        else:
            log.made[made] = time
            made += 1
        word += 1
    return word, made


@numba.njit(cache=True)
def step(clocks, wiring, op, pe, log):  # type: ignore[no-untyped-def]
    """Let *pe* do *op*, if its words and room are known; whether it did."""
    weight = clocks.kept[pe] if op[1] < 0 else next_word(clocks, wiring, op[1])
    ifmap = clocks.kept[pe] if op[0] < 0 else next_word(clocks, wiring, op[0])
    waits = op[2] >= 0 and (wiring.reads or not wiring.external[op[2]])
    psum = next_word(clocks, wiring, op[2]) if waits else clocks.free[pe]
    room = clocks.free[pe]
    for i in range(3, 7):
        if op[i] >= 0:
            there = next_room(clocks, wiring, op[i])
            if there == UNKNOWN:
                return False
            room = max(room, there)
    if UNKNOWN in (weight, ifmap, psum):
        return False
    armed = max(clocks.free[pe], weight)
    fed = max(armed, ifmap)
    clear = max(fed, room)
    time = max(clear, psum)
    log.causes[NO_WEIGHT, pe] += armed - clocks.free[pe]
    log.causes[NO_IFMAP, pe] += fed - armed
    log.causes[BLOCKED, pe] += clear - fed
    log.causes[NO_PSUM, pe] += time - clear
    clocks.free[pe] = time + 1
    for i in range(2):
        if op[i] >= 0:
            take(clocks, wiring, op[i], time)
    if waits:
        take(clocks, wiring, op[2], time)
    for i in range(3, 7):
        if op[i] >= 0:
            put(clocks, wiring, op[i], time)
    if wiring.outputs[0] <= op[3] < wiring.outputs[1]:
        log.turn[0] = min(log.turn[0], fed)
    return True


@numba.njit(cache=True)
def run(clocks, wiring, stretch, written, log):  # type: ignore[no-untyped-def]
    """Run one stretch to its end; False if its parts wait for each other in a circle.

    Args:
        clocks: is moved on.
        wiring: of the plan.
        stretch: what is done.
        written: ``(words,)`` when the psums that it reads are in the GLB; empty: long since.
        log: is filled in.
    """
    pes = len(stretch.op_start) - 1
    done = stretch.op_start[:-1].copy()
    ifmap = weight = psum = ofmap = external = made = 0
    left = len(stretch.ops)
    while True:
        before = ifmap + weight + psum + ofmap - left
        ifmap = multicast(
            clocks, wiring, IFMAP, stretch.ifmap_start, stretch.ifmap_fifos, stretch.ifmap_beat, ifmap
        )
        weight = multicast(
            clocks, wiring, WEIGHT, stretch.weight_start, stretch.weight_fifos, stretch.weight_beat, weight
        )
        psum, external = psum_bus(clocks, wiring, stretch, written, log, psum, external)
        for pe in range(pes):
            while done[pe] < stretch.op_start[pe + 1] and step(
                clocks, wiring, stretch.ops[done[pe]], pe, log
            ):
                done[pe] += 1
                left -= 1
        ofmap, made = ofmap_bus(clocks, wiring, stretch, log, ofmap, made)
        if ifmap + weight + psum + ofmap - left == before:
            break
    words = len(stretch.ifmap_beat) + len(stretch.weight_beat)
    words += len(stretch.psum_beat) + len(stretch.ofmap_beat)
    return left == 0 and ifmap + weight + psum + ofmap == words


@numba.njit(cache=True)
def settle(clocks, wiring, feeder, drain, idle):  # type: ignore[no-untyped-def]
    """Count time from the PE that is furthest behind, and forget what can bind nobody; that PE's time.

    Afterwards equal clocks have equal futures. A time binds only if it is later than the clock of the part
    that looks at it: room at the *feeder* of a FIFO (a bus, or -1 for a PE), words at its *drain*. A bus that
    is *idle*, since only PEs can give it work or nothing does, is as far as that PE.
    """
    low = clocks.free.min()
    for bus in range(len(clocks.last)):
        if idle[bus]:
            clocks.last[bus] = max(clocks.last[bus], low)
    for fifo in range(len(clocks.head)):
        first, size = wiring.start[fifo], wiring.start[fifo + 1] - wiring.start[fifo]
        if not size:
            continue
        turned = np.empty(size, np.int64)
        room = low if feeder[fifo] < 0 else clocks.last[feeder[fifo]]
        word = clocks.free[drain[fifo]] if drain[fifo] >= 0 else clocks.last[-drain[fifo] - 1]
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
