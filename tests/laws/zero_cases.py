"""Random small machines whose time depends on zeros: PEs that skip them, coded memories, queues."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from accelsim.arch import (
    PE,
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
from accelsim.errors import LegalityError, Overflow
from accelsim.fitting import check_fit
from accelsim.formats import AnyFormat, Bitmask, Coordinate, Csc, RunLength
from accelsim.mapping import Dataflow
from accelsim.outcome import Outcome
from accelsim.program import Program, make_program
from accelsim.stats import CAUSE
from accelsim.traffic import Operands, Store
from accelsim.workload import IntArray, Layer
from dataflows.compressed_columns import CompressedColumns
from tests.laws.cases import WORD, choices, layers, links, machines

MOST_MACS, MOST_PASSES = 2000, 24
DENSITIES = (0.4, 0.2, 0.4, 0.7, 1.0, 0.4, 0.0)
SHARES = (0.5, 0.75, 1.0, 1.3, 2.5)
"""What mappings may plan with, of the size of the words as they are."""


@dataclass(frozen=True)
class Case:
    """One random experiment: a program with its values."""

    program: Program
    operands: Operands
    choice: Dataflow
    overflows: int  # of the machine as it was drawn, before it was large enough

    @property
    def layer(self) -> Layer:
        """The layer that was asked for, whatever the dataflow makes of it."""
        return self.program.layer.source

    @property
    def ifmap(self) -> IntArray:
        """The ifmap without its padding."""
        layer = self.layer
        top, left = layer.pad[0], layer.pad[2]
        return self.operands.ifmap[:, :, top : top + layer.h, left : left + layer.w]

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
            "codebook": formats.weight.spad and formats.weight.spad.codebook_bits,
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
    Csc("csc", index_bits, pointer_bits, codebook_bits)
    for index_bits in (1, 1, 2, 3)
    for pointer_bits, codebook_bits in ((11, None), (16, None), (16, 4), (12, 5))
)
"""Codes for PEs, with fields so short that zeros overrun them; codebooks are for values of 4 bits."""

FORMATS: tuple[AnyFormat, ...] = (
    RunLength("run_length"),
    RunLength("run_length", run_bits=1, pairs=1),
    Bitmask("bitmask"),
    Coordinate("coordinate"),
    Csc("csc", index_bits=2),
    Csc("csc", index_bits=3, pointer_bits=11),
)
"""Ways to store any tensor."""


def stores(*more: AnyFormat) -> st.SearchStrategy[AnyFormat | None]:
    """As it is, or in any of FORMATS and *more*."""
    return st.one_of(st.none(), st.sampled_from([*FORMATS, *more]))


@st.composite
def stored(draw: st.DrawFn, spad: bool, memory: bool) -> Storage:
    """An operand in DRAM, in a *memory* if there is one, and in PEs if they have a *spad* for codes."""
    coded = draw(st.one_of(st.none(), st.sampled_from(CODES))) if spad else None
    between = coded if memory else None
    if memory and coded is None:
        between = draw(stores(*CODES))
    return Storage(draw(stores(*CODES)), between, coded, draw(st.sampled_from(SHARES)))


@st.composite
def zeros(draw: st.DrawFn, split: bool, memory: bool) -> Sparsity:
    """All that a machine can do about zeros; without *split* spads it cannot skip them."""
    return Sparsity(
        gate=draw(st.sampled_from(["none", "ifmap"])),
        skip=draw(st.sampled_from(["both", "weight", "ifmap", "both", "none"])) if split else "none",
        empty_window_cycles=draw(st.integers(0, 2)),
        unmatched_cycles=draw(st.integers(0, 2)),
        formats=Formats(
            ifmap=draw(stored(split, True)),
            weight=draw(stored(split, memory)),
            ofmap=OfmapStorage(draw(stores())),
        ),
    )


@st.composite
def operands(draw: st.DrawFn, layer: Layer) -> Operands:
    """Values of 4 bits; the zeros among them are none, some, most or all."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def tensor(shape: tuple[int, ...]) -> IntArray:
        values = rng.choice(np.setdiff1d(np.arange(-8, 8), [0]), shape)
        kept: IntArray = values * (rng.random(shape) < draw(st.sampled_from(DENSITIES)))
        return kept

    ifmap, weight = tensor(layer.ifmap_shape), tensor(layer.weight_shape)
    store = Store(WORD, shift=draw(st.integers(0, 3)), relu=draw(st.booleans()))
    return Operands(layer.padded(ifmap), weight, store, code_ifmap=draw(st.booleans()))


@st.composite
def deep_layers(draw: st.DrawFn) -> Layer:
    """Layers of many filters and channels, which make long columns."""
    layer, filters, channels = draw(layers()), st.sampled_from([6, 9]), st.sampled_from([6, 4])
    size = {"m": layer.groups * draw(filters), "c": layer.groups * draw(channels), "n": 1}
    return replace(layer, **size)


@st.composite
def primitives(draw: st.DrawFn) -> Case:
    """Row stationary on machines that skip zeros and keep words coded."""
    deep = draw(st.booleans())
    layer = draw(deep_layers() if deep else layers())
    assume(layer.macs <= MOST_MACS)
    choice = draw(choices(layer))
    if deep:
        choice = replace(choice, m=layer.group_m, p=layer.group_m, q=layer.group_c, r=1, t=1)
    arch = draw(machines(layer, choice, zeros))
    arch = replace(arch, pe=replace(arch.pe, macs_per_cycle=draw(st.sampled_from([1, 1, 2, 3]))))
    return fitted(choice, layer, arch, draw(operands(layer)))


@st.composite
def queues(draw: st.DrawFn) -> Case:
    """Compressed columns: PEs with queues of activations."""
    layer = draw(deep_layers() if draw(st.booleans()) else layers())
    assume(layer.macs <= MOST_MACS)
    block, pixels = draw(st.integers(1, 3)), layer.n * layer.e * layer.f
    m = draw(st.sampled_from([layer.group_m, layer.group_m, -(-layer.group_m // 2)]))
    t = draw(st.sampled_from([pixels, -(-pixels // 2), -(-pixels // 3), 1]))
    choice = CompressedColumns(m=m, b=min(block, m), t=t)
    return fitted(choice, layer, draw(queued(layer, choice)), draw(operands(layer)))


@st.composite
def queued(draw: st.DrawFn, layer: Layer, x: CompressedColumns) -> Arch:
    """One to five PEs that just hold the filters of *x*."""
    pes, filter_glb = draw(st.integers(1, 5)), draw(st.sampled_from([None, None, "glb", Banks(1 << 20, 2)]))
    kept = Formats(
        ifmap=Storage(draw(stores(*CODES))),
        weight=draw(stored(filter_glb is None, False)),
        ofmap=OfmapStorage(draw(stores())),
    )
    zero = replace(draw(zeros(True, False)), formats=kept)
    most = max(len(range(pe * x.b, x.m, pes * x.b)) for pe in range(pes)) * x.b
    words = layer.group_c * layer.r * layer.s * most
    share = 1.0 if kept.weight.spad is None else kept.weight.planned
    return Arch(
        name="random",
        clock_hz=draw(st.sampled_from([100, 130])),
        array=PEArray(1, pes),
        rf=SplitRF("split", 2, ceil(2 * words * share), 2 * most),
        pe=PE(draw(st.integers(1, 4)), draw(st.sampled_from([1, 1, 2, 3]))),
        noc=draw(broadcasts(WORD if kept.weight.spad is None else kept.weight.spad.entry_bits(WORD))),
        glb=Banks(1 << 20, 2),
        filter_glb=filter_glb,
        dram=draw(links()),
        sparsity=zero,
        padding=draw(st.sampled_from(["stored", "generated"])),
        ofmap_via_glb=draw(st.booleans()),
        configuration_cycles=draw(st.sampled_from([0, 3])),
    )


@st.composite
def broadcasts(draw: st.DrawFn, weight_bits: int) -> NoC:
    """Buses of one to three words a cycle, queues of one to four."""
    words, latency, depth = st.sampled_from([1, 1, 2, 3]), st.integers(0, 2), st.integers(1, 4)
    return NoC(
        weight=WeightBus(draw(words) * weight_bits, draw(latency)),
        ifmap=QueuedBus(draw(words) * WORD, draw(latency), draw(depth)),
        psum=QueuedBus(WORD),
        ofmap=QueuedBus(draw(words) * WORD, draw(latency), draw(depth)),
        local=LocalLink(),
    )


def fitted(choice: Any, layer: Layer, arch: Arch, values: Operands) -> Case:
    """*choice* on *arch*, with memories as much larger as *values* need."""
    overflows = 0
    while True:
        try:
            mapping = choice.map(layer, arch)
            program = make_program(mapping, arch, values)
            assume(len(program.jobs) <= MOST_PASSES)
            check_fit(program, values)
        except Overflow as error:
            arch, overflows = grown(arch, error), overflows + 1
        except LegalityError:
            assume(False)
        else:
            return Case(program, values, choice, overflows)


def grown(arch: Arch, error: Overflow) -> Arch:
    """*arch* planned with the share that *error* asks for, and memories as much larger."""
    by = error.share / arch.sparsity.formats.planned[error.operand]
    assert by > 1, "more is asked for than was planned"
    name = f"{error.operand}_bytes"
    rf: Any = arch.rf
    if isinstance(rf, SplitRF):
        rf = replace(rf, **{name: ceil(getattr(rf, name) * by)})

    def more(banks: Banks) -> Banks:
        return replace(banks, banks=ceil(banks.banks * by))

    arch = replace(arch.planning(error.operand, error.share), rf=rf)
    if error.operand == "weight" and isinstance(arch.filter_glb, Banks):
        return replace(arch, filter_glb=more(arch.filter_glb))
    return replace(arch, glb=more(arch.buffer))


KINDS = {"primitives": primitives, "queues": queues}
"""Strategies of cases by the kind of pass."""
