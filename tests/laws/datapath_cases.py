"""Random small machines of every datapath, under every dataflow that can host it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from random import Random
from typing import Any

import numpy as np

from accelsim.engines.timing import Outcome
from accelsim.machine import Arch, NoC, PooledRF, SplitRF
from accelsim.machine.datapath import (
    AnyDatapath,
    Binary,
    Codebook,
    CodebookProducts,
    CodebookSums,
    FiveLevel,
    Floating,
    Integer,
    ProductLut,
    Repeated,
    Ternary,
    Xnor,
)
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import IntArray, Layer, Tensor
from accelsim.program.jobs import make_program
from accelsim.values.schemes.storing import RealStore
from tests.laws.cases import WORD
from tests.laws.drawn import Drawn, made_for
from tests.laws.seeds import draws
from tests.laws.stream_cases import ALL, MOST_PASSES, is_legal, random_choice, random_layer
from tests.laws.stream_machines import fitted, machines
from tests.laws.zero_cases import deep_choice, deep_layer

DATAPATHS: dict[str, AnyDatapath] = {
    "integer": Integer(kind="integer", ifmap_bits=5, weight_bits=3),
    "odd integer": Integer(kind="integer", ifmap_bits=2, weight_bits=2, odd_weights=True, unsigned=True),
    "unpacked": Integer(kind="integer", ifmap_bits=4, weight_bits=2, packing="word"),
    "float16": Floating(kind="float", format="float16"),
    "float32": Floating(kind="float", format="float32"),
    "mixed": Floating(kind="float", format="mixed"),
    "product_lut": ProductLut(kind="product_lut", ifmap_bits=4, weight_bits=3, unsigned=True),
    "signed product_lut": ProductLut(kind="product_lut", ifmap_bits=3, weight_bits=4),
    "codebook": Codebook(kind="codebook", ifmap_bits=8, codebook_bits=2, value_bits=10),
    "codebook_products": CodebookProducts(kind="codebook_products", ifmap_bits=8, codebook_bits=2),
    "codebook_sums": CodebookSums(kind="codebook_sums", ifmap_bits=8, codebook_bits=2),
    "binary": Binary(kind="binary", ifmap_bits=8),
    "ternary": Ternary(kind="ternary", ifmap_bits=8),
    "five_level": FiveLevel(kind="five_level", ifmap_bits=6),
    "xnor": Xnor(kind="xnor", lanes=4),
    "repeated_kernels": Repeated(kind="repeated_kernels", ifmap_bits=8),
    "repeated integer kernels": Repeated(kind="repeated_kernels", ifmap_bits=8, weight_bits=2),
}
"""One of each kind or more, as narrow as makes small cases telling."""


KEEPS_FILTERS = {"row_stationary": "primitives", "compressed_columns": "queues"}
"""Dataflows whose PEs take a window word to several filters, and the kind of their passes."""

MOST_MACS = 1000


@dataclass(frozen=True)
class Case(Drawn):
    """A random experiment of a datapath."""

    def features(self, outcome: Outcome) -> set[str]:
        """What the case exercises; read off the case itself, and off its outcome where values decide."""
        program, arch, did = self.program, self.program.arch, outcome.actions
        found = {
            "gates": did["mac.gated:psum"] and arch.sparsity.gate == "ifmap",
            "skips": did["mac.skipped:psum"],
            "reuses": did["mac.reused:psum"],
            "idle zeros": did["mac.gated:psum"] and arch.sparsity.gate == "none",
            "idle zeros beside gated ones": did["mac.gated:psum"] > did["rf.gated_read:weight"] > 0,
            "several filters a cycle": arch.pe.macs_per_cycle > 1,
            "several passes of several shapes": len(program.plans) > 1,
            "padded": any(self.layer.pad),
            "pooled": isinstance(arch.rf, PooledRF),
            "reads psums": any(not job.work.first for job in program.jobs),
        }
        return {name for name, holds in found.items() if holds}


def random_case(flow: str, datapath: AnyDatapath, dice: Random) -> Case:
    """A layer, a legal choice, and a machine of *datapath* that just holds it or has room to spare."""
    while True:
        layer, choice, room = random_start(flow, dice)
        room = with_datapath(flow, room, datapath, dice)
        if layer.macs > MOST_MACS or not is_legal(choice, layer, room):
            continue
        arch = fitted(dice, partial(is_legal, choice, layer), room)
        program = make_program(choice.map(layer, arch), arch)
        if len(program.jobs) <= MOST_PASSES:
            operands = random_values(layer, datapath, dice)
            return Case(choice, made_for(program, operands), operands)


def random_start(flow: str, dice: Random) -> tuple[Layer, Any, Arch]:
    """A layer, a choice and a machine for words of 16 bits; of two or more filters a PE, where it can."""
    room = machines(dice)
    if flow not in KEEPS_FILTERS or dice.random() < 0.3:
        layer = random_layer(dice)
        return layer, *random_choice(ALL[flow], layer, room, dice)
    layer = deep_layer(dice)
    choice, room = deep_choice(KEEPS_FILTERS[flow], layer, room, dice)
    if flow == "row_stationary":
        q = dice.choice([layer.group_c, -(-layer.group_c // 2), 1])
        choice = replace(choice, q=q, r=dice.randint(1, layer.group_c // q))
    if flow == "row_stationary" and dice.random() < 0.4:
        room = replace(room, rf=PooledRF("pooled", 1024))
    return layer, choice, room


def with_datapath(flow: str, room: Arch, datapath: AnyDatapath, dice: Random) -> Arch:
    """*room* with buses and register files for the words of *datapath*; it may gate and skip."""
    wide = 2 if isinstance(datapath, Floating) else 1
    sums, rf = wide * datapath.sums_per_psum, room.rf
    if isinstance(rf, SplitRF):
        rf = SplitRF("split", wide * rf.ifmap_bytes, wide * rf.weight_bytes, sums * rf.psum_bytes)
    elif isinstance(rf, PooledRF):
        rf = PooledRF("pooled", wide * rf.bytes + sums * WORD // 8 * 8)
    at_once = 1
    zeros = replace(room.sparsity, gate=dice.choice(["none", "ifmap"]))
    if flow in KEEPS_FILTERS and datapath.one_by_one and isinstance(rf, SplitRF):
        zeros = replace(zeros, skip=dice.choice(["none", "ifmap", "weight", "both"]))
    if flow in KEEPS_FILTERS and datapath.lanes == 1:
        at_once = dice.choice([1, 1, 2, 3])
    pe = replace(room.pe, macs_per_cycle=at_once)
    return replace(room, rf=rf, pe=pe, noc=_wider(room.noc, wide), sparsity=zeros, datapath=datapath)


def _wider(noc: NoC, by: int) -> NoC:
    buses = {name: getattr(noc, name) for name in ("weight", "ifmap", "psum", "ofmap")}
    return replace(
        noc, **{name: replace(bus, bits_per_cycle=by * bus.bits_per_cycle) for name, bus in buses.items()}
    )


def random_values(layer: Layer, datapath: AnyDatapath, dice: Random) -> Operands:
    """Random codes, and the extreme ones; zeros among them where there can be."""
    rng = np.random.default_rng(dice.randrange(1 << 32))
    ifmap, weight = _ifmap(layer, datapath, rng), _weight(layer, datapath, rng)
    if datapath.kind != "xnor" and dice.random() < 0.5:
        ifmap = ifmap * (rng.random(ifmap.shape) < 0.5).astype(ifmap.dtype)
    datapath.check(ifmap, weight, WORD)
    one, none = np.ones(layer.m), np.zeros(layer.m)
    store = RealStore(one, one, none) if isinstance(datapath, Floating) else Store(WORD)
    return Operands(layer.padded(ifmap), weight, store, code_ifmap=dice.random() < 0.5)


def _ifmap(layer: Layer, datapath: AnyDatapath, rng: np.random.Generator) -> Tensor:
    shape = layer.ifmap_shape
    if isinstance(datapath, Floating):
        return rng.normal(0, 4, shape).astype(datapath.word)
    if isinstance(datapath, Xnor):
        return rng.choice([-1, 1], shape)
    bits = datapath.widths(WORD).ifmap
    low, high = (0, (1 << bits) - 1) if datapath.unsigned else (-(1 << bits - 1), (1 << bits - 1) - 1)
    return _extreme(rng, shape, np.arange(low, high + 1))


def _weight(layer: Layer, datapath: AnyDatapath, rng: np.random.Generator) -> Tensor:
    shape = layer.weight_shape
    if isinstance(datapath, Floating):
        weight: Tensor = (rng.normal(0, 1, shape) * (rng.random(shape) < 0.8)).astype(datapath.word)
        return weight
    known = levels(datapath, rng)
    if isinstance(datapath, Repeated):
        return _repeated(rng, shape, known)
    return _extreme(rng, shape, known)


def levels(datapath: AnyDatapath, rng: np.random.Generator) -> IntArray:
    """The values that weights of *datapath* can have, ascending."""
    match datapath:
        case Binary() | Xnor() | Repeated(weight_bits=1):
            return np.array([-1, 1])
        case Ternary():
            return np.arange(-1, 2)
        case FiveLevel():
            return np.arange(-2, 3)
        case Codebook() | CodebookProducts() | CodebookSums():
            return np.sort(
                np.append(rng.choice(np.arange(1, 500), datapath.levels - 2, replace=False), [-7, 0])
            )
        case Integer(odd_weights=True):
            top = (1 << (datapath.weight_bits or WORD)) - 1
            return np.arange(-top, top + 1, 2)
        case _:
            top = 1 << datapath.widths(WORD).weight - 1
            return np.arange(-top, top)


def _extreme(rng: np.random.Generator, shape: tuple[int, ...], known: IntArray) -> IntArray:
    """Values among *known*; one in four is the first or the last."""
    values = rng.choice(known, shape)
    ends = rng.choice(known[[0, -1]], shape)
    return np.where(rng.random(shape) < 0.25, ends, values)


def _repeated(rng: np.random.Generator, shape: tuple[int, ...], known: IntArray) -> IntArray:
    """A few kernels for all filters and channels, and their negatives as far as they are *known*."""
    number = int(rng.integers(1, 8))
    kernels = _extreme(rng, (number, *shape[2:]), known)
    signs = rng.choice([-1, 1], (*shape[:2], 1, 1))
    return np.clip(signs * kernels[rng.integers(number, size=shape[:2])], known[0], known[-1])


def hosts(datapath: AnyDatapath) -> tuple[str, ...]:
    """The dataflows that can host *datapath*."""
    return tuple(ALL) if datapath.one_by_one else ("row_stationary",)


@cache
def drawn(flow: str, name: str, count: int, first: int = 0) -> tuple[Case, ...]:
    """*count* random cases; others for another *first* or another seed."""
    return draws(partial(random_case, flow, DATAPATHS[name]), f"datapath: {flow} {name}", count, first)
