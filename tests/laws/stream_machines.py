"""Random small machines for passes of single MACs: with room for everything, then as small as is legal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from accelsim.arch import (
    PE,
    Arch,
    Banks,
    LocalLink,
    NoC,
    PEArray,
    QueuedBus,
    SplitRF,
    WeightBus,
)
from tests.laws.cases import WORD, links

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
        filter_glb=None,
        dram="ideal",
    )


@st.composite
def machines(draw: st.DrawFn) -> Arch:
    """Machines with room for everything, and queues and widths that make it wait."""
    dram = draw(links())
    psum_bits = draw(st.sampled_from([WORD, WORD, 24]))
    rlc = draw(st.booleans())
    bank = Banks(1 << 20, draw(st.sampled_from([1, 2, 5, 16])))
    return replace(
        roomy(),
        name="random",
        clock_hz=draw(st.sampled_from([100, 130])),
        array=draw(arrays()),
        pe=PE(draw(st.integers(1, 3)), zero_gating=draw(st.booleans())),
        noc=draw(networks(psum_bits)),
        glb=bank,
        filter_glb=draw(st.sampled_from([None, "glb", bank])),
        dram=dram,
        rlc=rlc,
        psum_word_bits=psum_bits,
        padding=draw(st.sampled_from(["stored", "generated"])),
        ifmap_via_glb=dram != "ideal" or draw(st.booleans()),
        ofmap_via_glb=draw(st.booleans()),
        configuration_cycles=draw(st.sampled_from([0, 3])),
    )


@st.composite
def arrays(draw: st.DrawFn) -> PEArray:
    """Grids, systolic ones of every kind among them, and pools."""
    drain = draw(st.sampled_from(["hidden", "serial"]))
    kind = draw(st.sampled_from(["multicast", "systolic", "pool"]))
    if kind == "pool":
        return PEArray(1, WIDE * WIDE, "pool", drain=drain)
    return PEArray(WIDE, WIDE, "grid", kind, draw(st.sampled_from(["array", "used"])), drain)


@st.composite
def networks(draw: st.DrawFn, psum_bits: int) -> NoC:
    """Buses of one to eight words a cycle, latencies from none, FIFOs from one word up."""
    words, latency = st.sampled_from([1, 1, 2, 3, 8]), st.integers(0, 2)
    fifo = st.sampled_from([1, 1, 2, 3, 8])

    def bus(bits: int) -> QueuedBus:
        return QueuedBus(bits * draw(words), draw(latency), draw(fifo))

    return NoC(
        weight=WeightBus(
            WORD * draw(words), draw(latency), draw(fifo), draw(st.sampled_from(["shared", "private"]))
        ),
        ifmap=bus(WORD),
        psum=bus(psum_bits),
        ofmap=bus(psum_bits),
        local=LocalLink(draw(latency), draw(st.integers(1, 4))),
    )


@st.composite
def fitted(draw: st.DrawFn, legal: Callable[[Arch], bool], roomy: Arch) -> Arch:
    """*roomy* with an array and memories as small as *legal* has them, or with some room."""
    arch = roomy
    for part, name, spare in (
        ("array", "rows", st.integers(0, 1)),
        ("array", "cols", st.integers(0, 1)),
        ("glb", "banks", st.sampled_from([0, 0, 1, 3])),
        ("filter_glb", "banks", st.sampled_from([0, 0, 1, 3])),
    ):
        if isinstance(getattr(arch, part), (PEArray, Banks)):
            least = _least(lambda n, part=part, name=name, arch=arch: legal(_sized(arch, part, name, n)))
            arch = _sized(arch, part, name, least + draw(spare))
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
