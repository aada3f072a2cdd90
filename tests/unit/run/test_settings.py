"""What a run may be told from Python, where no file check stands before it."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

import accelsim
from accelsim.cli import cli
from accelsim.engines.simulate import Engine
from accelsim.errors import ConfigError
from accelsim.run.activations.densities import density_ifmap
from accelsim.run.settings import Settings, Sources
from accelsim.values.pruning import Prune


@pytest.mark.parametrize(
    "given, message",
    [
        ({"engine": "slow"}, r"engine must be one of fast, reference \(got 'slow'\)"),
        ({"values": "yes"}, r"values must be true or false \(got 'yes'\)"),
        ({"seed": 1.5}, r"seed must be an integer \(got 1.5\)"),
        ({"seed": -1}, r"seed must be at least 0 \(got -1\)"),
    ],
)
def test_an_impossible_run_is_refused(given, message):
    with pytest.raises(ConfigError, match=message):
        accelsim.load("eyeriss_lenet5").run(**given)


def test_a_number_is_the_density_of_magnitude_pruning():
    given = Settings("small", sparsity=Sources({"A": 0.5, "B": Prune(keep=2, of=4)}))
    assert given.prune_of("A") == Prune(density=0.5)
    assert given.prune_of("B") == Prune(keep=2, of=4)
    assert given.prune_of("C") is Settings("small").prune_of("A") is None


def test_a_number_that_is_no_density_is_refused():
    with pytest.raises(ConfigError, match=r"^density must be in 0..1 \(got 2\)$"):
        Sources({"A": 2})


def test_the_command_line_offers_the_engines_there_are():
    (option,) = (param for param in cli.commands["run"].params if param.name == "engine")
    assert tuple(option.type.choices) == get_args(Engine)


def test_an_unknown_layer_lists_the_known():
    result = accelsim.load("eyeriss_lenet5", layers=["C1"]).run()
    with pytest.raises(KeyError, match="layers are C1"):
        result["C9"]


def test_the_examples_of_the_readme_run():
    ideal = accelsim.load("eyeriss_alexnet", arch__dram="ideal", energy="han_45nm").run(engine="fast", seed=0)
    assert ideal["CONV1"].actions["glb.read:psum"] > 0
    one = accelsim.load("eyeriss_alexnet", arch__dram="ideal", batch=1, mapping=None, layers=["CONV5"]).run()
    assert one["CONV5"].cycles > 0


def test_a_machine_without_a_filter_buffer_runs():
    result = accelsim.load("eyeriss_lenet5", arch__filter_glb=None, layers=["C1"]).run()
    assert "glb.read:weight" not in result["C1"].actions


def test_run_length_coding_of_narrower_words_has_narrower_levels():
    """Three runs of 5 bits and levels of 8, and a bit, make a word of 40 bits."""
    wide, narrow = (
        accelsim.load("eyeriss_lenet5", arch__word_bits=bits, layers=["C1"]).run() for bits in (16, 8)
    )
    words = [run["C1"].actions["dram.write:psum"] for run in (wide, narrow)]
    assert words[1] < words[0]


@pytest.mark.parametrize("density", [0.984, 1.0])
def test_an_ifmap_of_fewer_zeros_than_its_pads_has_no_others(density):
    """VGG-16, first layer: 1.6 % zeros are published, and 1 - 224**2 / 226**2 = 1.76 % are pads."""
    run = accelsim.load("eyeriss_vgg16", layers=["CONV1_1"])
    layer = run.network.layers()["CONV1_1"]
    ifmap = density_ifmap(layer, density, run.arch, seed=0)
    assert np.count_nonzero(ifmap) == ifmap.size


def test_a_density_counts_the_pads_that_are_stored():
    run = accelsim.load("eyeriss_vgg16", layers=["CONV1_1"])
    layer = run.network.layers()["CONV1_1"]
    for padding, stored in (("stored", 226 * 226), ("generated", 224 * 224)):
        ifmap = density_ifmap(layer, 0.5, replace(run.arch, padding=padding), seed=0)
        assert np.count_nonzero(ifmap) == pytest.approx(0.5 * 3 * stored, rel=0.01)


def test_a_sum_beyond_64_bits_is_an_overflow_not_a_wrong_ofmap():
    """Two words of 34 bits, four channels: the psum passes 2**63."""
    import numpy as np

    from accelsim.engines.fast.values import assemble
    from accelsim.errors import SimulationError
    from accelsim.network.layer import Layer
    from accelsim.program.jobs import make_program
    from dataflows.row_stationary import RowStationary
    from tests.laws.cases import backlogged

    arch = backlogged(1, 1).program.arch
    layer = Layer("wide", m=1, c=4, h=1, w=1, r=1, s=1)
    program = make_program(RowStationary(m=1, n=1, e=1, p=1, q=4, r=1, t=1).map(layer, arch), arch)
    big = np.full((1, 4, 1, 1), 1 << 32)
    with pytest.raises(
        SimulationError, match=r"accumulator overflow: psums must fit 48 bits \(got 73786976294838206464\)"
    ):
        assemble(program, big, big)
