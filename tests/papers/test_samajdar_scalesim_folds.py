"""Samajdar et al., "SCALE-Sim: systolic CNN accelerator simulator", arXiv:1811.02883: the length of a fold.

Its equation is 2 R + C + T - 2 cycles: R to load or drain the rows of the array, T steps, R + C - 2 for the
way between its corners. In that simulator output stationary does not wait for its psums to leave: R less.
"""

from itertools import product

import pytest

from accelsim.network.layer import gemm
from tests.papers.scalesim import FLOWS, array, simulated

SIZES = [(1, 1), (1, 3), (3, 1), (3, 4), (4, 3)]
STEPS = (1, 2, 9)
STATIONARY = {"os": ("e", "m"), "ws": ("c", "m"), "is": ("c", "e")}  # dimensions on rows and columns
every_flow = pytest.mark.parametrize("flow", FLOWS)


def stationary_product(flow, rows, cols, steps):
    """A product of which *flow* keeps rows x cols words, for *steps* steps."""
    sizes = dict(zip(STATIONARY[flow], (rows, cols), strict=True))
    extent = {dim: sizes.get(dim, steps) for dim in "ecm"}
    return gemm("product", rows=extent["e"], inner=extent["c"], cols=extent["m"])


def cycles(flow, arch, rows, cols, steps):
    _, outcome = simulated(flow, stationary_product(flow, rows, cols, steps), arch)
    return outcome.array_cycles


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("rows, cols", SIZES)
@every_flow
def test_a_fold_takes_2r_c_t_less_2(flow, rows, cols, steps):
    arch = array(rows, cols, drain="serial")
    assert cycles(flow, arch, rows, cols, steps) == 2 * rows + cols + steps - 2


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("rows, cols", SIZES)
def test_output_stationary_that_drains_in_the_next_fold_takes_r_less(rows, cols, steps):
    arch = array(rows, cols, drain="hidden")
    assert cycles("os", arch, rows, cols, steps) == rows + cols + steps - 2
    assert cycles("os", arch, 3 * rows, 2 * cols, steps) == 6 * (rows + cols + steps - 2)


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("down, across", [(1, 1), (2, 4), (3, 4), (4, 5), (7, 9)])
@every_flow
def test_ragged_folds_take_as_long_as_whole_ones_on_an_array_that_does_not_know(flow, down, across, steps):
    rows, cols = 3, 4
    folds = -(-down // rows) * -(-across // cols)
    arch = array(rows, cols, drain="serial", fold_length="array")
    assert cycles(flow, arch, down, across, steps) == folds * (2 * rows + cols + steps - 2)


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("down, across", [(1, 1), (2, 4), (3, 4), (4, 5), (7, 9)])
@every_flow
def test_ragged_folds_are_shorter_where_only_the_rows_and_columns_in_use_are_crossed(
    flow, down, across, steps
):
    rows, cols = 3, 4
    folds = product(_parts(down, rows), _parts(across, cols))
    arch = array(rows, cols, drain="serial", fold_length="used")
    assert cycles(flow, arch, down, across, steps) == sum(2 * r + c + steps - 2 for r, c in folds)


def _parts(size, step):
    return [min(step, size - start) for start in range(0, size, step)]
