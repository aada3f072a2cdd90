"""Every datapath in one PE of row stationary: schedules and counts worked by hand."""

from typing import Any

import numpy as np
import pytest

from accelsim.engines.fast import layer as fast
from accelsim.engines.reference import simulate
from accelsim.engines.timing import Outcome
from accelsim.machine import PE, Arch, Sparsity
from accelsim.machine.datapath import (
    Binary,
    Codebook,
    CodebookProducts,
    CodebookSums,
    ProductLut,
    Repeated,
    Ternary,
    Xnor,
)
from accelsim.machine.sparsity import Skip
from accelsim.network.convolution import reference_ofmap
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from tests.unit.engines.test_skipping import BETWEEN, of
from tests.unit.small_machine import causes_of, chip, row_stationary


def one_pe(layer: Layer, ifmap: Any, weight: Any, arch: Arch) -> Outcome:
    """All filters and channels of *layer*, of one filter row, in one PE; the ofmap is checked."""
    values = of(layer, ifmap, weight)
    mapping = row_stationary(layer, m=layer.m, p=layer.m, q=layer.c)
    outcome = simulate(make_program(mapping, arch, values), values)
    expected = reference_ofmap(layer, np.reshape(ifmap, layer.ifmap_shape), values.weight)
    np.testing.assert_array_equal(outcome.ofmap, expected)
    return outcome


def one_column(ifmap: list[int], columns: list[list[int]], arch: Arch) -> Outcome:
    """A word of every channel, and for it a *column* of a weight per filter."""
    layer = Layer("one column", m=len(columns[0]), c=len(ifmap), h=1, w=1, r=1, s=1)
    return one_pe(layer, ifmap, np.array(columns).T, arch)


def passed(*, ifmap: int, weight: int, psum: int) -> dict[str, int]:
    """What is counted of so many words on their only way through the chip, whatever the PE makes of them."""
    inwards = ("dram.read", "glb.write", "glb.read", "noc.deliver", "rf.write")
    outwards = ("mac.add", "noc.collect", "glb.write", "glb.read", "dram.write")
    counts = {f"{action}:ifmap": ifmap for action in inwards}
    counts |= {f"{action}:weight": weight for action in inwards}
    return counts | {f"{action}:psum": psum for action in outwards}


def in_registers(*, ifmap: int, weight: int, psum: int) -> dict[str, int]:
    """Words read for MACs; as many psums are written."""
    counts = {"rf.read:ifmap": ifmap, "rf.read:weight": weight, "rf.read:psum": psum, "rf.write:psum": psum}
    return {name: count for name, count in counts.items() if count}


def of_one_step(**cycles: int) -> dict[str, int]:
    """The causes of a PE with one step: *cycles*, and the end in the pipeline and on the bus."""
    return {name.replace("__", "."): n for name, n in cycles.items()} | {"busy.pipeline": 2, "idle": 1}


BOOK = [[1, -2, 1], [3, 3, 6]]
"""Two columns of three filters with four values."""


@pytest.mark.parametrize("width, mac, tabulated", [(1, 6, 8), (2, 4, 4)])
def test_products_of_a_codebook_are_tabulated_for_every_word(width: int, mac: int, tabulated: int) -> None:
    """Six weights of 2 bits move at 0 and are usable at 1; ifmap words are at 1 and 2.

    Each of the 2 words takes 3 look-ups and 4 products, one or two a cycle: 2 x 3 and 2 x 4 cycles, or
    2 x ceil(3 / 2) and 2 x 4 / 2. Then 3 accumulations. The table of four values of 16 bits comes with the
    weights: 6 x 2 + 4 x 16 = 76 bits, of which a weight takes 2.
    """
    arch = chip(
        datapath=CodebookProducts(kind="codebook_products", codebook_bits=2), pe=PE(macs_per_cycle=width)
    )
    outcome = one_column([5, 7], BOOK, arch)
    assert outcome.cycles == 2 + mac + tabulated + 3 - 1 + BETWEEN
    assert causes_of(outcome, 0) == of_one_step(
        no_weight__bus=1, no_ifmap__bus=1, busy__mac=mac, busy__overhead=tabulated, busy__accumulate=3
    )
    made = {"mac.lookup_add:psum": 6, "mac.tabulate:psum": 2 * 4, "dram.read:weight": 38}
    read = in_registers(ifmap=2, weight=6, psum=6)
    assert outcome.actions == passed(ifmap=2, weight=6, psum=3) | read | made
    assert outcome.dense_dram["dram.read:weight"] == 6


@pytest.mark.parametrize("engine", [simulate, fast.simulate])
def test_the_table_of_a_codebook_is_read_once_a_layer(engine: Any) -> None:
    """Two strips of two filters: weights come for each of four passes, those of the first pass twice.

    A weight is a code of 2 bits, the table four values of 16: 2 + 4 x 16 = 66 bits, then 2, 2 and 2.
    """
    layer = Layer("two strips", m=2, c=1, h=4, w=1, r=1, s=1)
    arch = chip(datapath=Codebook(kind="codebook", codebook_bits=2))
    program = make_program(row_stationary(layer, m=2, p=1, e=2), arch)
    assert [job.work.tile.m.start for job in program.jobs if job.new_weights] == [0, 1, 0, 1]
    values = of(layer, np.arange(4), np.array([1, -2]))
    for operands in (values, None):
        outcome = engine(program, operands)
        assert outcome.actions["dram.read:weight"] == 33 + 1 + 1 + 1
        assert outcome.dense_dram["dram.read:weight"] == 4


def test_sums_of_a_codebook_are_multiplied_once_per_psum() -> None:
    """From 2 on 2 x 3 additions to sums, then 3 psums x 4 values multiplied, then 3 accumulations.

    A sum is read and written for every addition, and read and cleared where it is multiplied.
    """
    arch = chip(datapath=CodebookSums(kind="codebook_sums", codebook_bits=2))
    outcome = one_column([5, 7], BOOK, arch)
    assert outcome.cycles == 2 + 6 + 12 + 3 - 1 + BETWEEN
    assert causes_of(outcome, 0) == of_one_step(
        no_weight__bus=1, no_ifmap__bus=1, busy__mac=6, busy__overhead=12, busy__accumulate=3
    )
    made = {"mac.level_add:psum": 6, "mac.scale_add:psum": 12, "dram.read:weight": 38}
    read = in_registers(ifmap=6, weight=6, psum=6 + 12)
    assert outcome.actions == passed(ifmap=2, weight=6, psum=3) | read | made


def test_xnor_masks_padding_and_the_lanes_past_the_window() -> None:
    """Two channels of three taps, the first on padding, in four lanes: two goes a filter, two filters.

    6 ifmap words and 12 weights of a bit move at 0; 4 cycles from 1 on, then 2 accumulations. The window is
    0 + - 0 | - -. With + + - + | - + the goes give 2 x 2 - 2 and 2 x 1 - 2, with - - - - | + - twice
    2 x 1 - 2. Padding gates nothing here.
    """
    layer = Layer("padded", m=2, c=2, h=1, w=2, r=1, s=3, pad=(0, 0, 1, 0))
    arch = chip(datapath=Xnor(kind="xnor", lanes=4), sparsity=Sparsity(gate="ifmap"))
    outcome = one_pe(layer, [1, -1, -1, -1], [1, 1, -1, 1, -1, 1, -1, -1, -1, -1, 1, -1], arch)
    assert outcome.ofmap is not None
    assert outcome.ofmap.ravel().tolist() == [2 + 0, 0 + 0]
    assert outcome.cycles == 1 + 4 + 2 - 1 + BETWEEN
    assert causes_of(outcome, 0) == of_one_step(no_weight__bus=1, busy__mac=4, busy__accumulate=2)
    made = {"mac.xnor:psum": 12, "mac.popcount:psum": 4}
    read = in_registers(ifmap=12, weight=12, psum=4)
    assert outcome.actions == passed(ifmap=6, weight=12, psum=2) | read | made


def test_a_kernel_that_repeats_but_for_its_sign_is_computed_once() -> None:
    """Four filters of three signs, of which the second is the negative of the first: three kernels.

    12 weights of a bit move at 0; ifmap words are at 1, 2 and 3. From 3 on 3 kernels x 3 taps, then 4 merges,
    one per filter, then 4 accumulations. The zero in the window gates a MAC of each kernel that is computed.
    """
    layer = Layer("repeated", m=4, c=1, h=1, w=3, r=1, s=3)
    arch = chip(datapath=Repeated(kind="repeated_kernels"), sparsity=Sparsity(gate="ifmap"))
    kernels = [[1, 1, -1], [-1, -1, 1], [1, -1, 1], [1, 1, 1]]
    outcome = one_pe(layer, [5, 0, 7], kernels, arch)
    assert outcome.ofmap is not None
    assert outcome.ofmap.ravel().tolist() == [-2, 2, 12, 12]
    assert outcome.cycles == 3 + 9 + 4 + 4 - 1 + BETWEEN
    assert causes_of(outcome, 0) == of_one_step(
        no_weight__bus=1, no_ifmap__bus=2, busy__mac=9, busy__overhead=4, busy__accumulate=4
    )
    made = {"mac.flip_add:psum": 6, "mac.gated:psum": 3, "mac.reused:psum": 3, "mac.merge:psum": 4}
    read = in_registers(ifmap=9, weight=6, psum=4) | {"rf.gated_read:weight": 3}
    assert outcome.actions == passed(ifmap=3, weight=12, psum=4) | read | made


TERNARY = Ternary(kind="ternary")
SIGNS = [[1, 0, -1], [0, 0, 1]]
"""Two columns of three filters; half of the weights do nothing."""


@pytest.mark.parametrize(
    "skip, mac, made",
    [
        ("none", 6, {"mac.flip_add:psum": 3, "mac.gated:psum": 3}),
        ("weight", 3, {"mac.flip_add:psum": 3, "mac.skipped:psum": 3}),
    ],
)
def test_a_zero_that_does_nothing_is_read_for_a_gated_mac_or_skipped(
    skip: Skip, mac: int, made: dict[str, int]
) -> None:
    """Six weights of 2 bits move at 0, ifmap words are at 1 and 2; a cycle for each MAC not skipped."""
    outcome = one_column([5, 7], SIGNS, chip(datapath=TERNARY, sparsity=Sparsity(skip=skip)))
    assert outcome.cycles == 2 + mac + 3 - 1 + BETWEEN
    assert causes_of(outcome, 0) == of_one_step(
        no_weight__bus=1, no_ifmap__bus=1, busy__mac=mac, busy__accumulate=3
    )
    read = in_registers(ifmap=mac, weight=mac, psum=mac)
    assert outcome.actions == passed(ifmap=2, weight=6, psum=3) | read | made


def test_a_zero_that_meets_a_zero_is_gated_once() -> None:
    """The 5 meets one weight that does nothing; the zero gates its three MACs, whatever their weights."""
    outcome = one_column([5, 0], SIGNS, chip(datapath=TERNARY, sparsity=Sparsity(gate="ifmap")))
    made = {"mac.flip_add:psum": 2, "mac.gated:psum": 1 + 3}
    read = in_registers(ifmap=6, weight=3, psum=6) | {"rf.gated_read:weight": 3}
    assert outcome.actions == passed(ifmap=2, weight=6, psum=3) | read | made


def test_products_are_read_from_a_table() -> None:
    """Six weights of 4 bits move at 0 and 1, usable at 2, three ifmap words of 4 bits at 0; 6 look-ups."""
    arch = chip(datapath=ProductLut(kind="product_lut", ifmap_bits=4, weight_bits=4))
    outcome = one_column([-8, 7, 3], [[-8, 7], [1, -1], [2, 3]], arch)
    assert outcome.ofmap is not None
    assert outcome.ofmap.ravel().tolist() == [64 + 7 + 6, -56 - 7 + 9]
    assert outcome.cycles == 2 + 6 + 2 - 1 + BETWEEN
    assert causes_of(outcome, 0) == of_one_step(no_weight__bus=2, busy__mac=6, busy__accumulate=2)
    read = in_registers(ifmap=6, weight=6, psum=6)
    assert outcome.actions == passed(ifmap=3, weight=6, psum=2) | read | {"mac.lookup_add:psum": 6}


@pytest.mark.parametrize("packing, usable", [("packed", 1), ("word", 3)])
def test_bits_lie_side_by_side_on_the_bus_or_each_in_a_word(packing: Any, usable: int) -> None:
    """Three weights of a bit on a bus of a word: in one cycle, or in three; in DRAM they are three words."""
    outcome = one_column([5], [[1, -1, 1]], chip(datapath=Binary(kind="binary", packing=packing)))
    assert causes_of(outcome, 0)["no_weight.bus"] == usable
    assert outcome.actions["dram.read:weight"] == 3
    assert outcome.actions["mac.flip_add:psum"] == 3


def test_ofmap_words_in_dram_have_a_width_of_their_own() -> None:
    assert one_column([5], [[1, 2, 3]], chip(ofmap_word_bits=5)).actions["dram.write:psum"] == 3
