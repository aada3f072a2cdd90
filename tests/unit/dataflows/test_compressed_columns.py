"""Compressed columns: counts in closed form, filters dealt to PEs, and what the machine must be like."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest

from accelsim.config import build, find, load_yaml
from accelsim.errors import LegalityError
from accelsim.machine import (
    PE,
    Arch,
    Banks,
    Formats,
    LocalLink,
    NoC,
    NoRF,
    PEArray,
    PooledRF,
    QueuedBus,
    Sparsity,
    SplitRF,
    Storage,
    WeightBus,
)
from accelsim.machine.formats import Csc, RunLength
from accelsim.mapping.dataflow import dataflow_names, find_dataflow
from accelsim.mapping.footprint import ifmap_words
from accelsim.mapping.nest import dealt
from accelsim.mapping.operands import weight_words
from accelsim.network.layer import Layer, Lowered, fully_connected
from accelsim.program.jobs import make_program
from dataflows.compressed_columns import BY_PIXEL, CompressedColumns

BUS = QueuedBus(32, 1, 8)
CHIP = Arch(
    name="chip",
    clock_hz=100,
    array=PEArray(2, 2),
    rf=SplitRF("split", 16, 512, 64),
    pe=PE(4),
    noc=NoC(WeightBus(64), BUS, BUS, BUS, LocalLink()),
    glb=Banks(1 << 20, 2),
    filter_glb=None,
    dram="ideal",
)
IN_PES = Sparsity(skip="both", formats=Formats(weight=Storage(spad=Csc("csc"), planned=0.5)))
EIE = build(load_yaml(find("arch", "eie")), Arch)
FC6 = fully_connected("FC6", m=4096, c=256, h=6, w=6)
LAYER = Layer("grouped", n=2, m=10, c=4, h=4, w=3, r=2, s=2, groups=2, stride=(1, 2), pad=(1, 0, 0, 1))


def refusal(choice: Any, layer: Layer, arch: Arch) -> str:
    with pytest.raises(LegalityError) as refused:
        choice.map(layer, arch)
    return str(refused.value)


# counts ----------------------------------------------------------------------------------------------------


def random_layer(dice: Random) -> Layer:
    """Small, with everything uneven."""
    taps = {"r": dice.randint(1, 2), "s": dice.randint(1, 3)}
    size = {"h": dice.randint(3, 4), "w": dice.randint(3, 4), "n": dice.randint(1, 2)}
    groups, pad = dice.choice([1, 2]), (dice.randint(0, 1), 0, 0, dice.randint(0, 2))
    m, c = groups * dice.randint(1, 9), groups * dice.randint(1, 3)
    return Layer("random", m=m, c=c, groups=groups, stride=(1, dice.randint(1, 2)), pad=pad, **size, **taps)


def random_choice(dice: Random, layer: Layer) -> CompressedColumns:
    m = dice.randint(1, layer.group_m)
    return CompressedColumns(m=m, b=dice.randint(1, m), t=dice.randint(1, layer.n * layer.e * layer.f))


def closed_form(choice: CompressedColumns, layer: Layer, arch: Arch) -> dict[str, int]:
    work = CompressedColumns.space(layer, arch).at(vars(choice)).work
    return {name: int(np.ravel(value)[0]) for name, value in work._asdict().items()}


def of_passes(choice: CompressedColumns, layer: Layer, arch: Arch) -> dict[str, int]:
    """The work of each pass, and of its fills, added up."""
    program = make_program(choice.map(layer, arch), arch)
    total: Counter[str] = Counter()
    for job in program.jobs:
        plan = program.plans[job.shape]
        work = plan.work(job.work, program.layer, arch, load=job.load)
        fills = {
            "ifmap_fills": ifmap_words(program.layer, job.work.ifmap, arch) * job.new_ifmap,
            "weight_fills": weight_words(job.work.weights) * job.new_weights,
        }
        total.update({**work._asdict(), **fills})
    return dict(total)


def one_by_one(choice: CompressedColumns, layer: Layer, arch: Arch) -> dict[str, int]:
    """What PEs and buses do on the chip, counted word by word."""
    found: Counter[str] = Counter()
    weights: Any = None
    for job in choice.map(layer, arch).passes():
        own = [len(filters) for filters in dealt(len(job.tile.m), choice.b, arch.array.pes)]
        if job.tile.of("weight") != weights:
            weights = job.tile.of("weight")
            found["weight_loads"] += sum(own) * len(job.tile.c)
        for _, pixel in product(job.tile.g, job.tile.e):
            found["ofmap_words"] += sum(own)
            for tap in job.tile.c:
                found["macs"] += sum(own)
                found["ifmap_deliveries"] += len(own)
                found["ifmap_reads"] += arch.padding == "stored" or inside(layer, pixel, tap)
    return found


def inside(layer: Layer, pixel: int, tap: int) -> bool:
    """Whether the word under *tap* of *pixel* is no pad zero."""
    rest, f = divmod(pixel, layer.f)
    _, r, s = np.unravel_index(tap, (layer.group_c, layer.r, layer.s))
    row = rest % layer.e * layer.stride[0] + int(r)
    return not (layer.is_pad_row(row) or layer.is_pad_column(f * layer.stride[1] + int(s)))


@pytest.mark.parametrize("padding", ["stored", "generated"])
def test_counts_are_those_of_the_passes_and_of_every_word(padding: Any) -> None:
    dice, arch = Random(padding), replace(CHIP, padding=padding)
    for _ in range(60):
        layer = random_layer(dice)
        choice = random_choice(dice, layer)
        found = closed_form(choice, layer, arch)
        assert found == of_passes(choice, layer, arch), (layer, choice)
        slow = one_by_one(choice, layer, arch)
        assert {name: found[name] for name in slow} == slow, (layer, choice)


def test_an_ifmap_that_fits_one_pass_is_fetched_once_and_weights_always() -> None:
    once, again = (closed_form(CompressedColumns(m=2, b=1, t=t), LAYER, CHIP) for t in (16, 8))
    assert (once["ifmap_fills"], again["ifmap_fills"]) == (4 * 2 * 5 * 4, 3 * 4 * 2 * 5 * 4)
    assert once["weight_fills"] == again["weight_fills"] == 10 * 2 * 2 * 2


# filters on PEs, and cycles --------------------------------------------------------------------------------


@pytest.mark.parametrize("b", range(1, 12))
@pytest.mark.parametrize("m", [11, 12, 13, 25])
def test_the_spads_must_hold_the_filters_of_the_pe_with_the_most(m: int, b: int) -> None:
    layer, choice = fully_connected("fc", m=m, c=3), CompressedColumns(m=m, b=b, t=1)
    most = max(map(len, dealt(m, b, 4)))
    fits = replace(CHIP, rf=SplitRF("split", 2, 2 * 3 * most, 2 * most))
    assert choice.map(layer, fits)
    if most > 1:
        less = replace(CHIP, rf=SplitRF("split", 2, 2 * 3 * most - 2, 2 * most))
        said = f"weight spad: needs {3 * most} words, has {3 * most - 1} (1 too many)"
        assert refusal(choice, layer, less) == said
        less = replace(CHIP, rf=SplitRF("split", 2, 2 * 3 * most, 2 * most - 2))
        assert refusal(choice, layer, less) == f"psum spad: needs {most} words, has {most - 1} (1 too many)"


def test_coded_weights_take_the_room_that_is_planned() -> None:
    layer, choice = fully_connected("fc", m=4, c=512), CompressedColumns(m=4, b=1, t=1)
    assert refusal(choice, layer, CHIP) == "weight spad: needs 512 words, has 256 (256 too many)"
    assert choice.map(layer, replace(CHIP, sparsity=IN_PES))


@pytest.mark.parametrize("macs_per_cycle, mac_cycles", [(1, 3), (2, 2), (3, 1), (4, 1)])
def test_cycles_are_bounded_by_the_first_pe(macs_per_cycle: int, mac_cycles: int) -> None:
    """3 of 10 filters and 50 taps: 150 weights at 4 a cycle and a latency of 1, then 2 x 5 pixels."""
    layer, arch = fully_connected("fc", m=10, c=50, n=10), replace(CHIP, pe=PE(4, macs_per_cycle))
    arch = replace(arch, noc=replace(arch.noc, ifmap=QueuedBus(64)))
    floor = CompressedColumns.space(layer, arch).at({"m": 10, "b": 1, "t": 5}).floor_cycles
    assert int(np.ravel(floor)[0]) == 1 + 149 // 4 + 10 * (50 * mac_cycles + 3) + 2 * 3


# what is legal ---------------------------------------------------------------------------------------------


def test_the_nest_is_one_product_a_group_with_all_taps_in_a_pass() -> None:
    mapping = CompressedColumns(m=3, b=2, t=5).map(LAYER, CHIP)
    assert isinstance(mapping.layer, Lowered)
    assert (mapping.sharing, mapping.keeps) == ("queue", ("weight", "psum"))
    assert (mapping.psum_words, mapping.psum_blocks) == (2 * 5 * 3, 2)
    assert [(p.tile.g.start, p.tile.m.start, p.tile.e.start) for p in mapping.passes()] == [
        (g, m, e) for g in (0, 1) for m in (0, 3) for e in (0, 5, 10, 15)
    ]
    assert all(p.first and p.last for p in mapping.passes())


@pytest.mark.parametrize(
    "sizes, said",
    [
        ({"m": 6}, "filters of a pass, m <= M: needs 6 filters, has 5 (1 too many)"),
        ({"t": 17}, "pixels of a pass, t <= N*E*F: needs 17 pixels, has 16 (1 too many)"),
        ({"m": 3, "b": 4}, "filters of a block, b <= m: needs 4 filters, has 3 (1 too many)"),
    ],
)
def test_a_broken_rule_is_named(sizes: dict[str, int], said: str) -> None:
    assert refusal(CompressedColumns(**{"m": 1, "b": 1, "t": 1} | sizes), LAYER, CHIP) == said


CODED = Storage(glb=Csc("csc"), spad=Csc("csc"))


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"rf": PooledRF("pooled", 512)}, "rf.kind of chip must be split, one spad each (got pooled)"),
        ({"rf": NoRF("none")}, "rf.kind of chip must be split, one spad each (got none)"),
        (
            {"array": PEArray(2, 2, interconnect="systolic")},
            "array.interconnect of chip must be multicast, under this dataflow (got systolic)",
        ),
        (
            {"sparsity": Sparsity(formats=Formats(ifmap=Storage(glb=RunLength("run_length"))))},
            f"sparsity.formats.ifmap.glb of chip must be null: {BY_PIXEL} (got run_length)",
        ),
        (
            {"sparsity": Sparsity(formats=Formats(ifmap=CODED))},
            f"sparsity.formats.ifmap.spad of chip must be null: {BY_PIXEL} (got csc)",
        ),
        (
            {"filter_glb": "glb", "sparsity": Sparsity(formats=Formats(weight=CODED))},
            f"sparsity.formats.weight.glb of chip must be null: {BY_PIXEL} (got csc)",
        ),
    ],
)
def test_a_machine_that_will_not_do_is_named(changes: dict[str, Any], said: str) -> None:
    arch, choice = replace(CHIP, **changes), CompressedColumns(m=1, b=1, t=1)
    assert refusal(choice, LAYER, arch) == said
    with pytest.raises(LegalityError, match="of chip must be"):
        CompressedColumns.space(LAYER, arch)


SKIPPING = {"row_stationary", "compressed_columns"}
BASE = replace(CHIP, array=PEArray(8, 8), filter_glb="glb")


@pytest.mark.parametrize(
    "key, got, arch",
    [
        ("sparsity.skip", "must be none: .* .got weight", replace(BASE, sparsity=Sparsity(skip="weight"))),
        ("pe.macs_per_cycle", "must be 1: .* .got 2", replace(BASE, pe=PE(1, 2))),
        (
            "sparsity.formats.ifmap.glb",
            "must be null: .* .got csc",
            replace(BASE, sparsity=Sparsity(formats=Formats(ifmap=Storage(glb=Csc("csc"))))),
        ),
        (
            "sparsity.formats.weight.spad",
            "must be null: .* .got csc",
            replace(BASE, sparsity=Sparsity(formats=Formats(weight=CODED))),
        ),
    ],
)
@pytest.mark.parametrize("name", sorted({*dataflow_names()} - SKIPPING))
def test_a_pe_of_single_macs_cannot_skip(name: str, key: str, got: str, arch: Arch) -> None:
    cls: Any = find_dataflow(name)
    choice = cls(**dict.fromkeys(cls.__dataclass_fields__, 1))
    for refused in (lambda: choice.map(LAYER, arch), lambda: cls.space(LAYER, arch)):
        with pytest.raises(LegalityError, match=rf"^{key} of chip {got}\)$"):
            refused()


@pytest.mark.parametrize("name", sorted(SKIPPING))
def test_two_dataflows_can(name: str) -> None:
    cls: Any = find_dataflow(name)
    choice = cls(**dict.fromkeys(cls.__dataclass_fields__, 1))
    for more in ({"sparsity": IN_PES}, {"pe": PE(1, 2)}):
        arch = replace(CHIP, **more)
        assert choice.map(LAYER, arch) and cls.space(LAYER, arch)


# the chip --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", [FC6, fully_connected("FC7", m=4096, c=4096)])
def test_eie_holds_a_fully_connected_layer_of_alexnet_whole(layer: Layer) -> None:
    choice = CompressedColumns(m=4096, b=1, t=1)
    assert len(list(choice.map(layer, EIE).passes())) == 1
    contiguous = replace(choice, b=64)
    assert len(list(contiguous.map(layer, EIE).passes())) == 1
    space = CompressedColumns.space(layer, EIE)
    batch = space.expand(np.arange(len(space.starts()[1])), equal_counts_once=True)
    assert np.ravel(batch.legal & (batch.choice["m"] == 4096)).any()


def test_eie_cannot_hold_it_as_it_is() -> None:
    plain = replace(EIE, sparsity=Sparsity())
    said = refusal(CompressedColumns(m=4096, b=1, t=1), FC6, plain)
    assert said.startswith(f"weight spad: needs {9216 * 64} words, has {256 << 10} ")
