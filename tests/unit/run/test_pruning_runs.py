"""Zeros that a run file asks for: the ofmap of a one-hot ifmap is the weights, so it shows what is left."""

from pathlib import Path

import numpy as np
import pytest

import accelsim
from accelsim.config import dump_yaml, find, load_yaml
from accelsim.errors import ConfigError
from accelsim.run.names import listing

RUN = """\
name: small
arch: eyeriss
network:
  name: small
  input: [8, 1, 8]
  nodes:
    - {op: conv, name: C1, m: 8, kernel: 1}
    - {op: conv, name: C3, m: 8, kernel: 1, input: input}
    - {op: fc, name: C5, m: 3, input: input}
    - {op: gemm, name: QK, inputs: [input, input], transpose: true}
    - {op: fc, name: OUTPUT, m: 2}
    - {op: gemm, name: P, inputs: [input], cols: 4}
energy: horowitz_45nm
layers: [C1, C3, C5]
input: {file: x.npy}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder with an ifmap that is 1 where the column is the channel."""
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", np.eye(8, dtype=int).reshape(1, 8, 1, 8))


def load(text="", run=RUN):
    Path("run.yaml").write_text(run + text, encoding="utf-8")
    return accelsim.load("run.yaml")


def weights(result, layer="C1"):
    """``(M, C)`` of a layer of 1 x 1 filters."""
    return result[layer].ofmap[0, :, 0, :]


def complaint(call, *arguments):
    with pytest.raises(ConfigError) as caught:
        call(*arguments)
    return str(caught.value)


def test_without_pruning_no_weight_is_zero():
    result = load().run()
    assert np.count_nonzero(weights(result)) == 64


@pytest.mark.parametrize(
    "how, left",
    [
        ("0.25", 16),
        ("1", 64),
        ("{density: 0.25}", 16),
        ("{density: 0.3, block: [4, 4, 1, 1]}", 16),
        ("{keep: 1, of: 4}", 16),
        ("{mask: m.npz}", 8),
        ("{mask: m.npz, key: other}", 56),
        ("{mask: m.npy}", 8),
        ("{density: 0.5, codebook_bits: 2}", 32),
    ],
)
def test_weights_of_a_run_are_pruned(how, left):
    diagonal = np.eye(8, dtype=bool).reshape(8, 8, 1, 1)
    np.savez("m.npz", C1=diagonal, other=~diagonal)
    np.save("m.npy", diagonal.astype(int))
    dense, result = load().run(), load(f"sparsity: {{prune: {{C1: {how}}}}}\n").run()
    assert np.count_nonzero(weights(result)) == left
    if "codebook" not in how:
        assert np.isin(weights(result)[weights(result) != 0], weights(dense)).all()
    np.testing.assert_array_equal(result["C3"].ofmap, dense["C3"].ofmap)


def test_a_fully_connected_layer_is_pruned_and_so_are_weights_from_a_file():
    w = np.arange(1, 193).reshape(3, 8, 1, 8)
    np.savez("w.npz", C5=w)
    run = RUN.replace("layers: [C1, C3, C5]", "layers: [C5]").replace("OUTPUT, m", "OUTPUT, input: C5, m")
    text = "weights: {file: w.npz}\nsparsity: {prune: {C5: {keep: 1, of: 8}}}\n"
    assert load(text, run).run()["C5"].ofmap.ravel().tolist() == [w[m, 7, 0, 7] for m in range(3)]


def test_a_product_by_weights_is_pruned():
    result = load("sparsity: {prune: {P: {keep: 1, of: 4}}}\n", RUN.replace("[C1, C3, C5]", "[P]")).run()
    assert np.count_nonzero(result["P"].ofmap, axis=2).ravel().tolist() == [2] * 4


def test_a_name_is_a_shipped_pruning():
    result = load("sparsity: {prune: lenet5_han2015}\n").run()
    assert np.count_nonzero(weights(result, "C1")) == round(0.66 * 64)
    assert np.count_nonzero(weights(result, "C3")) == round(0.12 * 64)


def test_a_path_is_a_pruning_file_that_may_extend_another_and_have_masks_beside_it():
    Path("sub").mkdir()
    np.save("sub/m.npy", np.eye(8, dtype=int).reshape(8, 8, 1, 1))
    Path("sub/mine.yaml").write_text("name: mine\nextends: lenet5_han2015\nlayers: {C1: {mask: m.npy}}\n")
    result = load("sparsity: {prune: sub/mine.yaml}\n").run()
    assert np.count_nonzero(weights(result, "C1")) == 8
    assert np.count_nonzero(weights(result, "C3")) == round(0.12 * 64)


def test_what_extends_a_pruning_file_is_one():
    text = "sparsity: {prune: {extends: lenet5_han2015, layers: {C1: 0.5}}}\n"
    result = load(text).run()
    assert np.count_nonzero(weights(result, "C1")) == 32
    assert np.count_nonzero(weights(result, "C3")) == round(0.12 * 64)


@pytest.mark.parametrize("change", ["lenet5_han2015", {"C1": 0.5}, {"C1": {"density": 0.5}}])
def test_pruning_can_be_set_from_outside(change):
    load()
    result = accelsim.load("run.yaml", sparsity__prune=change).run()
    assert np.count_nonzero(weights(result)) in (32, 42)


@pytest.mark.parametrize("text", ["sparsity: {prune: null}\n", "sparsity: null\n"])
def test_null_prunes_nothing(text):
    assert np.count_nonzero(weights(load(text).run())) == 64


def test_a_run_written_out_in_full_is_the_same_run():
    Path("sub").mkdir()
    np.save("m.npy", np.eye(8, dtype=int).reshape(8, 8, 1, 1))
    np.save("i.npy", np.eye(8, dtype=int).reshape(8, 1, 8))
    text = "sparsity:\n  prune: mine.yaml\ndensity: {C3: {ifmap: {mask: i.npy}}}\n"
    Path("mine.yaml").write_text(
        "name: mine\nlayers: {C1: {mask: m.npy}, C3: 0.5, C5: {density: 0.5, block: [1, 2, 1, 4]}}\n"
    )
    experiment = load(text)
    Path("sub/full.yaml").write_text(dump_yaml(experiment.config()), encoding="utf-8")
    again = accelsim.load("sub/full.yaml")
    assert again.settings == experiment.settings
    for before, after in zip(experiment.run().layers, again.run().layers, strict=True):
        np.testing.assert_array_equal(before.ofmap, after.ofmap)


@pytest.mark.parametrize("shape", [(1, 8, 1, 8), (8, 1, 8)])
def test_an_ifmap_mask_says_where_the_ifmap_is_not_zero(shape):
    mask = np.random.default_rng(0).random(shape) < 0.3
    np.savez("i.npz", C1=mask)
    np.savez("w.npz", C1=np.eye(8, dtype=int).reshape(8, 8, 1, 1))
    text = "weights: {file: w.npz}\ndensity: {C1: {ifmap: {mask: i.npz}}}\n"
    result = load(text, RUN.replace("[C1, C3, C5]", "[C1]")).run()
    np.testing.assert_array_equal(result["C1"].ofmap > 0, mask.reshape(1, 8, 1, 8))


# errors ----------------------------------------------------------------------------------------------------

AT = f"run.yaml:{RUN.count(chr(10)) + 1}"
"""Where the text added to the run begins."""


@pytest.mark.parametrize(
    "prune, why",
    [
        ("{C33: 0.5}", ".C33: must name a layer of small (got 'C33'); did you mean 'C3'?"),
        ("{zzz: 0.5}", ".zzz: must name a layer of small (got 'zzz'); known: C1, C3, C5, QK, OUTPUT, P"),
        ("{QK: 0.5}", ".QK: must name a layer with weights (got 'QK', a product of activations)"),
        ("{C1: 1.5}", ".C1: density must be in 0..1 (got 1.5)"),
        ("{C1: {density: 1.5}}", ".C1: density must be in 0..1 (got 1.5)"),
        ("{C1: {}}", ".C1: one of density, keep and mask must be given (got none)"),
        ("{C1: {keep: 2}}", ".C1: keep must come with of (got no of)"),
        ("{C1: {density: 1, block: [1, 1]}}", ".C1.block: must be a list of 4 values (got [1, 1])"),
        ("{C1: {densty: 1}}", ".C1.densty: unknown key 'densty'; did you mean 'density'?"),
        ("lenet", ": no pruning is named 'lenet'; did you mean 'lenet5_han2015'?"),
        ("3", ": must be a name, a path or a mapping (got 3)"),
        ("./none.yaml", ": none.yaml: no such file; known: run"),
    ],
)
def test_a_mistake_is_told_with_its_line(prune, why):
    assert complaint(load, f"sparsity: {{prune: {prune}}}\n") == f"{AT}: sparsity.prune{why}"


def test_text_for_a_layer_says_what_it_may_be():
    said = complaint(load, "sparsity: {prune: {C1: half}}\n")
    assert said.startswith(f"{AT}: sparsity.prune.C1: must be a number or a mapping with the keys density, ")


def test_a_mistake_in_a_pruning_file_is_told_with_its_line():
    Path("mine.yaml").write_text("name: mine\nlayers:\n  C1: 1.5\n")
    assert complaint(load, "sparsity: {prune: mine.yaml}\n") == (
        "mine.yaml:3: layers.C1: density must be in 0..1 (got 1.5)"
    )
    Path("mine.yaml").write_text("name: mine\nlayers:\n  C1: 1\n  C33: 1\n")
    assert complaint(load, "sparsity: {prune: mine.yaml}\n") == (
        "mine.yaml:4: layers.C33: must name a layer of small (got 'C33'); did you mean 'C3'?"
    )
    Path("mine.yaml").write_text("name: mine\n")
    assert complaint(load, "sparsity: {prune: mine.yaml}\n") == (
        "mine.yaml:1: layers: must be given (the key is missing)"
    )


@pytest.mark.parametrize(
    "key", ["sparsity: {prune: {C1: {mask: m.npz}}}", "density: {C1: {ifmap: {mask: m.npz}}}"]
)
def test_a_mask_that_does_not_fit_is_told_with_its_line(key):
    np.savez("m.npz", C1=np.ones((2, 2), int))
    place = "sparsity.prune.C1.mask" if "prune" in key else "density.C1.ifmap.mask"
    shape = "(8, 8, 1, 1)" if "prune" in key else "(1, 8, 1, 8) or (8, 1, 8)"
    assert complaint(load(f"{key}\n").run) == (f"{AT}: {place}: m.npz: shape must be {shape} (got (2, 2))")


def test_an_ifmap_density_is_a_share_or_a_mask():
    assert (
        complaint(load, "density: {C1: {ifmap: 1.5}}\n")
        == f"{AT}: density.C1: ifmap must be in 0..1 (got 1.5)"
    )
    assert complaint(load, "density: {C1: {ifmap: x}}\n") == (
        f"{AT}: density.C1.ifmap: must be a number or a mapping with the keys mask, key (got 'x')"
    )


def test_prunings_are_listed_with_their_source():
    found = listing("pruning")
    assert set(found) == {"alexnet_han2015", "lenet5_han2015", "vgg16_han2015"}
    assert all(line.startswith("Han, Pool, Tran, Dally") for line in found.values())
    assert load_yaml(find("pruning", "alexnet_han2015"))["name"].plain == "alexnet_han2015"
