"""What the compiled recurrences of 1-D primitives work on."""

from typing import NamedTuple

from accelsim.network.layer import IntArray


class Frontier(NamedTuple):
    """What the next step can depend on."""

    free: IntArray  # (depth, lanes) since when each adder and multiplier is free
    weights: IntArray  # (depth, lanes) when the last weight is there
    arrived: IntArray  # (streams,) when the last word of a window is there
    step_ends: IntArray  # (steps + 1, streams) row k+1: the slowest PE is done with step k; row 0: the start
    links: IntArray  # (depth + 1, lanes, places) below each PE and above the top one, rings: free since when
    sizes: IntArray  # (depth + 1,) places in them
    ifmap_moves: IntArray  # (width,) last moves of each bus, rings
    psum_moves: IntArray
    ofmap_moves: IntArray
    causes: IntArray  # (waits, depth, lanes) cycles


class Delays(NamedTuple):
    """Cycles that a word is on its way, by what it travels on."""

    ifmap_bus: int
    psum_bus: int
    climb: int  # from PE to PE
    out: int  # from a PE to the ofmap bus


class PsumMoves(NamedTuple):
    """When psums move, ``(steps, psums)`` each."""

    written: IntArray  # to the GLB by an earlier pass, those to be read; empty: long since
    read: IntArray  # is filled with the moves of the psum bus; empty: psums start at zero
    made: IntArray  # is filled with the moves of the ofmap bus
