"""What the arithmetic of each datapath costs at 45 nm, from the price table alone; numbers worked by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest

from accelsim.config import build, find, load_yaml
from accelsim.energy import EnergyTable, actions_of, datapath_um2, prices, provenance
from accelsim.energy.access import Area
from accelsim.energy.area import areas
from accelsim.energy.laws import Adder, Lut, Multiplier, Sram
from accelsim.energy.names import ACTIONS, ARITHMETIC, MACHINE
from accelsim.errors import ConfigError
from accelsim.machine import Arch
from accelsim.machine.datapath import (
    AnyDatapath,
    Binary,
    Codebook,
    CodebookProducts,
    CodebookSums,
    FiveLevel,
    Floating,
    Integer,
    LookupTable,
    ProductLut,
    Repeated,
    Ternary,
    Xnor,
)

EYERISS = build(load_yaml(find("arch", "eyeriss")), Arch)
HOROWITZ, HAN, RELATIVE = (
    build(load_yaml(find("energy", name)), EnergyTable)
    for name in ("horowitz_45nm", "han_45nm", "eyeriss_relative")
)
BUSES = ("weight", "ifmap", "psum", "ofmap")

DATAPATHS: dict[str, AnyDatapath] = {
    "int16": Integer(kind="integer"),
    "int8": Integer(kind="integer", ifmap_bits=8, weight_bits=8),
    "odd": Integer(kind="integer", ifmap_bits=4, weight_bits=1, odd_weights=True),
    "fp16": Floating(kind="float", format="float16"),
    "fp32": Floating(kind="float", format="float32"),
    "mixed": Floating(kind="float", format="mixed"),
    "lut4": ProductLut(kind="product_lut", ifmap_bits=4, weight_bits=4),
    "lut8": ProductLut(kind="product_lut", ifmap_bits=8, weight_bits=8),
    "codebook": Codebook(kind="codebook", codebook_bits=4),
    "products": CodebookProducts(kind="codebook_products", codebook_bits=4),
    "sums": CodebookSums(kind="codebook_sums", codebook_bits=4),
    "binary": Binary(kind="binary", ifmap_bits=8),
    "ternary": Ternary(kind="ternary", ifmap_bits=8),
    "five": FiveLevel(kind="five_level", ifmap_bits=8),
    "xnor": Xnor(kind="xnor"),
    "repeated": Repeated(kind="repeated_kernels", ifmap_bits=8),
    "repeated8": Repeated(kind="repeated_kernels", ifmap_bits=8, weight_bits=8),
}


def machine(datapath: str | AnyDatapath, **changes: Any) -> Arch:
    """Eyeriss with another datapath, and buses that carry any word."""
    wide = {bus: replace(getattr(EYERISS.noc, bus), bits_per_cycle=64) for bus in BUSES}
    own = DATAPATHS[datapath] if isinstance(datapath, str) else datapath
    return replace(EYERISS, noc=replace(EYERISS.noc, **wide), datapath=own, **changes)


def unit(datapath: str | AnyDatapath, verb: str, psum_bits: int = 16, table: EnergyTable = HOROWITZ) -> float:
    """The price of one of what a datapath does with psums, in pJ."""
    name = f"mac.{verb}:psum"
    return prices(table, machine(datapath, psum_word_bits=psum_bits), [name])[name]


def per_mac(datapath: str, psum_bits: int = 16) -> float:
    """Energy of a MAC of a datapath that makes them one by one, in pJ."""
    return unit(datapath, DATAPATHS[datapath].verb, psum_bits)


def message(call: Callable[[], object]) -> str:
    with pytest.raises(ConfigError) as caught:
        call()
    return str(caught.value)


def law(name: str) -> Any:
    return HOROWITZ.costs[name]


# what is priced --------------------------------------------------------------------------------------------


def test_every_datapath_is_among_them() -> None:
    assert {type(datapath) for datapath in DATAPATHS.values()} == set(get_args(AnyDatapath))


@pytest.mark.parametrize("name", DATAPATHS)
def test_every_datapath_has_a_price_and_an_area(name: str) -> None:
    arch = machine(name)
    done = actions_of(arch)
    assert set(arch.datapath.actions) <= set(done)
    assert all(energy >= 0 for energy in prices(HOROWITZ, arch, done).values())
    assert all(area.um2 > 0 for area in areas(HOROWITZ, arch).values())


def test_every_action_is_of_some_datapath_or_of_every_machine() -> None:
    done = [set(actions_of(machine(name))) for name in DATAPATHS]
    assert set.union(*done) == set(ACTIONS) == set(HOROWITZ.actions)
    assert set.intersection(*done) == set(MACHINE)
    assert len(set(MACHINE)) + len(set(ARITHMETIC)) == len(ACTIONS)


def test_a_machine_does_what_its_own_datapath_does_and_no_other() -> None:
    def arithmetic(name: str) -> set[str]:
        return set(actions_of(machine(name))) & set(ARITHMETIC)

    multiply_add = {"mac.multiply_add:psum", "mac.overhead:psum", "mac.add:psum"}
    assert arithmetic("int16") == multiply_add
    assert arithmetic("codebook") == multiply_add | {"codec.lookup:weight"}
    flips = {"mac.flip_add:psum", "mac.overhead_flip_add:psum"}
    assert arithmetic("binary") == flips | {"mac.add:psum"}


@pytest.mark.parametrize(
    "name, part", [("lookup_add", "table"), ("multiply_add", "multiplier")], ids=["table", "multiplier"]
)
def test_a_part_that_is_not_there_has_no_price(name: str, part: str) -> None:
    assert message(lambda: unit("binary", name)) == (
        f"datapath must have a {part} for 'mac.{name}:psum' to have a price (got binary)"
    )


# what a MAC costs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, verb, psum_bits, energy",
    [
        ("int8", "multiply_add", 16, 0.2 + 0.05),
        ("int8", "multiply_add", 32, 0.2 + 0.1),
        ("int16", "multiply_add", 16, 0.79 + 0.05),
        ("odd", "multiply_add", 16, 0.2 * 4 * 2 / 64 + 0.05),  # a weight of a bit and a last one
        ("fp16", "multiply_add_fp16", 16, 1.1 + 0.4),
        ("fp16", "overhead_multiply_add_fp16", 16, 1.1 + 0.4),
        ("fp16", "add_fp16", 16, 0.4),
        ("mixed", "multiply_add_mixed", 16, 1.1 + 0.9),
        ("mixed", "add_fp32", 16, 0.9),
        ("fp32", "multiply_add_fp32", 16, 3.7 + 0.9),
        ("binary", "flip_add", 16, 0.03 + 0.05),
        ("binary", "overhead_flip_add", 16, 0.0),
        ("five", "shift_add", 16, 0.0325 + 0.03 + 0.05),  # 9 bits: an eighth of the way from 0.03 to 0.05
        ("five", "overhead_shift_add", 16, 0.0),
        ("xnor", "xnor", 16, 0.03 / 8),
        ("xnor", "popcount", 16, 31 * 0.03 / 8 + 0.05),
        ("xnor", "popcount", 32, 31 * 0.03 / 8 + 0.1),
        ("repeated", "merge", 16, 0.05 + 0.05),
        ("repeated", "merge", 32, 0.1 + 0.1),
        ("repeated8", "multiply_add", 16, 0.2 + 0.05),
        ("sums", "level_add", 32, 0.1),
        ("sums", "scale_add", 16, 0.79 + 0.05),  # a sum of 16 bits by a value of 16
        ("sums", "reused", 16, 0.0),
    ],
)
def test_an_operation_costs_its_parts(name: str, verb: str, psum_bits: int, energy: float) -> None:
    assert unit(name, verb, psum_bits) == pytest.approx(energy, rel=1e-12)


@pytest.mark.parametrize("psum_bits", [16, 32])
def test_wider_words_and_floats_cost_more(psum_bits: int) -> None:
    energies = [per_mac(name, psum_bits) for name in ("int8", "int16", "fp16", "mixed", "fp32")]
    assert energies == sorted(set(energies))


@pytest.mark.parametrize("psum_bits", [16, 32])
def test_weights_of_few_levels_cost_less_than_a_multiplication(psum_bits: int) -> None:
    binary, int8 = per_mac("binary", psum_bits), per_mac("int8", psum_bits)
    third = prices(HOROWITZ, machine("ternary"), ["mac.gated:psum"])["mac.gated:psum"] / 3
    ternary = per_mac("ternary", psum_bits) * 2 / 3 + third  # a third of the weights are zero
    assert ternary < binary < per_mac("five", psum_bits) < int8
    if psum_bits == 16:
        assert ternary == pytest.approx(0.08 * 2 / 3, rel=1e-12)


@pytest.mark.parametrize("ifmap_bits", [1, 2, 8])
def test_a_product_of_signs_costs_less_than_a_flip(ifmap_bits: int) -> None:
    lanes = DATAPATHS["xnor"].lanes
    product = unit("xnor", "xnor") + unit("xnor", "popcount") / lanes
    # 0.00375 + (31 x 0.00375 + 0.05) / 32 = 0.0089453125
    assert product == pytest.approx(0.0089453125, rel=1e-12)
    assert product < unit(Binary(kind="binary", ifmap_bits=ifmap_bits), "flip_add")


@pytest.mark.parametrize("lanes, energy", [(1, 0.05), (2, 0.05375), (64, 0.05 + 63 * 0.00375)])
def test_a_count_takes_a_cell_for_every_lane_but_one(lanes: int, energy: float) -> None:
    assert unit(Xnor(kind="xnor", lanes=lanes), "popcount") == pytest.approx(energy, rel=1e-12)


# tables ----------------------------------------------------------------------------------------------------


def read(entries: int, bits: int) -> float:
    """Energy of a read of a table, in pJ."""
    lut, sram = law("lut"), law("sram")
    assert isinstance(lut, Lut) and isinstance(sram, Sram)
    return lut.energy_at(LookupTable(entries, bits), sram)


def products(bits: int) -> tuple[float, float]:
    """A read of the table of all products of *bits* by *bits*, and their multiplication, in pJ."""
    multiplier = law("multiply")
    assert isinstance(multiplier, Multiplier)
    return read(1 << 2 * bits, 2 * bits), multiplier.energy_at(bits, bits)


@pytest.mark.parametrize(
    "entries, bits, energy",
    [
        (8192, 8, 1.25),  # 8 KiB: 10 pJ for 64 bits
        (2048, 8, 0.625),  # a quarter of it: half
        (32, 8, 1.25 / 16),  # 32 bytes: a 256th
        (1024, 64, 10.0),
        (4096, 64, 20.0),  # the points of the SRAM, larger
        (131072, 64, 100.0),
        (2048, 64, 10 * 2**0.5),  # 16 KiB: half way in logarithms
    ],
)
def test_a_table_is_an_sram_that_goes_on_below(entries: int, bits: int, energy: float) -> None:
    assert read(entries, bits) == pytest.approx(energy, rel=1e-12)


def test_a_table_of_328_bytes_costs_what_the_register_file_of_han_does() -> None:
    # 1 pJ for 32 bits: 5 pJ x sqrt(bytes / 8192) = 1 pJ at 8192 / 25 = 327.68 bytes
    assert read(81, 32) < HAN.costs["rf"].energy < read(82, 32)  # type: ignore[union-attr]
    # Chen, Emer, Sze, ISCA 2016, Table IV: a register file of 0.5 kB; 5 x sqrt(512 / 8192) = 1.25 pJ
    assert read(128, 32) == pytest.approx(1.25, rel=1e-12)


@pytest.mark.parametrize(
    "bits, table, product",
    [
        # 10 pJ x 2k/64 x sqrt(4**k x 2k / 8 / 8192), against 0.2 pJ x k**2 / 64 up to 8 bits
        (1, 10 / 32 / 8192**0.5, 0.003125),
        (2, 10 / 16 / 1024**0.5, 0.0125),
        (4, 10 / 8 / 32**0.5, 0.05),
        (8, 5 * 5 ** (2 / 5), 0.2),  # 128 KiB: two fifths of the way from 32 KiB, 5 pJ, to 1 MiB, 25 pJ
    ],
)
def test_a_table_of_all_products_by_hand(bits: int, table: float, product: float) -> None:
    assert products(bits) == pytest.approx((table, product), rel=1e-12)


def test_a_table_of_all_products_never_costs_less_than_the_multiplier_and_ever_more_beyond() -> None:
    ratios = [table / product for table, product in map(products, range(1, 11))]
    assert ratios[0] > 1
    assert ratios == sorted(ratios)


def test_a_table_of_products_by_code_costs_less_than_a_16_bit_multiplication() -> None:
    # 16 products of 32 bits, 64 bytes: 5 pJ x sqrt(64 / 8192) = 5 / sqrt(128), and 0.05 pJ to add
    looked = unit("products", "lookup_add")
    assert looked == pytest.approx(5 / 128**0.5 + 0.05, rel=1e-12)
    assert looked < unit("int16", "multiply_add")
    assert unit("products", "tabulate") == pytest.approx(0.79 + 5 / 128**0.5, rel=1e-12)


def test_a_table_of_products_by_code_pays_for_itself_from_57_filters_on() -> None:
    # a word: 16 x (0.79 + 0.4419) to tabulate; a filter saves 0.79 - 0.4419 = 0.3481; 19.711 / 0.3481 = 56.6
    tabulated = 16 * unit("products", "tabulate")

    def saved(filters: int) -> float:
        return filters * (unit("int16", "multiply_add") - unit("products", "lookup_add"))

    assert saved(56) < tabulated < saved(57)


def test_a_code_is_looked_up_in_a_table_of_its_values() -> None:
    name, arch = "codec.lookup:weight", machine("codebook")
    # 16 values of 16 bits, 32 bytes: 2.5 pJ x sqrt(32 / 8192)
    assert prices(HOROWITZ, arch, [name])[name] == pytest.approx(2.5 / 16, rel=1e-12)
    assert prices(HAN, arch, [name])[name] == pytest.approx(0.5, rel=1e-12)  # a register file word of 16 bits


def test_values_wider_than_the_words_of_the_machine_take_a_larger_table() -> None:
    wide = Codebook(kind="codebook", codebook_bits=4, value_bits=32)
    name = "codec.lookup:weight"
    assert prices(HOROWITZ, machine(wide), [name])[name] == pytest.approx(5 / 128**0.5, rel=1e-12)


# whose number it is ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, psum_bits, said",
    [
        ("int8", 16, "published"),
        ("int8", 24, "derived"),
        ("int16", 16, "derived"),
        ("odd", 16, "derived"),
        ("fp16", 16, "published"),
        ("mixed", 16, "derived"),
        ("fp32", 16, "published"),
        ("lut4", 16, "derived"),
        ("binary", 16, "derived"),
        ("five", 16, "derived"),
        ("xnor", 16, "derived"),
    ],
)
def test_a_mac_is_published_where_its_parts_are(name: str, psum_bits: int, said: str) -> None:
    verb = f"mac.{DATAPATHS[name].verb}:psum"
    assert provenance(HOROWITZ, machine(name, psum_word_bits=psum_bits), [verb]) == {verb: said}


def test_a_product_of_unequal_words_is_derived_even_with_the_cells_of_a_published_one() -> None:
    skewed = Integer(kind="integer", ifmap_bits=32, weight_bits=2)  # 64 cells, as 8 by 8
    assert unit(skewed, "multiply_add") == pytest.approx(0.2 + 0.05, rel=1e-12)
    assert provenance(HOROWITZ, machine(skewed), ["mac.multiply_add:psum"]) == {
        "mac.multiply_add:psum": "derived"
    }
    assert areas(HOROWITZ, machine(skewed))["multiply"] == Area(282, "derived")


# other tables ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fp16", "mixed", "lut4", "products"])
def test_han_prices_no_product_table_and_no_half_float(name: str) -> None:
    action = DATAPATHS[name].actions[0]
    assert message(lambda: prices(HAN, machine(name), actions_of(machine(name)))) == (
        f"energy table 'han_45nm' must price {action!r} (it has no such action)"
    )


def test_han_prices_all_others() -> None:
    # 0.1 pJ for 32 bits: 0.025 for 8, 0.05 for 16
    assert unit("binary", "flip_add", table=HAN) == pytest.approx(0.075, rel=1e-12)
    assert unit("fp32", "multiply_add_fp32", table=HAN) == pytest.approx(4.6, rel=1e-12)
    rest = set(DATAPATHS) - {"fp16", "mixed", "lut4", "lut8", "products"}
    assert all(prices(HAN, machine(name), actions_of(machine(name))) for name in rest)


@pytest.mark.parametrize("name", DATAPATHS)
def test_the_relative_table_prices_integer_macs_only(name: str) -> None:
    arch = machine(name)
    if arch.datapath.kind in ("integer", "codebook"):
        assert unit(name, "multiply_add", table=RELATIVE) == 1.0
    else:
        said = message(lambda: prices(RELATIVE, arch, actions_of(arch)))
        assert said.startswith("energy table 'eyeriss_relative' must price 'mac.")


# areas -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, parts",
    [
        ("int8", {"multiply": Area(282, "published"), "add": Area(67, "published")}),
        (
            "int16",
            {"multiply": Area((282 * 3495) ** 0.5, "derived"), "add": Area(67, "published")},
        ),
        ("fp16", {"multiply_fp16": Area(1640, "published"), "add_fp16": Area(1360, "published")}),
        ("mixed", {"multiply_fp16": Area(1640, "derived"), "add_fp32": Area(4184, "published")}),
        ("fp32", {"multiply_fp32": Area(7700, "published"), "add_fp32": Area(4184, "published")}),
        ("lut4", {"lut": Area(0.481 * 2048, "derived"), "add": Area(67, "published")}),
        ("binary", {"flip": Area(36, "derived"), "add": Area(67, "published")}),
        (
            "five",  # 9 bits: 36 and an eighth of the way to 67
            {
                "shift": Area(39.875, "derived"),
                "flip": Area(36, "derived"),
                "add": Area(67, "published"),
            },
        ),
        (
            "xnor",  # 4.5 um2 a bit
            {
                "xnor": Area(144, "derived"),
                "popcount": Area(139.5, "derived"),
                "add": Area(67, "published"),
            },
        ),
        (
            "products",
            {
                "lut": Area(0.481 * 512, "derived"),
                "add": Area(67, "published"),
                "multiply": Area((282 * 3495) ** 0.5, "derived"),
            },
        ),
        (
            "codebook",
            {
                "lut": Area(0.481 * 256, "derived"),
                "add": Area(67, "published"),
                "multiply": Area((282 * 3495) ** 0.5, "derived"),
            },
        ),
    ],
)
def test_a_datapath_takes_the_area_of_its_parts(name: str, parts: dict[str, Area]) -> None:
    found = areas(HOROWITZ, machine(name))
    assert {part: area.provenance for part, area in found.items()} == {
        part: area.provenance for part, area in parts.items()
    }
    assert {part: area.um2 for part, area in found.items()} == pytest.approx(
        {part: area.um2 for part, area in parts.items()}, rel=1e-12
    )


def test_an_adder_between_and_beyond_the_published_ones() -> None:
    adder = law("add")
    assert isinstance(adder, Adder)
    assert [adder.area_at(bits) for bits in (4, 8, 12, 24, 64)] == [18, 36, 51.5, 102, 274]


def test_a_multiplier_of_words_beyond_the_published_ones() -> None:
    multiplier = law("multiply")
    assert isinstance(multiplier, Multiplier)
    assert multiplier.area_at(4, 4) == 282 / 4
    assert multiplier.area_at(32, 64) == 3495 * 2
    assert multiplier.energy_at(32, 64) == 3.1 * 2


def test_the_density_of_tables_is_that_of_a_pe_of_eie() -> None:
    """Han et al., EIE, ISCA 2016, Table II: a PE of 638,024 um2, with 162 KB of SRAM."""
    lut = law("lut")
    assert isinstance(lut, Lut)
    assert lut.area_um2_per_bit == pytest.approx(638_024 / (162 * 1024 * 8), abs=5e-4)


def test_a_table_of_4_bit_products_is_14_times_as_large_as_their_multiplier() -> None:
    table = areas(HOROWITZ, machine("lut4"))["lut"].um2
    int4 = Integer(kind="integer", ifmap_bits=4, weight_bits=4)
    # 985.1 um2 to 70.5 um2
    assert 13.9 < table / areas(HOROWITZ, machine(int4))["multiply"].um2 < 14.0


def test_a_pe_of_several_macs_a_cycle_has_as_many_of_each_part() -> None:
    one, four = (machine("int8", pe=replace(EYERISS.pe, macs_per_cycle=macs)) for macs in (1, 4))
    assert areas(HOROWITZ, four) == {
        part: Area(4 * area.um2, "derived") for part, area in areas(HOROWITZ, one).items()
    }


@pytest.mark.parametrize("table", [HAN, RELATIVE], ids=["han", "relative"])
def test_a_table_without_areas_gives_none(table: EnergyTable) -> None:
    assert areas(table, machine("int16")) is datapath_um2(table, machine("int16")) is None


def test_a_datapath_is_as_large_as_its_parts() -> None:
    # a multiplier of 282 um2, and an adder of 16 bits
    assert datapath_um2(HOROWITZ, machine("int8")) == 282 + 67
