"""Every datapath by itself: its arithmetic is numpy's; zeros that do nothing, and words side by side."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from accelsim.engines.reference import simulate
from accelsim.engines.timing import Outcome
from accelsim.machine import Sparsity
from accelsim.machine.datapath import AnyDatapath, Binary, Floating, Integer, Ternary, Xnor
from accelsim.machine.datapath.product_lut import products
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from tests.laws.datapath_cases import DATAPATHS, levels
from tests.unit.small_machine import chip, row_stationary

RNG = np.random.default_rng
INTEGERS = {name: datapath for name, datapath in DATAPATHS.items() if not datapath.floating}


def words(datapath: AnyDatapath) -> list[int]:
    """All ifmap words of a narrow *datapath*; of floats two."""
    if isinstance(datapath, (Floating, Xnor)):
        return [-1, 1]
    bits = datapath.widths(16).ifmap
    low = 0 if datapath.unsigned else -(1 << bits - 1)
    return list(range(low, low + (1 << bits)))


@pytest.mark.parametrize("name", INTEGERS)
def test_a_mac_of_every_pair_of_codes_is_a_product_and_a_sum(name: str) -> None:
    datapath = INTEGERS[name]
    for x, w in product(words(datapath), levels(datapath, RNG(0)).tolist()):
        for psum in (0, -1000, 77):
            assert datapath.mac(psum, x, w) == psum + x * w


@pytest.mark.parametrize("name", DATAPATHS)
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 2, 3), (5, 4, 1), (4, 3, 7)], ids=str)
def test_dot_is_numpys(name: str, shape: tuple[int, int, int]) -> None:
    """Floats are small integers here, which no order and no rounding changes; zeros are padding for signs."""
    datapath, rng = DATAPATHS[name], RNG(sum(shape))
    known: Any = np.arange(-2, 3)
    if isinstance(datapath, Floating):
        x, w = (rng.choice(known, size).astype(datapath.word) for size in (shape[1:], shape))
    else:
        x = rng.choice(words(datapath), shape[1:])
        w = rng.choice(levels(datapath, rng), shape)
    x[rng.random(x.shape) < 0.3] = 0
    sums = datapath.dot(x, w)
    assert [float(one) for one in sums] == np.einsum("qs,pqs->p", x, w).astype(float).tolist()


@pytest.mark.parametrize("lanes", [1, 2, 5, 32])
def test_a_product_of_signs_is_twice_the_ones_of_an_xnor_less_the_lanes(lanes: int) -> None:
    """On Python's integers as registers of 12 bits, with a mask that leaves out some."""
    rng = RNG(lanes)
    for _ in range(50):
        a, b, mask = (int(one) for one in rng.integers(0, 1 << 12, 3))
        bit = [[one >> i & 1 for i in range(12)] for one in (a, b, mask)]
        x = np.array([(2 * sign - 1) * real for sign, _, real in zip(*bit, strict=True)])
        w = np.array([2 * sign - 1 for sign in bit[1]])
        (found,) = Xnor(kind="xnor", lanes=lanes).dot(x.reshape(4, 3), w.reshape(1, 4, 3))
        assert found == 2 * (~(a ^ b) & mask).bit_count() - mask.bit_count() == x @ w


@pytest.mark.parametrize("unsigned", [False, True])
def test_the_table_has_the_product_of_two_codes_at_the_address_they_make(unsigned: bool) -> None:
    """Weights of 2 bits above ifmap words of 3; 0b10 and 0b111 are -2 and -1, or 7 without a sign."""
    table = products(3, 2, unsigned)
    assert len(table) == 32
    for weight, code in ((0, 0b00), (1, 0b01), (-2, 0b10), (-1, 0b11)):
        for low in range(8):
            ifmap = low if unsigned or low < 4 else low - 8
            assert table[code << 3 | low] == weight * ifmap
    assert table[0b10_111] == (-14 if unsigned else 2)


LAYER = Layer("small", m=4, c=2, h=5, w=5, r=2, s=2, pad=(0, 1, 0, 0))
PIXELS = LAYER.n * LAYER.e * LAYER.f


def signs(**changes: Any) -> tuple[Operands, Outcome]:
    """LAYER with weights of three values, two filters and all channels in a PE."""
    rng = RNG(1)
    ifmap = rng.integers(-3, 4, LAYER.ifmap_shape)
    values = Operands(LAYER.padded(ifmap), rng.integers(-1, 2, LAYER.weight_shape), Store(16))
    mapping = row_stationary(LAYER, m=4, p=2, q=2, e=1)
    return values, simulate(make_program(mapping, chip(**changes)), values)


TERNARY = Ternary(kind="ternary")


def test_zeros_that_do_nothing_take_the_time_of_others() -> None:
    """Beside a multiplier for the same two bits of a weight, with a zero ifmap value gated and without."""
    _, multiplied = signs(datapath=Integer(kind="integer", weight_bits=2))
    values, flipped = signs(datapath=TERNARY)
    _, gated = signs(datapath=TERNARY, sparsity=Sparsity(gate="ifmap"))
    assert multiplied.cycles == flipped.cycles == gated.cycles
    np.testing.assert_array_equal(multiplied.causes, flipped.causes)
    np.testing.assert_array_equal(gated.causes, flipped.causes)
    idle = int((values.weight == 0).sum()) * PIXELS
    assert flipped.actions["mac.gated:psum"] == idle > 0
    assert flipped.actions["mac.flip_add:psum"] == LAYER.macs - idle
    assert gated.actions["mac.gated:psum"] > idle


def test_zeros_that_do_nothing_can_be_skipped() -> None:
    values, dense = signs(datapath=TERNARY)
    _, skipping = signs(datapath=TERNARY, sparsity=Sparsity(skip="weight"))
    assert skipping.cycles < dense.cycles
    assert skipping.actions["mac.skipped:psum"] == int((values.weight == 0).sum()) * PIXELS
    assert skipping.actions["mac.gated:psum"] == dense.actions["mac.skipped:psum"] == 0
    assert skipping.actions["mac.flip_add:psum"] == dense.actions["mac.flip_add:psum"]


@pytest.mark.parametrize("packing, ifmap, weights, banks", [("packed", 4, 16, 2), ("word", 1, 1, 17)])
def test_words_lie_side_by_side_or_each_in_a_word(packing: Any, ifmap: int, weights: int, banks: int) -> None:
    """Ifmap words of 4 bits and weights of 1 on buses of 16; spads of 64 and 448 bytes; banks of 64 bytes.

    513 weights take 513 bits, or 513 x 16, of banks of 512.
    """
    arch = chip(datapath=Binary(kind="binary", ifmap_bits=4, packing=packing))
    assert (arch.words_per_cycle("ifmap"), arch.rf_words("ifmap")) == (ifmap, ifmap * 64 // 2)
    assert (arch.words_per_cycle("weight"), arch.rf_words("weight")) == (weights, weights * 448 // 2)
    assert (arch.words_per_cycle("psum"), arch.rf_words("psum")) == (1, 48 // 2)
    assert arch.paths.weight.banks(513) == banks
