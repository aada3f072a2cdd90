"""Random small machines whose time depends on zeros: PEs that skip them, coded memories, queues."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from math import ceil
from random import Random
from typing import Any

import numpy as np

from accelsim.engines.timing import Outcome
from accelsim.errors import LegalityError, Overflow
from accelsim.machine import (
    Arch,
    Banks,
    Formats,
    LocalLink,
    NoC,
    OfmapStorage,
    PEArray,
    QueuedBus,
    Sparsity,
    SplitRF,
    Storage,
    WeightBus,
)
from accelsim.machine.datapath import AnyDatapath, Codebook, Integer
from accelsim.machine.formats import AnyFormat, Bitmask, Coordinate, Csc, RunLength
from accelsim.mapping.nest import dealt
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import IntArray, Layer
from accelsim.passes.lanes import window_columns
from accelsim.program.fit import check_fit
from accelsim.program.jobs import Program, make_program
from accelsim.stats import CAUSE
from dataflows.compressed_columns import CompressedColumns
from dataflows.row_stationary import RowStationary
from tests.laws.cases import WORD
from tests.laws.drawn import Drawn
from tests.laws.seeds import draws
from tests.laws.stream_cases import is_legal, random_choice, random_layer
from tests.laws.stream_machines import fitted, machines

MOST_MACS, MOST_PASSES = 2000, 24
DENSITIES = (0.0, 0.2, 0.3, 0.3, 0.7, 1.0)
SHARES = (0.3, 0.6, 0.6, 1.0, 1.3, 2.5)
"""What mappings may plan with, of the size of the words as they are."""


KINDS = {"primitives": RowStationary, "queues": CompressedColumns}
"""A dataflow for each kind of pass that depends on zeros."""


@dataclass(frozen=True)
class Case(Drawn):
    """A random experiment with zeros."""

    overflows: int  # of the machine as it was drawn, before it was large enough

    def on(self, arch: Arch) -> Program:
        """The same mapping on another machine."""
        program = make_program(self.program.mapping, arch, self.operands)
        check_fit(program, self.operands)
        return program

    def features(self, outcome: Outcome) -> set[str]:
        """What the case exercises; read off the case itself, and off its outcome where values decide."""
        arch, jobs = self.program.arch, self.program.jobs
        zeros, formats = arch.sparsity, arch.sparsity.formats
        fifos = (arch.noc.ifmap, arch.noc.ofmap, arch.noc.psum, arch.noc.local)
        dram = [CAUSE[name] for name in ("no_weight.dram", "no_ifmap.dram", "blocked.dram")]
        both = formats.ifmap, formats.weight
        found = {
            f"skips {zeros.skip}": True,
            "gates": outcome.actions["mac.gated:psum"],
            "several filters a cycle": arch.pe.macs_per_cycle > 1,
            "weights coded in PEs": formats.weight.spad,
            "ifmap coded in PEs": formats.ifmap.spad,
            "codebook": arch.datapath.decodes,
            "codebook and coded in PEs": arch.datapath.decodes and formats.weight.spad,
            "coded in memory alone": any(one.glb and not one.spad for one in both),
            "coded on the link alone": any(one.dram and not one.glb for one in both),
            "fillers": outcome.actions["mac.overhead:psum"],
            "overhead": outcome.causes[CAUSE["busy.overhead"]].any(),
            "overflows": self.overflows,
            "no weight at all": not self.operands.weight.any(),
            "no ifmap word at all": not self.operands.ifmap.any(),
            "no zero": self.ifmap.all() and self.operands.weight.all(),
            "ragged tail": len(self.program.plans) > 1,
            "8 passes or more": len(jobs) >= 8,
            "keeps its weights": any(not job.load for job in jobs),
            "reads psums": any(not job.work.first for job in jobs),
            "FIFO depth 1": min(fifo.fifo_words for fifo in fifos) == 1,
            "DRAM-bound": outcome.causes[dram].sum() > outcome.causes[CAUSE["busy.mac"]].sum(),
            "groups": self.layer.groups > 1,
        }
        return {name for name, holds in found.items() if holds}


CODES = tuple(
    Csc("csc", index_bits, pointer_bits) for index_bits in (1, 1, 1, 2, 3) for pointer_bits in (11, 16, None)
)
"""Codes for PEs, with fields so short that zeros overrun them."""

DATAPATHS: tuple[AnyDatapath, ...] = (
    Integer(kind="integer"),
    Integer(kind="integer"),
    Codebook(kind="codebook", codebook_bits=4),
    Codebook(kind="codebook", codebook_bits=5, value_bits=4),
)
"""Weights as they are, and codes for the values of 4 bits that there are, zero among them."""

FORMATS: tuple[AnyFormat, ...] = (
    RunLength("run_length"),
    RunLength("run_length", run_bits=1, pairs=1),
    Bitmask("bitmask"),
    Coordinate("coordinate"),
    Csc("csc", index_bits=2),
    Csc("csc", index_bits=3, pointer_bits=11),
)
"""Ways to store any tensor."""

WIDTHS, LATENCIES, DEPTHS = (1, 1, 2, 3), (0, 1, 2), (1, 1, 2, 3, 5)
"""Words a cycle, cycles, and words of the FIFO of a bus."""


def random_case(kind: str, dice: Random) -> Case:
    """A layer, a legal choice, a machine that just holds it or has room to spare, and values."""
    while True:
        room = machines(dice)
        if kind == "queues" and dice.random() < 0.7:
            room = replace(room, filter_glb=None)  # so that weights can come coded to the PEs
        if dice.random() < 0.4:
            layer = random_layer(dice)
            choice, room = random_choice(KINDS[kind], layer, room, dice)
        else:
            layer = deep_layer(dice)
            choice, room = deep_choice(kind, layer, room, dice)
        room = with_zeros(kind, room, dice)
        if layer.macs > MOST_MACS or not is_legal(choice, layer, room):
            continue
        arch = fitted(dice, partial(is_legal, choice, layer), room)
        if len(list(choice.map(layer, arch).passes())) <= MOST_PASSES:
            return large_enough(choice, layer, arch, random_values(layer, dice))


def deep_layer(dice: Random) -> Layer:
    """A layer of many filters and channels, which make long columns."""
    layer = random_layer(dice)
    m, c = layer.groups * dice.choice([6, 9, 12]), layer.groups * dice.choice([4, 7])
    return replace(layer, m=m, c=c, n=1)


def deep_choice(kind: str, layer: Layer, room: Arch, dice: Random) -> tuple[Any, Arch]:
    """Long columns in every PE, and *room* with register files that just hold them."""
    m, c, n, e, f = layer.group_m, layer.group_c, layer.n, layer.e, layer.f
    array = replace(room.array, interconnect="multicast")
    if kind == "queues":
        pes = dice.choice([1, 1, 2, 3])
        choice: Any = CompressedColumns(m, dice.randint(1, 3), dice.randint(1, n * e * f))
        most = max(len(own) for own in dealt(m, choice.b, pes))
        rf = SplitRF("split", 2, 2 * c * layer.r * layer.s * most, 2 * most)
        return choice, replace(room, array=PEArray(1, pes), rf=rf, ifmap_via_glb=True)
    p = dice.choice([m, -(-m // 2)])
    choice = RowStationary(m, n, dice.randint(1, e), p, c, 1, 1)
    rf = SplitRF("split", 2 * c * window_columns(layer, layer.s), 2 * p * c * layer.s, 2 * p)
    return choice, replace(room, array=array, rf=rf, ifmap_via_glb=True)


def with_zeros(kind: str, room: Arch, dice: Random) -> Arch:
    """*room* with all that a machine of its memories can do about zeros."""
    split = isinstance(room.rf, SplitRF)
    room = replace(room, datapath=dice.choice(DATAPATHS))
    memories = {"ifmap": room.ifmap_via_glb, "weight": room.filter_glb is not None}
    if kind == "queues":  # words are read pixel by pixel, weights come from the link
        ifmap, weight = Storage(a_format(dice)), stored(dice, spad=not memories["weight"], memory=False)
    else:
        ifmap, weight = (stored(dice, spad=split, memory=memory) for memory in memories.values())
    zeros = Sparsity(
        gate=dice.choice(["none", "ifmap"]),
        skip=dice.choice(["none", "ifmap", "weight", "both", "both", "both"]) if split else "none",
        empty_window_cycles=dice.randint(0, 2),
        unmatched_cycles=dice.randint(0, 2),
        formats=Formats(ifmap, weight, OfmapStorage(dice.choice([None, *FORMATS]))),
    )
    rf: Any = room.rf
    bits = {}
    for operand, one in (("ifmap", ifmap), ("weight", weight)):
        word = bits[operand] = room.bits(operand)
        if one.spad is not None:
            bits[operand] = one.spad.entry_bits(word)
        if split:
            rf = resized(rf, operand, word / WORD * (1 if one.spad is None else one.planned))
    pe = replace(room.pe, macs_per_cycle=dice.choice([1, 1, 2, 3]))
    return replace(room, rf=rf, pe=pe, noc=networks(dice, bits), sparsity=zeros, psum_word_bits=WORD)


def stored(dice: Random, *, spad: bool, memory: bool) -> Storage:
    """An operand in DRAM, in a *memory* if there is one, and in PEs if they have a *spad* for codes."""
    coded = dice.choice([None, *dice.sample(CODES, 2)]) if spad else None
    between = (coded or a_format(dice)) if memory else None
    return Storage(a_format(dice), between, coded, dice.choice(SHARES))


def a_format(dice: Random) -> AnyFormat | None:
    """Any, or now and then none."""
    return dice.choice([None, None, *FORMATS, *dice.sample(CODES, 2)])


def networks(dice: Random, bits: dict[str, int]) -> NoC:
    """Buses of words of so many *bits*."""

    def bus(name: str) -> tuple[int, int, int]:
        width = dice.choice(WIDTHS) * bits.get(name, WORD)
        return width, dice.choice(LATENCIES), dice.choice(DEPTHS)

    return NoC(
        weight=WeightBus(*bus("weight")),
        ifmap=QueuedBus(*bus("ifmap")),
        psum=QueuedBus(*bus("psum")),
        ofmap=QueuedBus(*bus("ofmap")),
        local=LocalLink(dice.choice(LATENCIES), dice.choice(DEPTHS)),
    )


def random_values(layer: Layer, dice: Random) -> Operands:
    """Values of 4 bits; the zeros among them are none, some, most or all."""
    rng = np.random.default_rng(dice.randrange(1 << 32))

    def tensor(shape: tuple[int, ...]) -> IntArray:
        values = rng.choice(np.setdiff1d(np.arange(-8, 8), [0]), shape)
        kept: IntArray = values * (rng.random(shape) < dice.choice(DENSITIES))
        return kept

    ifmap, weight = tensor(layer.ifmap_shape), tensor(layer.weight_shape)
    store = Store(WORD, shift=dice.randint(0, 3), relu=dice.random() < 0.5)
    return Operands(layer.padded(ifmap), weight, store, code_ifmap=dice.random() < 0.7)


def large_enough(choice: Any, layer: Layer, arch: Arch, values: Operands) -> Case:
    """*choice* on *arch*, with memories as much larger as *values* need."""
    overflows = 0
    while True:
        try:
            mapping = choice.map(layer, arch)
            program = make_program(mapping, arch, values)
            check_fit(program, values)
        except Overflow as error:
            arch, overflows = grown(arch, error), overflows + 1
        except LegalityError:
            assert overflows, "the machine was drawn for the choice"
            arch = roomier(arch)  # a larger window holds more taps, whose weights are more
        else:
            return Case(choice, program, values, overflows)


@cache
def drawn(kind: str, count: int, first: int = 0) -> tuple[Case, ...]:
    """*count* random cases of *kind*; others for another *first* or another seed."""
    return draws(partial(random_case, kind), f"zero: {kind}", count, first)


def resized(rf: Any, operand: str, by: float) -> Any:
    """*rf* with a scratch pad for *operand* that is *by* as large."""
    name = f"{operand}_bytes"
    return replace(rf, **{name: ceil(getattr(rf, name) * by)})


def roomier(arch: Arch) -> Arch:
    """*arch* with room for twice the weights."""
    rf = resized(arch.rf, "weight", 2) if isinstance(arch.rf, SplitRF) else arch.rf
    if isinstance(arch.filter_glb, Banks):
        arch = replace(arch, filter_glb=replace(arch.filter_glb, banks=2 * arch.filter_glb.banks))
    return replace(arch, rf=rf, glb=replace(arch.buffer, banks=2 * arch.buffer.banks))


def grown(arch: Arch, error: Overflow) -> Arch:
    """*arch* planned with the share that *error* asks for, and memories as much larger."""
    by = error.share / arch.sparsity.formats.planned[error.operand]
    assert by > 1, "more is asked for than was planned"
    rf = resized(arch.rf, error.operand, by) if isinstance(arch.rf, SplitRF) else arch.rf

    def more(banks: Banks) -> Banks:
        return replace(banks, banks=ceil(banks.banks * by))

    arch = replace(arch.planning(error.operand, error.share), rf=rf)
    if error.operand == "weight" and isinstance(arch.filter_glb, Banks):
        return replace(arch, filter_glb=more(arch.filter_glb))
    return replace(arch, glb=more(arch.buffer))
