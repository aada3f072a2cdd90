"""How row stationary cuts a layer: its seven tile sizes, and the tiles of filters and channels they make."""

from typing import Generic, NamedTuple

import numpy as np

from accelsim.machine.datapath import Count
from accelsim.machine.datapath.protocol import N_co
from accelsim.network.layer import IntArray


class Seven(NamedTuple, Generic[N_co]):
    """The tile sizes of row stationary: ints, or arrays that broadcast against each other."""

    m: N_co
    n: N_co
    e: N_co
    p: N_co
    q: N_co
    r: N_co
    t: N_co


class FilterTiles(NamedTuple):
    """How the filters of a group are cut: DRAM blocks, passes in all, filter sets in all."""

    blocks: Count
    passes: Count
    sets: Count


def filter_tiles(filters: int, x: Seven[IntArray]) -> FilterTiles:
    """Blocks of m, passes of p*t and sets of p over all *filters* of a group."""
    count, rest, step = filters // x.m, filters % x.m, x.p * x.t

    def sets(block: IntArray) -> IntArray:
        return block // step * x.t + -(-(block % step) // x.p)

    return FilterTiles(
        blocks=-(-filters // x.m),
        passes=count * -(-x.m // step) + -(-rest // step),
        sets=count * sets(x.m) + sets(rest),
    )


class ChannelTiles(NamedTuple):
    """How the channels of a group are cut: tiles, channel sets in all, and the sum of the widest sets."""

    number: IntArray
    sets: IntArray
    widest: IntArray


def channel_tiles(channels: int, q: IntArray, r: IntArray) -> ChannelTiles:
    """Tiles of q*r of the *channels* of a group, in sets of q."""
    step = q * r
    rest = channels % step
    return ChannelTiles(
        number=-(-channels // step),
        sets=channels // step * r + -(-rest // q),
        widest=channels // step * q + np.minimum(rest, q),
    )
