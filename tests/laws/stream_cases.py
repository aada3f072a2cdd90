"""Random small machines, layers and choices for every dataflow there is, drawn from its rules alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache, partial
from random import Random
from typing import Any

import numpy as np

from accelsim.engines.timing import Outcome
from accelsim.errors import LegalityError
from accelsim.machine import PE, Arch, LocalLink, NoC, NoRF, PEArray, PooledRF, QueuedBus, SplitRF, WeightBus
from accelsim.mapping.dataflow import dataflow_names, find_dataflow
from accelsim.mapping.nest import Dataflow
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import Layer
from accelsim.passes.lanes import is_primitive
from accelsim.program.jobs import make_program
from accelsim.stats import CAUSE
from tests.laws.cases import WORD
from tests.laws.drawn import Drawn, made_for
from tests.laws.seeds import draws
from tests.laws.stream_machines import fitted, machines, roomy

MOST_MACS, MOST_PASSES = 700, 60
Flows = Mapping[str, type[Dataflow]]
ALL: Flows = {name: find_dataflow(name) for name in dataflow_names()}
"""Every dataflow by name."""

RFS = (
    NoRF("none"),
    SplitRF("split", 2, 2, 2),
    SplitRF("split", 24, 4, 6),
    PooledRF("pooled", 4),
    PooledRF("pooled", 128),
    SplitRF("split", 192, 192, 192),
)


@dataclass(frozen=True)
class Case(Drawn):
    """A random experiment of single MACs."""

    name: str  # of the dataflow

    def features(self, outcome: Outcome) -> set[str]:
        """What the case exercises; read off the case itself, and off its outcome where time decides."""
        program, arch, jobs = self.program, self.program.arch, self.program.jobs
        plans = program.plans.values()
        noc = arch.noc
        fifos = [one.fifo_words for one in (noc.ifmap, noc.weight, noc.psum, noc.ofmap, noc.local)]
        dram = [CAUSE[name] for name in ("no_weight.dram", "no_ifmap.dram", "blocked.dram")]
        found = {
            self.name: True,
            "systolic": arch.array.interconnect == "systolic",
            "pool": arch.array.placement == "pool",
            "ragged tail": len(program.plans) > 1,
            "FIFO depth 1": min(fifos) == 1,
            "DRAM-bound": outcome.causes[dram].sum() > outcome.causes[CAUSE["busy.mac"]].sum(),
            "reads psums": any(not job.work.first for job in jobs),
            "slides": program.mapping.sharing == "slide",
            "broadcast": program.mapping.sharing == "broadcast",
            "serial drain": any(getattr(plan, "drained", False) for plan in plans),
            "keeps what it has": any(not job.load for job in jobs),
            "refills wait": any(job.weights_after or job.ifmap_after for job in jobs),
        }
        return {name for name, holds in found.items() if holds}


def random_case(name: str, dice: Random) -> Case:
    """A layer, a legal choice of dataflow *name*, and a machine that just holds it or has room to spare."""
    while True:
        layer = random_layer(dice)
        choice, room = random_choice(ALL[name], layer, machines(dice), dice)
        arch = fitted(dice, partial(is_legal, choice, layer), room)
        program = make_program(choice.map(layer, arch), arch)
        if len(program.jobs) <= MOST_PASSES:
            operands = random_values(layer, dice)
            return Case(choice, made_for(program, operands), operands, name)


def random_layer(dice: Random) -> Layer:
    """Layers with everything uneven, few enough MACs for the reference engine."""
    while True:
        taps = dice.randint(1, 3), dice.randint(1, 3)
        stride = dice.choice([1, 1, 2, 3]), dice.choice([1, 1, 2, 3])
        dilation = dice.choice([1, 1, 2]), dice.choice([1, 1, 2])
        pad = tuple(dice.choice([0, 0, 1, 2]) for _ in range(4))
        out = dice.randint(1, 5), dice.randint(1, 4)
        h, w = (
            (out[i] - 1) * stride[i]
            + dilation[i] * (taps[i] - 1)
            + dice.randint(1, stride[i])
            - sum(pad[2 * i : 2 * i + 2])
            for i in (0, 1)
        )
        groups, m, c = dice.choice([1, 1, 2]), dice.randint(1, 5), dice.randint(1, 4)
        if h < 1 or w < 1:
            continue
        size = {"n": dice.randint(1, 3), "m": groups * m, "c": groups * c, "h": h, "w": w}
        window = {"r": taps[0], "s": taps[1], "stride": stride, "dilation": dilation, "pad": pad}
        layer = Layer("random", groups=groups, **size, **window)
        if layer.macs <= MOST_MACS:
            return layer


def random_values(layer: Layer, dice: Random) -> Operands:
    """Values with zeros among them."""
    rng = np.random.default_rng(dice.randrange(1 << 32))
    ifmap = rng.integers(-8, 8, layer.ifmap_shape)
    ifmap *= rng.random(layer.ifmap_shape) >= dice.choice([0.0, 0.5, 0.9])
    weight = rng.integers(-8, 8, layer.weight_shape)
    store = Store(WORD, shift=dice.randint(0, 3), relu=dice.random() < 0.5)
    return Operands(layer.padded(ifmap), weight, store, code_ifmap=dice.random() < 0.5)


def ones(cls: Any) -> Any:
    """The smallest choice of dataflow *cls*."""
    return cls(**{field.name: 1 for field in fields(cls)})


def is_legal(choice: Any, layer: Layer, arch: Arch) -> bool:
    """Whether *choice* breaks no rule."""
    try:
        choice.map(layer, arch)
    except LegalityError:
        return False
    return True


def random_choice(cls: Any, layer: Layer, room: Arch, dice: Random) -> tuple[Any, Arch]:
    """A legal choice of *cls*, size after size in any order; and *room* as the dataflow can have it."""
    choice = ones(cls)
    for able in ({"filter_glb": "glb"}, {"ifmap_via_glb": True}, {"interconnect": "multicast"}):
        if not is_legal(choice, layer, room):
            array = replace(room.array, **{k: v for k, v in able.items() if k == "interconnect"})
            others = {k: v for k, v in able.items() if k != "interconnect"}
            room = replace(room, array=array, **others)
    rfs = [rf for rf in RFS if is_legal(choice, layer, replace(room, rf=rf))]
    room = replace(room, rf=dice.choice(rfs))
    sizes = _sizes(layer)
    names = [field.name for field in fields(cls)]
    for name in dice.sample(names, len(names)):
        legal = [size for size in sizes if is_legal(replace(choice, **{name: size}), layer, room)]
        choice = replace(choice, **{name: dice.choice(legal)})
    return choice, room


def _sizes(layer: Layer) -> list[int]:
    """Tile sizes worth trying: small ones, whole extents, one less, and halves."""
    whole = {layer.n, layer.group_m, layer.group_c, layer.e, layer.f}
    whole |= {layer.n * layer.e * layer.f, layer.group_c * layer.r * layer.s}
    return sorted({1, 2, 3} | whole | {max(1, n - 1) for n in whole} | {-(-n // 2) for n in whole})


def _of_single_macs(cls: Any) -> bool:
    point = Layer("point", m=1, c=1, h=1, w=1, r=1, s=1)
    return not is_primitive(ones(cls).map(point, roomy()))


STREAMS: Flows = {name: cls for name, cls in ALL.items() if _of_single_macs(cls)}
"""The dataflows whose passes are single MACs."""


@cache
def drawn(name: str, count: int, first: int = 0) -> tuple[Case, ...]:
    """*count* random cases of dataflow *name*; others for another *first* or another seed."""
    return draws(partial(random_case, name), f"stream: {name}", count, first)


def backlogged(ofmap_latency: int, words: int) -> Case:
    """Passes of one MAC a PE, whose psums queue for an ofmap bus of *words* a cycle behind those before."""
    layer = Layer("backlogged", m=5, c=1, h=6, w=1, r=1, s=1)
    array, ofmap = PEArray(1, 5), QueuedBus(words * WORD, ofmap_latency, 4)
    return _by_hand("output_stationary_moc_sop", {"m": 5, "n": 1, "p": 5}, layer, array, ofmap)


def skewed(words: int) -> Case:
    """A fold whose psums leave a systolic array row after row, on an ofmap bus of *words* a cycle."""
    layer = Layer("skewed", m=3, c=2, h=4, w=1, r=1, s=1)
    array, ofmap = PEArray(4, 3, interconnect="systolic"), QueuedBus(words * WORD, 1, 4)
    return _by_hand("output_stationary_gemm", {"t": 4, "m": 3, "e": 4}, layer, array, ofmap)


def _by_hand(name: str, sizes: dict[str, int], layer: Layer, array: PEArray, ofmap: QueuedBus) -> Case:
    cls: Any = ALL[name]
    arch = replace(roomy(), array=array, pe=PE(2))
    arch = replace(arch, noc=replace(arch.noc, ofmap=ofmap))
    rng = np.random.default_rng(0)
    ifmap, weight = rng.integers(-8, 8, layer.ifmap_shape), rng.integers(-8, 8, layer.weight_shape)
    operands = Operands(ifmap, weight, Store(WORD))
    program = make_program(cls(**sizes).map(layer, arch), arch, operands)
    return Case(cls(**sizes), program, operands, name)


def at_once() -> Case:
    """Passes of one MAC on wires without latency: the ofmap bus gives places back late."""
    case = _by_hand(
        "input_stationary",
        {"t": 1, "k": 1, "e": 1},
        Layer("at once", m=1, c=1, h=2, w=1, r=1, s=1),
        PEArray(1, 1),
        QueuedBus(WORD, 0, 1),
    )
    arch, bus = case.program.arch, QueuedBus(WORD, 0, 1)
    arch = replace(arch, pe=PE(1), noc=NoC(WeightBus(WORD, 0, 1), bus, bus, bus, LocalLink(0, 1)))
    return replace(case, program=make_program(case.program.mapping, arch, case.operands))


TIGHT = (
    at_once(),
    *(backlogged(latency, words) for latency in (0, 1, 3) for words in (1, 2, 3)),
    skewed(2),
    skewed(8),
)
"""Cases that random draws seldom reach: words that wait for those of another pass, or of another row."""
