"""Coded words that take more than was planned: never silent, planned anew where the mapping is searched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import accelsim
from accelsim.errors import Overflow
from accelsim.machine import Arch, Banks, Formats, Sparsity, SplitRF, Storage
from accelsim.machine.formats import Bitmask, Csc
from accelsim.mapping.operands import Operands, Store
from accelsim.network.convolution import reference_ofmap
from accelsim.network.layer import Layer
from accelsim.program.fit import check_fit
from accelsim.program.jobs import make_program
from accelsim.run.activations.densities import density_ifmap
from accelsim.run.result import Result
from accelsim.values.generated import random_weights
from dataflows.row_stationary import RowStationary
from tests.laws.stream_machines import roomy
from tests.laws.zero_cases import WORD

POINT = Layer("point", m=4, c=4, h=1, w=1, r=1, s=1)
"""A window of four words, columns of four weights."""

ALL = RowStationary(m=4, n=1, e=1, p=4, q=4, r=1, t=1)
ONE = RowStationary(m=4, n=1, e=1, p=4, q=1, r=1, t=1)
CODE = Csc("csc", index_bits=4)


def refused(arch: Arch, choice: RowStationary, *, ifmap: int = 4, weight: int = 16) -> Overflow | None:
    """What *arch* has against tensors with so many non-zeros, the others after them."""
    tensors = [
        (np.arange(np.prod(shape)) < present).reshape(shape).astype(np.int64)
        for shape, present in ((POINT.ifmap_shape, ifmap), (POINT.weight_shape, weight))
    ]
    values = Operands(*tensors, Store(WORD))
    try:
        check_fit(make_program(choice.map(POINT, arch), arch, values), values)
    except Overflow as error:
        return error
    return None


def machine(rf: SplitRF, **formats: Storage) -> Arch:
    """With room for everything but in the register file."""
    memory = "glb" if "weight" in formats and formats["weight"].glb else None
    arch = replace(roomy(), name="small", filter_glb=memory, rf=rf)
    return replace(arch, sparsity=Sparsity(formats=Formats(**formats)))


def test_weights_overflow_their_spad_with_the_entry_that_does_not_fit() -> None:
    """Four words planned at 0.7 in 6 bytes: two entries of 20 bits."""
    arch = machine(SplitRF("split", 2, 6, 8), weight=Storage(spad=CODE, planned=0.7))
    assert refused(arch, ONE, weight=0) is None
    two, three = (np.repeat([1, 0], [kept, 4 - kept]) for kept in (2, 3))
    for column, fits in ((two, True), (three, False)):
        values = Operands(np.ones(POINT.ifmap_shape, int), np.outer(column, np.ones(4, int)), Store(WORD))
        values = replace(values, weight=values.weight.reshape(POINT.weight_shape))
        program = make_program(ONE.map(POINT, arch), arch, values)
        if fits:
            check_fit(program, values)
            continue
        with pytest.raises(Overflow) as caught:
            check_fit(program, values)
        assert (caught.value.operand, caught.value.share) == ("weight", 60 / 64)
        assert str(caught.value) == (
            "weight spad of small: coded weight must fit, as planned at 0.7 of its size (needs 0.9375)"
        )


@pytest.mark.parametrize("planned, size, fit", [(0.7, 6, 2), (1.0, 8, 3), (1.2, 10, 4), (1.25, 10, 4)])
def test_an_ifmap_overflows_its_window_with_the_entry_that_does_not_fit(
    planned: float, size: int, fit: int
) -> None:
    """An entry is wider than a word: to plan with the whole size of the words is not enough."""
    storage = Storage(glb=CODE, spad=CODE, planned=planned)
    arch = machine(SplitRF("split", size, 32, 8), ifmap=storage)
    for present in range(5):
        error = refused(arch, ALL, ifmap=present)
        if present <= fit:
            assert error is None
        else:
            assert error is not None
            assert (error.operand, error.share) == ("ifmap", present * 20 / 64)


def test_an_ifmap_overflows_the_glb_with_the_bank_that_is_not_there() -> None:
    """Four words in a mask of 4 bits and 16 for each that is not zero; psums take four banks of a word."""
    storage = Storage(glb=Bitmask("bitmask"), planned=0.7)
    arch = replace(machine(SplitRF("split", 8, 32, 8), ifmap=storage), glb=Banks(4 + 3, 2))
    assert refused(arch, ALL, ifmap=2) is None
    error = refused(arch, ALL, ifmap=3)
    assert error is not None
    assert (error.operand, error.share) == ("ifmap", 52 / 64)
    assert str(error).startswith("GLB of small: coded ifmap must fit, as planned at")


@pytest.mark.parametrize("ifmap", [Storage(), Storage(glb=Bitmask("bitmask"), planned=2.0)])
def test_weights_that_crowd_the_ifmap_out_of_the_glb_are_to_blame(ifmap: Storage) -> None:
    weight = Storage(glb=Bitmask("bitmask"), planned=0.5)
    arch = machine(SplitRF("split", 8, 32, 8), ifmap=ifmap, weight=weight)
    banks = 4 + (8 if ifmap.glb else 4) + 8
    arch = replace(arch, glb=Banks(banks, 2))
    assert refused(arch, ALL, weight=7) is None
    error = refused(arch, ALL, weight=16)
    assert error is not None
    assert (error.operand, error.share) == ("weight", (16 + 16 * 16) / 256)


def test_weights_overflow_a_memory_of_their_own_by_its_name() -> None:
    """Sixteen words in a mask of 16 bits and 16 for each that is not zero, in eight banks of a word."""
    storage = Storage(glb=Bitmask("bitmask"), planned=0.5)
    arch = replace(machine(SplitRF("split", 8, 32, 8), weight=storage), filter_glb=Banks(8, 2))
    assert refused(arch, ALL, weight=7) is None
    error = refused(arch, ALL, weight=8)
    assert error is not None
    assert (error.operand, error.share) == ("weight", 9 / 16)
    assert str(error).startswith("filter GLB of small: coded weight must fit, as planned at 0.5")


RUN = """\
name: small
arch:
  extends: eyeriss_sparse
  rf: {kind: split, ifmap_bytes: 24, weight_bytes: 224, psum_bytes: 48}
  noc: {ifmap: {fifo_words: 1}}
  sparsity: {formats: {ifmap: {planned: 0.3}, weight: {planned: 0.3}}}
energy: horowitz_45nm
network:
  name: small
  input: [4, 9, 9]
  nodes:
    - {op: conv, name: A, m: 8, kernel: 3}
density: {A: {ifmap: 1.0}}
"""
GIVEN = "mapping: {A: {m: 8, n: 1, e: 7, p: 8, q: 4, r: 1, t: 1}}\n"


def run(folder: Path, more: str = "") -> Result:
    """The run file with *more*."""
    path = folder / "small.yaml"
    path.write_text(RUN + more)
    return accelsim.load(str(path)).run()


@pytest.mark.parametrize("objective, overflows", [("energy", True), ("latency", False)])
def test_a_searched_layer_ends_with_the_right_ofmap_planned_anew_if_its_values_need_it(
    tmp_path: Path, objective: str, overflows: bool
) -> None:
    """The fastest mapping keeps few words in a PE; what the search simulates to find it knows no values."""
    (layer,) = run(tmp_path, f"objective: {objective}\n").layers
    assert layer.overflowed == overflows
    assert (layer.planned == {"ifmap": 0.3, "weight": 0.3}) == (not overflows)
    experiment = accelsim.load(str(tmp_path / "small.yaml"))
    shape, arch = experiment.network.layers(1)["A"], experiment.arch
    weight = random_weights(shape.weight_shape, arch.word_bits, seed=0, name="A.weight")
    np.testing.assert_array_equal(
        layer.ofmap, reference_ofmap(shape, density_ifmap(shape, 1.0, arch, 0), weight)
    )


def test_a_given_mapping_is_refused_in_one_line_with_numbers(tmp_path: Path) -> None:
    with pytest.raises(Overflow) as caught:
        run(tmp_path, GIVEN)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("A: ")
    assert "must fit, as planned at 0.3 of its size (needs 1.25)" in message
    assert caught.value.share == 1.25


def test_the_same_seed_gives_the_same_result_and_another_seed_another(tmp_path: Path) -> None:
    run(tmp_path)
    experiment = accelsim.load(str(tmp_path / "small.yaml"), density__A__ifmap=0.5)
    first, again, other = (experiment.run(seed=seed)["A"] for seed in (3, 3, 4))
    assert first.row() == again.row()
    np.testing.assert_array_equal(first.ofmap, again.ofmap)
    assert (first.ofmap != other.ofmap).any()
    assert first.cycles != other.cycles
