"""Passes are boxes: together they hold every MAC once, and the outcome is made of nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.mapping.nest import Mapping
from accelsim.network.convolution import reference_ofmap
from accelsim.program.jobs import make_program
from tests.laws.cases import backlogged, drawn

COUNT = 120


def test_passes_hold_every_mac_once():
    for case in drawn(COUNT):
        layer = case.program.layer
        sizes = (layer.groups, layer.n, layer.group_m, layer.group_c, layer.e, layer.f, layer.r, layer.s)
        times = np.zeros(sizes, int)
        for job in case.program.jobs:
            times[tuple(slice(part.start, part.stop) for part in job.work.tile)] += 1
        assert (times == 1).all()


def test_the_ofmap_is_numpys_bit_by_bit():
    for case in drawn(COUNT):
        expected = reference_ofmap(case.program.layer, case.ifmap, case.operands.weight)
        np.testing.assert_array_equal(fast.simulate(case.program, case.operands).ofmap, expected)


@pytest.mark.parametrize("which", [0, 3, -1])
@pytest.mark.parametrize("times", [0, 2])
def test_a_dropped_or_doubled_pass_gives_a_wrong_ofmap(which, times):
    case = backlogged(1, 1, blocks=3)
    jobs = list(case.program.jobs)
    position = which % len(jobs)
    broken = jobs[:position] + jobs[position : position + 1] * times + jobs[position + 1 :]
    program = replace(case.program, jobs=tuple(broken))
    psums, _ = fast.assemble(program, case.operands.ifmap, case.operands.weight)
    assert (psums != fast.simulate(case.program, case.operands).ofmap).any()


class _ShortLoop(Mapping):
    """A mapping whose channel loop stops one tile early."""

    def passes(self):
        for one in super().passes():
            if one.tile.c.stop < self.layer.group_c:
                yield replace(one, last=one.tile.c.stop + len(one.tile.c) >= self.layer.group_c)


@pytest.mark.parametrize("engine", [fast.simulate, reference.simulate])
def test_one_loop_bound_changes_cycles_counts_and_ofmap_alike(engine):
    """Nothing is computed beside the run: a channel loop that stops early is seen everywhere."""
    case = backlogged(1, 1, blocks=3)
    mapping = case.program.mapping
    nest = _ShortLoop(mapping.layer, mapping.loops, mapping.psum_words, tops=mapping.tops)
    short = make_program(nest, case.program.arch, case.operands)
    right, wrong = engine(case.program, case.operands), engine(short, case.operands)
    assert wrong.cycles < right.cycles
    assert wrong.actions["glb.read:ifmap"] < right.actions["glb.read:ifmap"]
    assert wrong.actions["glb.write:psum"] < right.actions["glb.write:psum"]
    assert wrong.dense_dram["dram.read:weight"] < right.dense_dram["dram.read:weight"]
    assert wrong.actions["mac.multiply_add:psum"] < right.actions["mac.multiply_add:psum"]
    assert (wrong.ofmap != right.ofmap).any()
