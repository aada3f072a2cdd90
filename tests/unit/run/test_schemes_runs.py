"""Quantised layers end to end: psums are those of numpy on the codes, and so are the reals between layers."""

from pathlib import Path

import numpy as np
import pytest

import accelsim
from accelsim.config import dump_yaml, names
from accelsim.errors import ConfigError
from accelsim.mapping.operands import channels_of
from accelsim.values.schemes import schemes_of
from tests.unit.small_quantised import FLOATS, convolution, load, replay, write_input


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_input()


@pytest.mark.parametrize("scheme", names("schemes"))
def test_every_psum_is_that_of_numpy_on_the_codes_in_both_engines(scheme):
    experiment = load(scheme)
    fast, slow = experiment.run(), experiment.run(engine="reference")
    assert [layer.name for layer in fast.layers] == list(experiment.network.layers())
    for one, other in zip(fast.layers, slow.layers, strict=True):
        assert one.row() == other.row()
        np.testing.assert_array_equal(one.ofmap, other.ofmap)
    if scheme not in FLOATS:
        psums, _ = replay(experiment)
        for layer in fast.layers:
            np.testing.assert_array_equal(layer.ofmap, psums[layer.name], err_msg=layer.name)


@pytest.mark.parametrize("scheme", FLOATS)
def test_floats_are_as_near_to_numpy_as_their_roundings(scheme):
    """Higham, "Accuracy and stability of numerical algorithms", section 3.1: (K + 1) u of all sizes."""
    experiment = load(scheme, layers=["A"])
    layer, own = experiment.network.layers(2)["A"], schemes_of(experiment.settings.datapaths, ["A"])["A"]
    x, w = own.ifmap(np.load("x.npy").astype(float)).values, own.weights(np.load("w.npz")["A.weight"]).values
    share = (np.prod(layer.weight_shape[1:]) + 1) * (2.0**-11 if scheme == "float16" else 2.0**-24)
    found = experiment.run()["A"].ofmap
    assert found.dtype == (np.float16 if scheme == "float16" else np.float32)
    error = np.abs(found - convolution(layer, x, w))
    assert (error <= share / (1 - share) * convolution(layer, np.abs(x), np.abs(w))).all()


def test_schemes_layer_by_layer():
    experiment = load("{all: ternary, A: int8, FC: float16}")
    result, (psums, _) = experiment.run(), replay(experiment)
    assert [layer.scheme for layer in result.layers] == ["int8", *["ternary"] * 5, "float16"]
    for layer in result.layers[:-1]:
        np.testing.assert_array_equal(layer.ofmap, psums[layer.name], err_msg=layer.name)
    assert result["A"].word_bits == {"ifmap": 8, "weight": 8, "psum": 16, "ofmap": 8}
    assert result["C"].word_bits == {"ifmap": 8, "weight": 2, "psum": 16, "ofmap": 16}, "FC reads 16 bits"
    assert result["FC"].word_bits == {"ifmap": 16, "weight": 16, "psum": 16, "ofmap": 16}


def test_energy_of_all_layers_is_the_sum_even_where_prices_differ():
    result = load("{all: ternary, A: int8}").run()
    assert "mac.multiply_add:psum" in result["A"].prices and "mac.flip_add:psum" in result["B"].prices
    assert result["A"].prices["rf.read:weight"] != result["B"].prices["rf.read:weight"]
    assert "rf.read:weight" not in result.prices
    assert result.prices["mac.multiply_add:psum"] == result["A"].prices["mac.multiply_add:psum"]
    assert result.total.total_pj == pytest.approx(sum(layer.total_pj for layer in result.layers), rel=1e-12)
    assert result.total.dram_bits == sum(layer.dram_bits for layer in result.layers)
    assert result.prices_of("rf.read:weight") == {
        result["A"].prices["rf.read:weight"]: ["int8"],
        result["B"].prices["rf.read:weight"]: ["ternary"],
    }


def test_bits_of_weights_are_those_of_their_codes():
    """C has 4 x 6 weights of 2 bits and a scale of 32; a product of activations has none of its own."""
    result = load("ternary").run()
    assert result["C"].weight_bits == 4 * 6 * 2 + 32
    assert result["QK"].weight_bits is None
    assert result.total.weight_bits == sum(layer.weight_bits or 0 for layer in result.layers)


def test_without_schemes_weights_are_words():
    result = load("null", input="random", weights="random", layers=["A"]).run()
    assert result["A"].weight_bits == 6 * 3 * 3 * 2 * 16
    assert result["A"].scheme is None


def test_a_run_written_out_in_full_is_the_same_run():
    np.save("y.npy", np.array([1, 4, 0]))
    experiment = load("{all: xnor, FC: float16}", "labels: {file: y.npy}\n")
    Path("sub").mkdir()
    Path("sub/full.yaml").write_text(dump_yaml(experiment.config()), encoding="utf-8")
    again = accelsim.load("sub/full.yaml")
    assert again.settings == experiment.settings
    one, other = experiment.run(), again.run()
    assert (one.accuracy, one.config) == (other.accuracy, other.config)
    for before, after in zip(one.layers, other.layers, strict=True):
        assert before.row() == after.row()
        np.testing.assert_array_equal(before.ofmap, after.ofmap)


# Zeros


def test_pruned_weights_of_a_ternary_layer_are_skipped():
    """The sparse chip skips both operands: what a ternary layer has of zeros, and what pruning adds."""
    text = "sparsity: {prune: {C: 0.25}}\n"
    plain = load("ternary", arch="eyeriss_sparse", layers=["A", "DW", "B", "C"])
    dense, pruned = plain.run(), load("ternary", text, "eyeriss_sparse", layers=["A", "DW", "B", "C"]).run()
    assert dense["C"].actions["mac.skipped:psum"] > 0
    assert pruned["C"].actions["mac.skipped:psum"] > dense["C"].actions["mac.skipped:psum"]
    assert pruned["C"].cycles <= dense["C"].cycles
    for layer in (*dense.layers, *pruned.layers):
        made, skipped = layer.actions["mac.flip_add:psum"], layer.actions["mac.skipped:psum"]
        assert made + skipped == layer.macs
    psums, _ = replay(plain)
    for layer in dense.layers:
        np.testing.assert_array_equal(layer.ofmap, psums[layer.name], err_msg=layer.name)


def test_a_scheme_without_a_zero_cannot_be_pruned():
    with pytest.raises(ConfigError) as caught:
        load("binary", "sparsity: {prune: {C: 0.25}}\n").run()
    why = "weights must keep the zeros of sparsity.prune (got another value for one)"
    assert str(caught.value) == f"run.yaml:24: datapaths: C, binary: {why}"


def test_a_codebook_keeps_what_pruning_takes():
    result = load(
        "codebook", "sparsity: {prune: {C: 0.25}}\n", "eyeriss_sparse", layers=["A", "DW", "B", "C"]
    )
    assert result.run()["C"].actions["mac.skipped:psum"] > 0


@pytest.mark.parametrize("scheme, share", [("int4", 0.4), ("dorefa", 0.4), ("float16", 0.4), ("ternary", 1)])
def test_an_ifmap_density_is_that_of_the_codes(scheme, share):
    """C has no padding, so that all its words are values; gated MACs are those of its zeros."""
    result = load(scheme, f"layers: [C]\ndensity: {{C: {{ifmap: {share}}}}}\n").run()
    n, c, h, w = 2, 12, 4, 2
    zeros = n * c * h * w - round(share * n * c * h * w)
    idle = result["C"].actions["mac.gated:psum"] - zeros * 2
    assert idle == 0 if scheme != "ternary" else idle >= 0


def test_signs_have_no_density():
    with pytest.raises(ConfigError) as caught:
        load("xnor", "layers: [C]\ndensity: {C: {ifmap: 0.5}}\n").run()
    why = "C: an ifmap of signs must be without a density, it has no zero (got one)"
    assert str(caught.value) == f"run.yaml:26: density.C.ifmap: {why}"


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_an_ofmap_density_leaves_that_share(share):
    """What is left above zero in float32 is what DRAM would get."""
    text = f"layers: [A]\ndensity: {{A: {{ofmap: {share}}}}}\n"
    outputs = []
    experiment = load("float32", text)
    from accelsim.run.activations import Reals

    fitted = Reals._fitted

    def spied(self, *arguments):
        store = fitted(self, *arguments)
        outputs.append(store(arguments[2]))
        return store

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reals, "_fitted", spied)
        experiment.run()
    assert np.count_nonzero(outputs[0]) / outputs[0].size == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("name, bits", [("DW", 2), ("C", 4)])
def test_coded_ofmaps_have_the_zeros_of_what_reads_them(name, bits):
    """On the chip, in its format, by box: C reads DW in steps of 0.2, QK reads C in thirds of its largest.

    It reads it as weights, too, of 4 bits.
    """
    experiment = load("{extends: int4, datapath: {ifmap_bits: 2}, ifmap: {bits: 2}}")
    result, (_, reals) = experiment.run(), replay(experiment)
    coded = experiment.arch.sparsity.formats.ofmap.dram
    ofmap = reals[name]
    stored = np.rint(ofmap / (0.2 if name == "DW" else ofmap.max() / 3)).clip(0, 3).astype(np.int64)
    assert 0 < np.count_nonzero(stored) < np.count_nonzero(ofmap)
    layer = experiment.network.layers(2)[name]
    (mapping,) = (mapping for mapping in experiment.mappings() if mapping.layer.name == name)
    tiles = [job.tile for job in mapping.passes()]
    boxes = {(tile.n, channels_of(layer, tile), tile.e, tile.f) for tile in tiles}
    words = sum(-(-coded.size(stored[np.ix_(*box)], bits).bits // bits) for box in boxes)
    assert len(boxes) > 1
    assert result[name].actions["dram.write:psum"] == words


def test_the_network_s_input_is_not_coded_and_what_comes_of_it_is():
    result = load("int8").run()
    moved = {layer.name: layer.actions["dram.read:ifmap"] for layer in result.layers}
    dense = {layer.name: layer.dense_dram["dram.read:ifmap"] for layer in result.layers}
    assert moved["A"] == dense["A"]
    assert all(moved[name] != dense[name] for name in ("DW", "B", "C"))
