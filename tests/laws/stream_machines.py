"""Random small machines for passes of single MACs: with room for everything, then as small as is legal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Literal

from accelsim.machine import (
    PE,
    Arch,
    Banks,
    DramLink,
    Formats,
    LocalLink,
    NoC,
    PEArray,
    QueuedBus,
    Sparsity,
    SplitRF,
    WeightBus,
)
from tests.laws.cases import CODED_LINK, WORD

WIDE = 64
"""Rows and columns of an array with room for every choice."""


def roomy() -> Arch:
    wide = 8 * WORD
    bus = QueuedBus(wide, 1, 8)
    return Arch(
        name="roomy",
        clock_hz=100,
        array=PEArray(WIDE, WIDE),
        rf=SplitRF("split", 192, 192, 192),
        pe=PE(1),
        noc=NoC(WeightBus(wide, 1, 8), bus, bus, bus, LocalLink(1, 8)),
        glb=Banks(1 << 20, 2),
        filter_glb="glb",
        dram="ideal",
    )


def machines(dice: Random) -> Arch:
    """Machines with room for everything, and queues and widths that make it wait."""
    dram = links(dice)
    psum_bits = dice.choice([WORD, WORD, 24])
    formats = dice.choice([Formats(), CODED_LINK])
    bank = Banks(1 << 20, dice.choice([1, 2, 5, 16]))
    return replace(
        roomy(),
        name="random",
        clock_hz=dice.choice([100, 130]),
        array=arrays(dice),
        pe=PE(dice.randint(1, 3)),
        noc=networks(dice, psum_bits),
        glb=bank,
        filter_glb=dice.choice([None, "glb", bank]),
        dram=dram,
        sparsity=Sparsity(gate=dice.choice(["none", "ifmap"]), formats=formats),
        psum_word_bits=psum_bits,
        padding=dice.choice(["stored", "generated"]),
        ifmap_via_glb=dram != "ideal" or dice.random() < 0.5,
        ofmap_via_glb=dice.random() < 0.5,
        configuration_cycles=dice.choice([0, 3]),
    )


def arrays(dice: Random) -> PEArray:
    """Grids, systolic ones of every kind among them, and pools."""
    drain = dice.choice(["hidden", "serial"])
    kind = dice.choice(["multicast", "systolic", "pool"])
    if kind == "pool":
        return PEArray(1, WIDE * WIDE, "pool", drain=drain)
    return PEArray(WIDE, WIDE, "grid", kind, dice.choice(["array", "used"]), drain)


def networks(dice: Random, psum_bits: int) -> NoC:
    """Buses of one to eight words a cycle, latencies from none, FIFOs from one word up."""

    def bus(bits: int) -> tuple[int, int, int]:
        return bits * dice.choice([1, 1, 2, 3, 8]), dice.randint(0, 2), dice.choice([1, 1, 2, 3, 8])

    return NoC(
        weight=WeightBus(*bus(WORD), dice.choice(["shared", "private"])),
        ifmap=QueuedBus(*bus(WORD)),
        psum=QueuedBus(*bus(psum_bits)),
        ofmap=QueuedBus(*bus(psum_bits)),
        local=LocalLink(dice.randint(0, 2), dice.randint(1, 4)),
    )


def links(dice: Random) -> DramLink | Literal["ideal"]:
    """Ideal, or a link from fast to so slow that the array starves."""
    if dice.random() < 0.5:
        return "ideal"
    return DramLink(
        clock_hz=dice.choice([30, 60, 100, 170]),
        bits_per_cycle=dice.choice([2, 8, 64]),
        latency_cycles=dice.randint(0, 4),
        burst_cycles=dice.choice([1, 2, 4]),
    )


def fitted(dice: Random, legal: Callable[[Arch], bool], roomy: Arch) -> Arch:
    """*roomy* with an array and memories as small as *legal* has them, or with some room."""
    arch = roomy
    for part, name, spare in (
        ("array", "rows", [0, 1]),
        ("array", "cols", [0, 1]),
        ("glb", "banks", [0, 0, 1, 3]),
        ("filter_glb", "banks", [0, 0, 1, 3]),
    ):
        if isinstance(getattr(arch, part), (PEArray, Banks)):
            least = _least(lambda n, part=part, name=name, arch=arch: legal(_sized(arch, part, name, n)))
            arch = _sized(arch, part, name, least + dice.choice(spare))
    return arch


def _sized(arch: Arch, part: str, name: str, size: int) -> Arch:
    return replace(arch, **{part: replace(getattr(arch, part), **{name: size})})


def _least(legal: Callable[[int], bool]) -> int:
    """The least size from which on it is legal."""
    low, high = 1, 1
    while not legal(high):
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if legal(middle) else (middle + 1, high)
    return low
