"""Random small machines, layers and mappings on which the two engines must agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Literal

import numpy as np

from accelsim.engines.timing import Outcome
from accelsim.errors import LegalityError
from accelsim.machine import (
    PE,
    Arch,
    Banks,
    DramLink,
    Formats,
    LocalLink,
    NoC,
    OfmapStorage,
    PEArray,
    PooledRF,
    QueuedBus,
    Sparsity,
    SplitRF,
    Storage,
    WeightBus,
)
from accelsim.machine.formats import RunLength
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import Layer
from accelsim.passes.lanes import window_columns
from accelsim.program.jobs import make_program
from accelsim.stats import CAUSE
from dataflows.row_stationary import RowStationary
from dataflows.rs.rules import folds, strips
from tests.laws.drawn import Drawn, made_for
from tests.laws.seeds import draws

WORD = 16

MOST_MACS, MOST_PASSES = 6000, 60
WORDS = [1, 1, 2, 3]
DEPTHS = [1, 1, 2, 3, 5, 8]
BANK = Banks(1, WORD // 8)

CODED_LINK = Formats(
    ifmap=Storage(dram=RunLength("run_length")), ofmap=OfmapStorage(dram=RunLength("run_length"))
)
"""Ifmaps and ofmaps in the code of the chip's DRAM link (JSSC 2017)."""


@dataclass(frozen=True)
class Case(Drawn):
    """A random experiment of row stationary."""

    def features(self, outcome: Outcome) -> set[str]:
        """What the case exercises; read off the case itself, and off its outcome where time decides."""
        layer, arch, x = self.program.layer, self.program.arch, self.choice
        shapes = len(self.program.plans)
        fifos = (arch.noc.ifmap, arch.noc.psum, arch.noc.ofmap, arch.noc.local)
        waits = outcome.causes[[CAUSE["no_weight.dram"], CAUSE["no_ifmap.dram"], CAUSE["blocked.dram"]]]
        found = {
            "8 passes or more": len(self.program.jobs) >= 8,
            "ragged tail": shapes > 1,
            "U > 1": max(layer.stride) > 1,
            "segments": arch.array.placement == "grid" and x.e > arch.array.cols,
            "r > 1": x.r > 1,
            "t > 1": x.t > 1,
            "FIFO depth 1": min(fifo.fifo_words for fifo in fifos) == 1,
            "DRAM-bound": int(waits.sum()) > int(outcome.causes[CAUSE["busy.mac"]].sum()),
            "m/(pt) = 1": x.m == x.p * x.t,
        }
        return {name for name, holds in found.items() if holds}


def random_layer(dice: Random) -> Layer:
    """Small layers with everything uneven."""
    r, s = dice.randint(1, 3), dice.randint(1, 3)
    stride = (dice.choice([1, 1, 2, 3]), dice.choice([1, 1, 2, 3]))
    dilation = (dice.choice([1, 1, 1, 2]), dice.choice([1, 1, 1, 2]))
    pad = tuple(dice.randint(0, 2) for _ in range(4))
    e, f = dice.choice([2, 3, 4, 5, 1]), dice.choice([1, 2, 3, 4])
    h = (e - 1) * stride[0] + dilation[0] * (r - 1) + 1 - pad[0] - pad[1] + dice.randint(0, stride[0] - 1)
    w = (f - 1) * stride[1] + dilation[1] * (s - 1) + 1 - pad[2] - pad[3] + dice.randint(0, stride[1] - 1)
    if h < 1 or w < 1:
        return random_layer(dice)
    groups = dice.choice([1, 1, 1, 2])
    return Layer(
        "random",
        n=dice.choice([1, 2]),
        m=groups * dice.choice([1, 3, 4, 5, 7]),
        c=groups * dice.choice([2, 3, 4, 5]),
        h=h,
        w=w,
        r=r,
        s=s,
        groups=groups,
        stride=stride,
        dilation=dilation,
        pad=pad,
    )


def random_case(dice: Random) -> Case:
    """A layer, a legal choice of tile sizes, and a machine that just holds them or has room to spare."""
    while True:
        layer = random_layer(dice)
        choice = random_choice(layer, dice)
        arch = random_machine(layer, choice, dice)
        try:
            program = make_program(choice.map(layer, arch), arch)
        except LegalityError:
            continue
        macs = sum(job.work.tile.macs for job in program.jobs)
        if macs <= MOST_MACS and len(program.jobs) <= MOST_PASSES:
            operands = random_values(layer, dice)
            return Case(choice, made_for(program, operands), operands)


@cache
def drawn(count: int, first: int = 0) -> tuple[Case, ...]:
    """*count* random cases; others for another *first* or another seed."""
    return draws(random_case, "primitive: case", count, first)


def random_choice(layer: Layer, dice: Random) -> RowStationary:
    """Tile sizes that some machine can have."""
    m, c = layer.group_m, layer.group_c
    p = dice.choice([p for p in [1, 1, 1, 2, 3, m] if p <= m])
    t = dice.choice([t for t in [m // p, 2, 2, 2, 1] if 1 <= t <= m // p])
    q = dice.choice([q for q in [1, 1, 1, 2, c] if q <= c])
    r = dice.choice([r for r in [c // q, 2, 1] if r <= c // q])
    planes = dice.choice([p * t, p * t, m, (p * t + m) // 2])
    e = dice.choice([layer.e, layer.e, layer.e, -(-layer.e // 2), -(-layer.e // 3)])
    n = dice.choice([1, layer.n])
    return RowStationary(m=planes, n=n, e=e, p=p, q=q, r=r, t=t)


def random_machine(layer: Layer, x: RowStationary, dice: Random) -> Arch:
    """An array on which *x* fits, with queues and widths that make it wait."""
    pooled = dice.choice([False, False, False, False, True])
    taps = dice.randint(max(1, layer.s - 1), layer.s)
    rows_per_set = dice.randint(max(1, layer.r - 1), layer.r)
    half = -(-x.e // 2)
    cols = dice.choice([half, half, half, half, half, -(-2 * x.e // 3), x.e, 2 * x.e + 1])
    segments = -(-x.e // cols)
    bands = max(cols // x.e, 1)
    slots = -(-x.t * segments // bands)
    array = PEArray(slots * rows_per_set * x.r + dice.randint(0, 1), cols)
    if pooled:
        array = PEArray(1, layer.r * x.e * x.r * x.t + dice.randint(0, 3), "pool")
    filter_glb = dice.choice([None, "glb", BANK])
    taps = layer.s if pooled else taps
    window, weights = x.q * window_columns(layer, taps), x.p * x.q * taps
    rf: SplitRF | PooledRF = SplitRF("split", 2 * window, 2 * weights, 2 * x.p)
    if pooled:
        rf = PooledRF("pooled", 2 * (weights + window + x.p))
    base = Arch(
        name="random",
        clock_hz=dice.choice([100, 130]),
        array=array,
        rf=rf,
        pe=PE(dice.randint(1, 4)),
        noc=random_network(dice),
        glb=Banks(1 << 20, 2),
        filter_glb=filter_glb,
        dram=random_link(dice),
        sparsity=Sparsity(gate=dice.choice(["none", "ifmap"]), formats=dice.choice([Formats(), CODED_LINK])),
        padding=dice.choice(["stored", "generated"]),
        ofmap_via_glb=dice.random() < 0.5,
        configuration_cycles=dice.choice([0, 3]),
    )
    return _with_memories(base, layer, x, dice)


def _with_memories(base: Arch, layer: Layer, x: RowStationary, dice: Random) -> Arch:
    """Memories in small banks: as small as legal, or with room to prefetch."""
    rows, taps = folds(layer, base)
    bank_words = dice.randint(1, 8)
    bank = Banks(1, bank_words * WORD // 8)
    ifmap = -(-x.n * x.q * x.r * int(strips(layer, base).largest[x.e]) // bank_words)
    psums = -(-x.n * x.m * x.e * layer.f // bank_words)
    weights = -(-x.p * x.q * x.r * x.t * rows * taps // bank_words)
    banks = ifmap * dice.choice([1, 1, 2]) + psums
    filter_banks = weights * dice.choice([1, 2])
    if base.filter_glb == "glb":
        return replace(base, glb=replace(bank, banks=banks + weights))
    filter_glb = None if base.filter_glb is None else replace(bank, banks=filter_banks)
    return replace(base, glb=replace(bank, banks=banks), filter_glb=filter_glb)


def random_network(dice: Random) -> NoC:
    """Buses of one to three words a cycle, FIFOs from one word up."""

    def bus() -> QueuedBus:
        return QueuedBus(dice.choice(WORDS) * WORD, dice.randint(0, 3), dice.choice(DEPTHS))

    return NoC(
        weight=WeightBus(dice.choice(WORDS) * WORD, dice.randint(0, 3)),
        ifmap=bus(),
        psum=bus(),
        ofmap=bus(),
        local=LocalLink(dice.randint(0, 3), dice.choice(DEPTHS)),
    )


def random_link(dice: Random) -> DramLink | Literal["ideal"]:
    """Ideal, or a link from fast to so slow that the array starves."""
    if dice.random() < 0.5:
        return "ideal"
    return DramLink(
        clock_hz=dice.choice([30, 60, 100, 170]),
        bits_per_cycle=dice.choice([2, 8, 64]),
        latency_cycles=dice.randint(0, 4),
        burst_cycles=dice.choice([1, 2, 4]),
    )


def random_values(layer: Layer, dice: Random) -> Operands:
    """Values with zeros among them."""
    rng = np.random.default_rng(dice.randrange(1 << 32))
    zeros = dice.choice([0.0, 0.5, 0.9])
    ifmap = rng.integers(-8, 8, layer.ifmap_shape) * (rng.random(layer.ifmap_shape) >= zeros)
    weight = rng.integers(-8, 8, layer.weight_shape)
    store = Store(WORD, shift=dice.randint(0, 3), relu=dice.random() < 0.5)
    return Operands(layer.padded(ifmap), weight, store, code_ifmap=dice.random() < 0.5)


def backlogged(
    ofmap_latency: int, psum_latency: int, images: int = 1, blocks: int = 1, fifo: int = 8
) -> Case:
    """Passes so short that psums of the two passes before still queue on the ofmap bus."""
    layer = Layer("backlogged", n=images, m=3 * blocks, c=4, h=5, w=1, r=1, s=1)
    choice = RowStationary(m=3 * blocks, n=1, e=5, p=1, q=1, r=1, t=3)
    wide = 8 * WORD
    noc = NoC(
        weight=WeightBus(wide),
        ifmap=QueuedBus(wide),
        psum=QueuedBus(wide, psum_latency),
        ofmap=QueuedBus(WORD, ofmap_latency, fifo),
        local=LocalLink(),
    )
    arch = Arch(
        name="backlogged",
        clock_hz=100,
        array=PEArray(3, 5),
        rf=SplitRF("split", 24, 448, 48),
        pe=PE(1),
        noc=noc,
        glb=Banks(4, 4096),
        filter_glb=Banks(2, 4096),
        dram="ideal",
    )
    rng = np.random.default_rng(0)
    ifmap, weight = rng.integers(-8, 8, layer.ifmap_shape), rng.integers(-8, 8, layer.weight_shape)
    operands = Operands(ifmap, weight, Store(WORD))
    return Case(choice, make_program(choice.map(layer, arch), arch, operands), operands)


def read_back(ofmap_latency: int, psum_latency: int) -> Case:
    """Passes of one psum each, which the next pass reads as soon as it is written."""
    case = backlogged(ofmap_latency, psum_latency)
    layer = replace(case.program.layer, m=1, h=1)
    choice = RowStationary(m=1, n=1, e=1, p=1, q=1, r=1, t=1)
    operands = Operands(case.operands.ifmap[:, :, :1], case.operands.weight[:1], Store(WORD))
    program = make_program(choice.map(layer, case.program.arch), case.program.arch, operands)
    return Case(choice, program, operands)


TIGHT = [
    backlogged(1, 1),
    backlogged(1, 1, blocks=3),
    backlogged(1, 1, blocks=3, fifo=1),
    backlogged(5, 2, images=2),
    read_back(2, 4),
    read_back(3, 1),
    read_back(6, 6),
]
"""Cases that random draws seldom reach: one pass feels the tail of another."""
