"""The recurrences of a stretch of single MACs, compiled: every bus and PE goes on as far as its words allow.

Plain functions over arrays; :func:`numba.njit` makes them fast, they say the same without it.
"""

import numba

from accelsim.engines.fast.pass_timing import Cycle
from accelsim.engines.fast.state import (
    BLOCKED,
    COLUMNS,
    IFMAP,
    IFMAP_FROM,
    NO_IFMAP,
    NO_PSUM,
    NO_WEIGHT,
    OFMAP,
    PSUM,
    PSUM_FROM,
    PSUM_TO,
    UNKNOWN,
    WEIGHT,
    WEIGHT_FROM,
    ArrayClocks,
    Deliveries,
    Log,
    PsumWords,
    Stretch,
    Wiring,
)
from accelsim.network.layer import IntArray


@numba.njit(cache=True)
def move(clocks: ArrayClocks, wiring: Wiring, bus: int, ready: Cycle, beat: int) -> Cycle:
    """When an in-order *bus* moves its next word, which may move from *ready* on; it has moved then."""
    place = clocks.place[bus]
    time: Cycle = max(ready, clocks.last[bus], clocks.moves[bus, place] + 1)
    if beat and not clocks.fresh[bus]:
        time = max(time, clocks.last[bus] + 1)
    clocks.last[bus] = time
    clocks.moves[bus, place] = time
    clocks.place[bus] = (place + 1) % wiring.width[bus]
    clocks.fresh[bus] = 0
    return time


@numba.njit(cache=True)
def next_room(clocks: ArrayClocks, wiring: Wiring, fifo: int) -> Cycle:
    """Since when there is room in *fifo*; UNKNOWN if nothing evaluated makes any."""
    size = wiring.start[fifo + 1] - wiring.start[fifo]
    if clocks.held[fifo] == size:
        return UNKNOWN
    free: Cycle = clocks.slot[wiring.start[fifo] + (clocks.head[fifo] + clocks.held[fifo]) % size]
    return free


@numba.njit(cache=True)
def put(clocks: ArrayClocks, wiring: Wiring, fifo: int, time: Cycle) -> None:
    """A word goes into *fifo* at *time*."""
    size = wiring.start[fifo + 1] - wiring.start[fifo]
    at = wiring.start[fifo] + (clocks.head[fifo] + clocks.held[fifo]) % size
    clocks.slot[at] = time + wiring.latency[fifo]
    clocks.held[fifo] += 1


@numba.njit(cache=True)
def next_word(clocks: ArrayClocks, wiring: Wiring, fifo: int) -> Cycle:
    """When the next word of *fifo* can be taken; UNKNOWN if none is evaluated."""
    if not clocks.held[fifo]:
        return UNKNOWN
    there: Cycle = clocks.slot[wiring.start[fifo] + clocks.head[fifo]]
    return there


@numba.njit(cache=True)
def take(clocks: ArrayClocks, wiring: Wiring, fifo: int, time: Cycle) -> None:
    """The next word of *fifo* is taken at *time*; its place is free the cycle after."""
    size = wiring.start[fifo + 1] - wiring.start[fifo]
    clocks.slot[wiring.start[fifo] + clocks.head[fifo]] = time + 1
    clocks.head[fifo] = (clocks.head[fifo] + 1) % size
    clocks.held[fifo] -= 1


@numba.njit(cache=True)
def multicast(clocks: ArrayClocks, wiring: Wiring, bus: int, words: Deliveries, word: int) -> int:
    """Let *bus* move words from *word* on; the first that cannot move yet."""
    while word < len(words.beat):
        ready = clocks.last[bus]
        for i in range(words.start[word], words.start[word + 1]):
            room = next_room(clocks, wiring, words.fifos[i])
            if room == UNKNOWN:
                return word
            ready = max(ready, room)
        time = move(clocks, wiring, bus, ready, words.beat[word])
        for i in range(words.start[word], words.start[word + 1]):
            put(clocks, wiring, words.fifos[i], time)
        word += 1
    return word


@numba.njit(cache=True)
def psum_bus(
    clocks: ArrayClocks,
    wiring: Wiring,
    psums: PsumWords,
    written: IntArray,
    log: Log,
    word: int,
    external: int,
) -> tuple[int, int]:
    """Let the psum bus move words from *word* on; the first that cannot, and how many were external."""
    while word < len(psums.beat):
        line = psums.line[word]
        if line < 0 and not wiring.reads:
            word += 1
            continue
        ready = next_room(clocks, wiring, psums.fifos[word])
        if ready == UNKNOWN:
            return word, external
        if line >= 0:
            there = next_word(clocks, wiring, line)
            if there == UNKNOWN:
                return word, external
            ready = max(ready, there)
        elif len(written):
            ready = max(ready, written[external])
        time = move(clocks, wiring, PSUM, ready, psums.beat[word])
        put(clocks, wiring, psums.fifos[word], time)
        if line >= 0:
            take(clocks, wiring, line, time)
        else:
            log.read[external] = time
            external += 1
        word += 1
    return word, external


@numba.njit(cache=True)
def ofmap_bus(
    clocks: ArrayClocks, wiring: Wiring, psums: PsumWords, log: Log, word: int, made: int
) -> tuple[int, int]:
    """Let the ofmap bus move words from *word* on; the first that cannot, and how many left the pass."""
    while word < len(psums.beat):
        fifo, line = psums.fifos[word], psums.line[word]
        there = next_word(clocks, wiring, fifo)
        if there == UNKNOWN or (line >= 0 and next_room(clocks, wiring, line) == UNKNOWN):
            return word, made
        time = move(clocks, wiring, OFMAP, there, psums.beat[word])
        take(clocks, wiring, fifo, time)
        if line >= 0:
            put(clocks, wiring, line, time)
        else:
            log.made[made] = time
            made += 1
        word += 1
    return word, made


@numba.njit(cache=True)
def step(clocks: ArrayClocks, wiring: Wiring, op: IntArray, pe: int, log: Log) -> bool:
    """Let *pe* do *op*, if its words and room are known; whether it did."""
    weight = clocks.kept[pe] if op[WEIGHT_FROM] < 0 else next_word(clocks, wiring, op[WEIGHT_FROM])
    ifmap = clocks.kept[pe] if op[IFMAP_FROM] < 0 else next_word(clocks, wiring, op[IFMAP_FROM])
    below = op[PSUM_FROM]
    waits = below >= 0 and (wiring.reads or not wiring.external[below])
    psum = next_word(clocks, wiring, below) if waits else clocks.free[pe]
    room = clocks.free[pe]
    for column in range(PSUM_TO, COLUMNS):
        if op[column] >= 0:
            there = next_room(clocks, wiring, op[column])
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
    if op[IFMAP_FROM] >= 0:
        take(clocks, wiring, op[IFMAP_FROM], time)
    if op[WEIGHT_FROM] >= 0:
        take(clocks, wiring, op[WEIGHT_FROM], time)
    if waits:
        take(clocks, wiring, below, time)
    for column in range(PSUM_TO, COLUMNS):
        if op[column] >= 0:
            put(clocks, wiring, op[column], time)
    if wiring.outputs[0] <= op[PSUM_TO] < wiring.outputs[1]:
        log.turn[0] = min(log.turn[0], fed)
    return True


@numba.njit(cache=True)
def run_stretch(clocks: ArrayClocks, wiring: Wiring, stretch: Stretch, written: IntArray, log: Log) -> bool:
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
        ifmap = multicast(clocks, wiring, IFMAP, stretch.ifmap, ifmap)
        weight = multicast(clocks, wiring, WEIGHT, stretch.weight, weight)
        psum, external = psum_bus(clocks, wiring, stretch.psum, written, log, psum, external)
        for pe in range(pes):
            while done[pe] < stretch.op_start[pe + 1] and step(
                clocks, wiring, stretch.ops[done[pe]], pe, log
            ):
                done[pe] += 1
                left -= 1
        ofmap, made = ofmap_bus(clocks, wiring, stretch.ofmap, log, ofmap, made)
        if ifmap + weight + psum + ofmap - left == before:
            break
    words = len(stretch.ifmap.beat) + len(stretch.weight.beat)
    words += len(stretch.psum.beat) + len(stretch.ofmap.beat)
    return left == 0 and ifmap + weight + psum + ofmap == words
