"""Prices: published figures as they stand, laws between them, sums that lose nothing."""

from collections.abc import Callable
from dataclasses import replace
from math import log

import pytest

import accelsim
from accelsim.config import build, find, load_yaml
from accelsim.energy import EnergyTable, actions_of, by_component, by_operand, price, prices, provenance
from accelsim.energy.laws import Adder, Cells, Fixed, Gates, Lut, Multiplier, Ratio, RegisterFile, Sram
from accelsim.energy.laws.arithmetic import Width
from accelsim.energy.laws.memories import SramPoint
from accelsim.energy.table import Free
from accelsim.errors import ConfigError
from accelsim.machine import Arch, Banks, Formats, NoRF, PooledRF, Sparsity, SplitRF, Storage
from accelsim.machine.datapath import Codebook
from accelsim.machine.formats import Csc
from accelsim.report.caption import caption

WORD = Width(16, 0.05, "published")
ADD = Adder("add", "here", (WORD,), "adder")
FLIP = Gates("flip", "here", "gates", "add", "ifmap")
COUNT = Cells("count", "here", "cells", "add", "count")
LUT = Lut("read", "here", "lut", "sram", 1.0)
TWICE = Ratio("hop", "here", "ratio", "published", of="add", ratio=2.0)
SMALL = RegisterFile(
    "read", "here", "published", 1.0, 32, "register_file", up_to_bytes=8 << 10, beyond="sram"
)


@pytest.fixture
def eyeriss() -> Arch:
    return build(load_yaml(find("arch", "eyeriss")), Arch)


@pytest.fixture
def horowitz() -> EnergyTable:
    return build(load_yaml(find("energy", "horowitz_45nm")), EnergyTable)


def sram(*points: tuple[int, float]) -> Sram:
    return Sram("read", "here", "sram", "published", 64, tuple(SramPoint(*point) for point in points))


HOROWITZ = sram((8 << 10, 10.0), (32 << 10, 20.0), (1 << 20, 100.0))


def message(call: Callable[[], object]) -> str:
    with pytest.raises(ConfigError) as caught:
        call()
    return str(caught.value)


# laws ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, action, energy",
    [
        ("horowitz_45nm", "mac.multiply_add:psum", 0.79 + 0.05),
        ("horowitz_45nm", "mac.add:psum", 0.05),
        ("horowitz_45nm", "mac.overhead:psum", 0.79 + 0.05),
        ("horowitz_45nm", "mac.skipped:psum", 0.0),
        ("horowitz_45nm", "codec.decode:weight", 0.03),
        ("horowitz_45nm", "codec.encode:psum", 0.03),
        ("horowitz_45nm", "rf.read:ifmap", 0.5),
        ("horowitz_45nm", "noc.hop:psum", 1.0),
        ("horowitz_45nm", "noc.hop:ifmap", 1.0),
        ("horowitz_45nm", "noc.hop:weight", 1.0),
        ("horowitz_45nm", "noc.wire:weight", 1.0),
        ("horowitz_45nm", "glb.read:weight", 2.5),
        ("horowitz_45nm", "dram.read:weight", 325.0),
        ("han_45nm", "mac.multiply_add:psum", 0.775 + 0.05),
        ("han_45nm", "rf.write:psum", 0.5),
        ("han_45nm", "glb.read:psum", 2.5),
        ("han_45nm", "dram.write:psum", 320.0),
        ("eyeriss_relative", "mac.multiply_add:psum", 1.0),
        ("eyeriss_relative", "mac.overhead:psum", 1.0),
        ("eyeriss_relative", "codec.decode:ifmap", 0.0),
        ("eyeriss_relative", "rf.read:weight", 1.0),
        ("eyeriss_relative", "noc.deliver:ifmap", 2.0),
        ("eyeriss_relative", "noc.hop:ifmap", 2.0),
        ("eyeriss_relative", "noc.hop:weight", 2.0),
        ("eyeriss_relative", "noc.wire:weight", 0.0),
        ("eyeriss_relative", "glb.read:ifmap", 6.0),
        ("eyeriss_relative", "glb.read:weight", 6.0),
        ("eyeriss_relative", "dram.read:ifmap", 200.0),
    ],
)
def test_a_16_bit_word_costs_what_the_source_says(
    eyeriss: Arch, name: str, action: str, energy: float
) -> None:
    table = build(load_yaml(find("energy", name)), EnergyTable)
    assert prices(table, eyeriss, [action])[action] == pytest.approx(energy, rel=1e-12)


@pytest.mark.parametrize(
    "word_bits, psum_word_bits, action, energy",
    [
        (8, 16, "mac.multiply_add:psum", 0.2 + 0.05),
        (16, 32, "mac.multiply_add:psum", 0.79 + 0.1),
        (16, 24, "mac.add:psum", 0.075),  # half way between 16 and 32 bits
        (16, 48, "mac.add:psum", 0.15),
        (4, 4, "mac.multiply_add:psum", 0.05 + 0.015),  # a quarter of the cells, half of the bits
        (8, 32, "mac.add:psum", 0.1),
        (8, 32, "rf.read:weight", 0.25),
        (8, 32, "rf.read:psum", 1.0),
        (8, 32, "noc.hop:psum", 2.0),
        (8, 32, "noc.deliver:ifmap", 0.5),
        (8, 32, "noc.hop:weight", 0.5),
        (8, 32, "glb.read:weight", 1.25),
        (8, 32, "codec.decode:weight", 0.03),
        (8, 32, "dram.write:psum", 650.0),
    ],
)
def test_a_price_follows_the_width_of_its_word(
    eyeriss: Arch,
    horowitz: EnergyTable,
    word_bits: int,
    psum_word_bits: int,
    action: str,
    energy: float,
) -> None:
    arch = replace(eyeriss, word_bits=word_bits, psum_word_bits=psum_word_bits)
    assert prices(horowitz, arch, [action])[action] == pytest.approx(energy, rel=1e-12)


def test_the_relative_table_has_one_price_for_every_width(eyeriss: Arch) -> None:
    table = build(load_yaml(find("energy", "eyeriss_relative")), EnergyTable)
    wide = replace(eyeriss, psum_word_bits=32)
    done = actions_of(eyeriss)
    assert prices(table, wide, done) == prices(table, eyeriss, done)


def test_an_ofmap_in_dram_has_a_width_of_its_own(eyeriss: Arch, horowitz: EnergyTable) -> None:
    arch = replace(eyeriss, psum_word_bits=32, ofmap_word_bits=8)
    names = ["dram.write:psum", "glb.write:psum"]
    assert list(prices(horowitz, arch, names).values()) == pytest.approx(
        [1300 * 8 / 64, HOROWITZ.energy_at(arch.buffer.bytes) / 2], rel=1e-12
    )


@pytest.mark.parametrize(
    "capacity_bytes, energy",
    [
        (1, 10.0),
        (8 << 10, 10.0),
        (16 << 10, 10 * 2**0.5),  # half way in log capacity, half way in log energy
        (32 << 10, 20.0),
        (1 << 20, 100.0),
        (32 << 20, 500.0),  # the last law goes on: 32 times the capacity, 5 times the energy
    ],
)
def test_sram_is_log_log_between_points_clamped_below_and_goes_on_above(
    capacity_bytes: int, energy: float
) -> None:
    assert HOROWITZ.energy_at(capacity_bytes) == pytest.approx(energy, rel=1e-12)


def test_a_bigger_sram_is_never_cheaper() -> None:
    energies = [HOROWITZ.energy_at(1 << power) for power in range(28)]
    assert energies == sorted(energies)


@pytest.mark.parametrize("capacity_bytes", [1, 32 << 10, 1 << 30])
def test_a_single_point_is_the_price_at_every_size(capacity_bytes: int) -> None:
    assert sram((32 << 10, 5.0)).energy_at(capacity_bytes) == 5.0


def test_weights_cost_the_filter_glb_and_the_rest_the_glb(eyeriss: Arch, horowitz: EnergyTable) -> None:
    names = ["glb.read:ifmap", "glb.read:psum", "glb.read:weight"]
    big = replace(eyeriss, glb=replace(eyeriss.glb, bank_bytes=8 << 10))
    before, after = (list(prices(horowitz, arch, names).values()) for arch in (eyeriss, big))
    assert [a > b for a, b in zip(after, before, strict=True)] == [True, True, False]


def test_the_glb_is_priced_by_its_size_or_by_that_of_a_bank(eyeriss: Arch, horowitz: EnergyTable) -> None:
    """100 KiB in 25 banks, words of 16 bits. Horowitz: 64 bits of 8, 32, 1024 KiB cost 10, 20, 100 pJ."""
    growth = log(100 / 20) / log(1024 / 32)
    of = {size: 20 * (size / 32) ** growth * 16 / 64 for size in (100, 40)}
    words = ("glb.read:ifmap", "glb.write:ifmap", "glb.read:psum", "glb.write:psum")
    banked = replace(horowitz, glb_as="banks")
    assert prices(horowitz, eyeriss, words) == pytest.approx(dict.fromkeys(words, of[100]))
    assert prices(banked, eyeriss, words) == dict.fromkeys(words, 10 * 16 / 64)
    assert of[100] / (10 * 16 / 64) == pytest.approx(3.4, abs=0.01)
    large = replace(eyeriss, glb=Banks(2, 40 << 10), filter_glb=Banks(4, 40 << 10))
    words += ("glb.read:weight", "glb.write:weight")
    assert prices(banked, large, words) == pytest.approx(dict.fromkeys(words, of[40]))
    others = [name for name in actions_of(large) if not name.startswith("glb.")]
    assert prices(banked, large, others) == prices(horowitz, large, others)


def test_what_the_glb_is_priced_as_is_part_of_a_run() -> None:
    changes = {"arch__dram": "ideal", "layers": ["C1"], "energy__glb_as": "banks"}
    result = accelsim.load("eyeriss_lenet5", **changes).run()
    assert result.config["energy"]["glb_as"] == "banks"
    words = " ".join(caption(result).split())
    assert "Prices of horowitz_45nm (GLB as banks)" in words
    assert "GLB 2.5," in words


@pytest.mark.parametrize("table", ["han_45nm", "eyeriss_relative"])
def test_a_table_without_sizes_cannot_price_banks(table: str) -> None:
    read = load_yaml(find("energy", table)).with_overrides({"glb_as": "banks"})
    why = "glb_as: banks needs a price of the GLB by its size, an sram of several points"
    assert message(lambda: build(read, EnergyTable)) == f"override glb_as: {why}"


def test_weights_that_share_the_glb_cost_what_ifmap_words_do(eyeriss: Arch, horowitz: EnergyTable) -> None:
    names = ["glb.read:ifmap", "glb.write:ifmap", "glb.read:weight", "glb.write:weight"]
    apart, shared = (prices(horowitz, replace(eyeriss, filter_glb=f), names) for f in (Banks(2, 4096), "glb"))
    assert len(set(shared.values())) == 1
    assert apart["glb.read:weight"] < shared["glb.read:weight"]


def test_weights_have_a_price_wherever_they_are_held(eyeriss: Arch) -> None:
    held = ("glb.read:weight", "glb.write:weight")
    for filter_glb, said in ((Banks(2, 4096), held), ("glb", held), (None, ())):
        done = actions_of(replace(eyeriss, filter_glb=filter_glb))
        assert set(actions_of(eyeriss)) - set(done) == set(held) - set(said)


@pytest.mark.parametrize("rf", [PooledRF("pooled", 8 << 10), NoRF("none"), SplitRF("split", 1, 8 << 10, 1)])
def test_prices_do_not_depend_on_a_small_register_file(
    eyeriss: Arch, horowitz: EnergyTable, rf: PooledRF | NoRF | SplitRF
) -> None:
    done = actions_of(eyeriss)
    assert prices(horowitz, replace(eyeriss, rf=rf), done) == prices(horowitz, eyeriss, done)


def test_a_large_memory_in_a_pe_costs_what_an_sram_of_its_size_does(
    eyeriss: Arch, horowitz: EnergyTable
) -> None:
    large = replace(eyeriss, rf=SplitRF("split", 24, 32 << 10, (8 << 10) + 1))
    changed = {"rf.read:weight": 5.0, "rf.write:weight": 5.0}
    changed |= dict.fromkeys(["rf.read:psum", "rf.write:psum"], HOROWITZ.energy_at((8 << 10) + 1) / 4)
    before, after = (prices(horowitz, arch, actions_of(arch)) for arch in (eyeriss, large))
    assert after == pytest.approx(before | changed, rel=1e-12)
    assert set(provenance(horowitz, large, changed).values()) == {"derived"}


def test_a_large_pool_costs_that_for_every_operand(eyeriss: Arch, horowitz: EnergyTable) -> None:
    large = replace(eyeriss, rf=PooledRF("pooled", 1 << 20))
    names = ["rf.read:ifmap", "rf.write:weight", "rf.read:psum", "noc.hop:psum"]
    assert list(prices(horowitz, large, names).values()) == [25.0, 25.0, 25.0, 1.0]


@pytest.mark.parametrize(
    "action, bits",
    [
        ("rf.read:weight", 8),
        ("rf.write:weight", 8),
        ("noc.deliver:weight", 16),  # a hop costs twice as much
        ("rf.read:ifmap", 20),
        ("noc.hop:ifmap", 40),
        ("rf.read:psum", 16),
    ],
)
def test_a_word_that_pes_keep_coded_has_its_index_with_it(
    eyeriss: Arch, horowitz: EnergyTable, action: str, bits: int
) -> None:
    coded = Storage(glb=Csc("csc"), spad=Csc("csc"))
    wide = replace(eyeriss.noc, ifmap=replace(eyeriss.noc.ifmap, bits_per_cycle=20))
    sparsity = Sparsity(formats=Formats(ifmap=coded, weight=coded))
    codes = Codebook(kind="codebook", codebook_bits=4)
    arch = replace(eyeriss, noc=wide, sparsity=sparsity, datapath=codes)
    assert prices(horowitz, arch, [action])[action] == pytest.approx(bits / 32, rel=1e-12)


def test_a_memory_keeps_coded_words_in_words_of_its_own(eyeriss: Arch, horowitz: EnergyTable) -> None:
    coded = Sparsity(formats=Formats(weight=Storage(dram=Csc("csc"), glb=Csc("csc"), spad=Csc("csc"))))
    names = ["glb.read:weight", "glb.write:weight", "dram.read:weight"]
    assert prices(horowitz, replace(eyeriss, sparsity=coded), names) == prices(horowitz, eyeriss, names)


# counts times prices ---------------------------------------------------------------------------------------


def test_energy_is_counts_times_prices(eyeriss: Arch, horowitz: EnergyTable) -> None:
    counts = {"rf.read:ifmap": 3, "dram.read:weight": 2, "mac.gated:psum": 7, "glb.read:psum": 0}
    assert price(counts, horowitz, eyeriss) == {
        "rf.read:ifmap": 1.5,
        "dram.read:weight": 650.0,
        "mac.gated:psum": 0.0,
        "glb.read:psum": 0.0,
    }


def test_an_action_without_a_price_is_refused_even_when_it_did_not_happen(
    eyeriss: Arch, horowitz: EnergyTable
) -> None:
    assert message(lambda: price({"lut.read:weight": 0}, horowitz, eyeriss)) == (
        "energy table 'horowitz_45nm' must price 'lut.read:weight' (it has no such action)"
    )


@pytest.mark.parametrize("operand, keys", [("weight", "filter_glb null"), ("ifmap", "ifmap_via_glb false")])
def test_a_memory_that_is_not_there_has_no_price(
    operand: str, keys: str, eyeriss: Arch, horowitz: EnergyTable
) -> None:
    arch, name = replace(eyeriss, filter_glb=None, ifmap_via_glb=False, dram="ideal"), f"glb.read:{operand}"
    key, value = keys.split()
    expected = f"{key} must not be {value} for {name!r} to have a price"
    assert message(lambda: prices(horowitz, arch, [name])) == expected
    assert name not in actions_of(arch)
    assert name in actions_of(eyeriss)


def test_sums_by_component_and_by_operand_lose_nothing(eyeriss: Arch, horowitz: EnergyTable) -> None:
    energy = price({name: 2**i for i, name in enumerate(actions_of(eyeriss))}, horowitz, eyeriss)
    components, operands = by_component(energy), by_operand(energy)
    assert list(components) == ["mac", "codec", "rf", "noc", "glb", "dram"]
    assert list(operands) == ["ifmap", "weight", "psum", "mac"]
    assert sum(components.values()) == pytest.approx(sum(energy.values()), rel=1e-12)
    assert sum(operands.values()) == pytest.approx(sum(energy.values()), rel=1e-12)
    assert components["mac"] == operands["mac"] > 0


def test_sums_by_hand() -> None:
    energy = {"mac.add:psum": 1.0, "rf.read:psum": 2.0, "dram.read:ifmap": 4.0, "lut.read:weight": 8.0}
    energy |= {"codec.encode:psum": 16.0}
    of = {"mac": 1.0, "codec": 16.0, "rf": 2.0, "noc": 0.0, "glb": 0.0, "dram": 4.0, "lut": 8.0}
    assert by_component(energy) == of
    assert by_operand(energy) == {"ifmap": 4.0, "weight": 8.0, "psum": 18.0, "mac": 1.0}


def test_a_price_is_published_only_at_the_published_width_and_size(
    eyeriss: Arch, horowitz: EnergyTable
) -> None:
    names = ["mac.add:psum", "mac.multiply_add:psum", "rf.read:psum", "noc.hop:psum", "glb.read:weight"]
    assert list(provenance(horowitz, eyeriss, names).values()) == ["published"] + ["derived"] * 4
    wide = replace(eyeriss, word_bits=62, psum_word_bits=32, noc=replace(eyeriss.noc, ifmap=eyeriss.noc.psum))
    assert list(provenance(horowitz, wide, names).values()) == [
        "published",
        "derived",
        "published",
        "derived",
        "derived",
    ]
    narrow = replace(eyeriss, word_bits=8, psum_word_bits=8)  # 0.2 and 0.03 pJ, as they stand
    assert provenance(horowitz, narrow, names[1:2]) == {"mac.multiply_add:psum": "published"}


# tables ----------------------------------------------------------------------------------------------------


def table(**changes: object) -> EnergyTable:
    fields: dict[str, object] = {
        "name": "t",
        "node_nm": 45,
        "unit": "pJ",
        "source": "here",
        "costs": {"add": ADD},
        "actions": {"mac.add:psum": ("add",)},
    }
    return EnergyTable(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes, why",
    [
        ({"node_nm": 0}, "node_nm must be at least 1 (got 0)"),
        (
            {"actions": {"mac.add": ("add",)}},
            "actions must be named component.action:operand (got 'mac.add')",
        ),
        (
            {"actions": {"mac.add:psum": ()}},
            "actions.mac.add:psum must name its costs, or say why it is free (got [])",
        ),
        (
            {"actions": {"mac.add:psum": ("ad",)}},
            "actions.mac.add:psum must name a cost of the table: add (got 'ad')",
        ),
        (
            {"actions": {"mac.add:psum": Free("no reason")}},
            "costs.add must be part of an action's price (it is part of none)",
        ),
        (
            {"costs": {"add": ADD, "hop": replace(TWICE, of="rf")}},
            "costs.hop.of must name a cost of the table: add, hop (got 'rf')",
        ),
        (
            {"costs": {"add": TWICE}},
            "costs.add.of must name a cost that is no ratio (got 'add')",
        ),
        (
            {"costs": {"add": ADD, "flip": replace(FLIP, of="sum")}},
            "costs.flip.of must name a cost of the table: add, flip (got 'sum')",
        ),
        (
            {"costs": {"add": replace(FLIP, of="add")}},
            "costs.add.of must name a cost of kind adder (got 'add')",
        ),
        (
            {"costs": {"add": replace(COUNT, of="add")}},
            "costs.add.of must name a cost of kind adder (got 'add')",
        ),
        (
            {"costs": {"add": replace(LUT, beyond="add")}},
            "costs.add.beyond must name a cost of kind sram (got 'add')",
        ),
        (
            {"costs": {"add": LUT}},
            "costs.add.beyond must name a cost of the table: add (got 'sram')",
        ),
        (
            {"costs": {"add": SMALL}},
            "costs.add.beyond must name a cost of the table: add (got 'sram')",
        ),
        (
            {"costs": {"add": replace(SMALL, beyond="add")}},
            "costs.add.beyond must name a cost of kind sram (got 'add')",
        ),
    ],
)
def test_a_table_that_cannot_be_is_refused(changes: dict[str, object], why: str) -> None:
    assert message(lambda: table(**changes)) == why


@pytest.mark.parametrize(
    "make, why",
    [
        (
            lambda: Fixed("m", "here", "published", 0.0, 16, "fixed"),
            "energy must be above 0, or the action say why it is free (got 0.0)",
        ),
        (
            lambda: Fixed("m", "here", "published", 1.0, 16, "fixed", 0.0),
            "area_um2 must be above 0 (got 0.0)",
        ),
        (lambda: replace(WORD, bits=0), "bits must be above 0 (got 0)"),
        (lambda: replace(WORD, energy=0.0), "energy must be above 0 (got 0.0)"),
        (lambda: replace(WORD, area_um2=-1.0), "area_um2 must be above 0 (got -1.0)"),
        (lambda: replace(ADD, points=()), "points must be given in ascending bits (got [])"),
        (
            lambda: Multiplier("m", "here", (WORD, WORD), "multiplier"),
            "points must be given in ascending bits (got [16, 16])",
        ),
        (lambda: replace(LUT, area_um2_per_bit=0.0), "area_um2_per_bit must be above 0 (got 0.0)"),
        (lambda: Fixed("m", "here", "published", 1.0, 0, "fixed"), "bits must be at least 1 (got 0)"),
        (lambda: replace(TWICE, ratio=0.0), "ratio must be above 0 (got 0.0)"),
        (lambda: replace(SMALL, up_to_bytes=0), "up_to_bytes must be at least 1 (got 0)"),
        (lambda: sram(), "points must be given in ascending capacity_bytes (got [])"),
        (lambda: sram((2, 1.0), (1, 2.0)), "points must be given in ascending capacity_bytes (got [2, 1])"),
        (lambda: sram((1, 1.0), (1, 2.0)), "points must be given in ascending capacity_bytes (got [1, 1])"),
        (lambda: replace(HOROWITZ, bits=0), "bits must be at least 1 (got 0)"),
        (lambda: SramPoint(0, 1.0), "capacity_bytes must be above 0 (got 0)"),
        (lambda: SramPoint(1, 0.0), "energy must be above 0 (got 0.0)"),
        (lambda: Free(""), "why must say why the action is free (got '')"),
    ],
)
def test_a_figure_that_cannot_be_is_refused(make: Callable[[], object], why: str) -> None:
    assert message(make) == why
