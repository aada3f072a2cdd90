"""Nests that no dataflow has and nobody could run or count: each is refused with its reason."""

from typing import Any

import pytest

from accelsim.errors import LegalityError
from accelsim.mapping.legality import check_single_macs
from accelsim.mapping.nest import Dim, Level, Mapping
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from tests.unit.small_machine import chip, nest

LAYER = Layer("toy", n=1, m=5, c=4, h=5, w=4, r=2, s=2)
LEVELS: dict[str, tuple[Dim, ...]] = {"rows": ("c",), "cols": ("m",), "pe": ("n", "e", "f")}
STEPS: dict[tuple[Level, Dim], int] = {("dram", "r"): 1, ("dram", "s"): 1, ("glb", "c"): 2, ("glb", "m"): 2}


def weights_stay(
    around: dict[tuple[Level, Dim], int] | None = None, layer: Layer = LAYER, **changes: Any
) -> Mapping:
    """A weight for each of 2 x 2 PEs, which stays while all pixels pass."""
    steps = STEPS if around is None else around
    return nest(layer, steps, **{**LEVELS, "keeps": ("weight",), **changes})


def refused(mapping: Mapping) -> str:
    """The words in which both the check and whoever makes a program refuse *mapping*."""
    with pytest.raises(LegalityError) as error:
        check_single_macs(mapping)
    with pytest.raises(LegalityError) as again:
        make_program(mapping, chip())
    assert str(again.value) == str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    "level, where", [("rows", "on rows"), ("cols", "on columns"), ("pe", "in the PEs")], ids=str
)
def test_a_level_without_a_loop_is_named(level: str, where: str) -> None:
    without = weights_stay(**{level: ()})
    assert refused(without) == f"toy: a nest of single MACs must have a loop {where} (got none)"


@pytest.mark.parametrize(
    "operand, level, dim", [("weight", "cols", "e"), ("ifmap", "cols", "m"), ("psum", "rows", "c")]
)
def test_pes_that_keep_the_same_words_are_refused(operand: str, level: str, dim: str) -> None:
    same = weights_stay(keeps=(operand,), **{"rows": ("e",), "cols": ("f",), level: (dim,)})
    if operand == "weight":
        same = weights_stay(keeps=(operand,), cols=("m", "e"), pe=("n", "f"))
    assert refused(same) == (
        f"toy: PEs must differ in the {operand} words that they keep"
        f" (got {dim} across the array, on which these do not depend)"
    )


def test_one_pe_along_a_dimension_shares_its_words_with_nobody() -> None:
    row_by_row = {**STEPS, ("dram", "e"): 1}
    make_program(weights_stay(row_by_row, cols=("m", "e"), pe=("n", "f")), chip())


@pytest.mark.parametrize("e", [1, 2, 3, 4], ids="rows {}".format)
def test_kept_weights_that_are_fetched_again_between_two_loads_are_refused(e: int) -> None:
    """Unless the loop over strips has one step: the ofmap has four rows."""
    strips = weights_stay({**STEPS, ("glb", "e"): e}, fetches={"weight": ("glb", "e")})
    if e == 4:
        make_program(strips, chip())
        return
    assert refused(strips) == (
        "toy: weights that PEs keep must be fetched only to be loaded"
        " (got fetches for each step of e at glb level, which changes none of them)"
    )


def test_kept_weights_that_change_before_they_are_fetched_again_are_not() -> None:
    around: dict[tuple[Level, Dim], int] = {("dram", "e"): 2, **STEPS}
    jobs = make_program(weights_stay(around, fetches={"weight": ("dram", "e")}), chip()).jobs
    assert sum(job.new_weights for job in jobs) == 2
    assert all(job.load for job in jobs)


@pytest.mark.parametrize("operand, dim, between", [("weight", "m", "e"), ("ifmap", "c", "m")])
def test_another_loop_between_two_loops_over_a_dimension_of_kept_words_is_refused(
    operand: str, dim: Dim, between: Dim
) -> None:
    around: dict[tuple[Level, Dim], int] = {("dram", dim): 3, ("dram", between): 2, ("glb", dim): 2}
    cols, pe = (("m",), ("n", "e", "f")) if operand == "weight" else (("e",), ("n", "f", "m"))
    split = weights_stay({**around, ("glb", "r"): 1, ("glb", "s"): 1}, keeps=(operand,), cols=cols, pe=pe)
    assert refused(split) == (
        f"toy: nothing else may lie between two loops over {dim}, since PEs keep {operand} words"
        f" (got {between})"
    )
    around = {("dram", dim): 3, ("glb", dim): 2, ("glb", between): 2}
    check_single_macs(weights_stay({**around, ("glb", "r"): 1}, keeps=(operand,), cols=cols, pe=pe))
