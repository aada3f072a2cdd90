"""What a pass moves and does, in numbers that add up: as it is spelled out, and as its values make it."""

from __future__ import annotations

from typing import NamedTuple

from accelsim.passes.patterns import FIFO_KINDS, NOWHERE, OP, Pattern


class Tally(NamedTuple):
    """What PEs did, and what moved into them; sums over passes add up."""

    macs: int = 0  # of two words of the layer
    gated: int = 0  # of them
    unread: int = 0  # of these, those whose weight was not read
    reused: int = 0  # that a repeated kernel spared
    fillers: int = 0
    psum_uses: int = 0
    extra_ops: int = 0  # what the datapath does beside its MACs
    weight_entries: int = 0  # decoded
    ifmap_entries: int = 0
    weight_places: int = 0  # words that buses brought, times destinations
    ifmap_places: int = 0

    def __add__(self, other: object) -> Tally:
        if not isinstance(other, Tally):
            return NotImplemented
        return Tally(*(a + b for a, b in zip(self, other, strict=True)))


class Moved(NamedTuple):
    """BusWords that a pass of single MACs moves beside what it loads; deliveries and hops count places."""

    ifmap_words: int
    ifmap_deliveries: int
    ifmap_hops: int
    weight_words: int
    weight_deliveries: int
    weight_hops: int
    psum_words: int  # that an earlier pass wrote
    line_words: int  # that the pass wrote itself
    psum_hops: int


def moved_in(pattern: Pattern, pes: int) -> Moved:
    """The words that *pattern* moves among *pes* PEs."""
    passed_on = {name: int((pattern.ops[:, i] != NOWHERE).sum()) for i, name in enumerate(OP)}
    up = pattern.ops[:, OP.index("psum_to")]
    lines = int((pattern.psum_line != NOWHERE).sum())
    return Moved(
        ifmap_words=len(pattern.ifmap.beat),
        ifmap_deliveries=len(pattern.ifmap.fifos),
        ifmap_hops=passed_on["ifmap_right"] + passed_on["ifmap_down"],
        weight_words=len(pattern.weight.beat),
        weight_deliveries=len(pattern.weight.fifos),
        weight_hops=passed_on["weight_down"],
        psum_words=len(pattern.psum_line) - lines,
        line_words=lines,
        psum_hops=int((up // pes == FIFO_KINDS.index("psum")).sum()),
    )
