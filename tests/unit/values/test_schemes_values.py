"""Where the reals of a run come from, how often it is right, and what cannot be."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import accelsim
from accelsim.config import dump_yaml
from accelsim.errors import ConfigError, LegalityError
from tests.unit.small_quantised import load, replay, write_input


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_input()


# Accuracy


def test_accuracy_is_the_share_of_images_whose_largest_output_is_their_label():
    experiment = load("int8")
    best = replay(experiment)[1]["FC"].reshape(2, -1).argmax(axis=1)
    for right in ([best[0], best[1]], [best[0], (best[1] + 1) % 5], [(best[0] + 1) % 5, (best[1] + 1) % 5]):
        np.save("y.npy", np.array([*right, 0]))
        want = np.mean(np.array(right) == best)
        assert load("int8", "labels: {file: y.npy}\n").run().accuracy == want


def test_without_labels_there_is_no_accuracy():
    assert load().run().accuracy is None


@pytest.mark.parametrize(
    "labels, why",
    [
        ([1, 5], "y.npy: labels must be integers in 0..4 (got 5)"),
        ([1, -1], "y.npy: labels must be integers in 0..4 (got -1)"),
        ([1, 0.5], "y.npy: labels must be integers in 0..4 (got 0.5)"),
        ([1], "y.npy: shape must be (2,) (got (1,))"),
    ],
)
def test_labels_that_cannot_be_are_told_with_their_line(labels, why):
    np.save("y.npy", np.array(labels))
    with pytest.raises(ConfigError) as caught:
        load("int8", "labels: {file: y.npy}\n").run()
    assert str(caught.value) == f"run.yaml:25: labels.file: {why}"


def test_labels_need_the_last_layer():
    np.save("y.npy", np.array([1, 2]))
    with pytest.raises(ConfigError) as caught:
        load("int8", "labels: {file: y.npy}\nlayers: [A]\n").run()
    why = "labels needs the outputs of FC, which is not run; add it to layers"
    assert str(caught.value) == f"run.yaml:25: labels: {why}"


# Where values come from


def test_the_first_images_of_a_file_are_taken_and_integers_are_scaled():
    floats = np.load("x.npy")
    load()
    for scale, text in ((1 / 256, ", scale: 0.00390625"), (2.0**-15, "")):
        np.save("i.npy", np.rint(np.concatenate([floats, floats]) / scale).astype(np.int64))
        np.save("x.npy", np.rint(floats / scale) * scale)
        run = Path("run.yaml").read_text().replace("x.npy", "i.npy")
        Path("run.yaml").write_text(run.replace("i.npy", f"i.npy{text}") if text else run)
        ints = accelsim.load("run.yaml", layers=["A"]).run()["A"].ofmap
        np.testing.assert_array_equal(ints, load(layers=["A"]).run()["A"].ofmap)


def test_a_step_for_other_codes_spans_the_same_range():
    """0.01 for 8 bits is 0.01 x 255 / 15 = 0.17 for 4."""
    given = load("int4", weights={"file": "w.npz", "ifmap_bits": 8}, layers=["A", "DW"])
    same = dict(np.load("w.npz"))
    np.savez("v.npz", **same | {"DW.ifmap_scale": np.float64(0.01) * 255 / 15})
    other = accelsim.load("run.yaml", weights={"file": "v.npz"}, layers=["A", "DW"])
    np.testing.assert_array_equal(given.run()["DW"].ofmap, other.run()["DW"].ofmap)
    third = load("int4", layers=["A", "DW"]).run()["DW"].ofmap
    assert not np.array_equal(given.run()["DW"].ofmap, third)


def test_generated_weights_keep_the_range_of_activations():
    """He et al.: their variance is 2 / (C R S); FC has 4 x 2 taps."""
    result = load("float32", input="random", weights="random", batch=1).run()
    assert all(np.isfinite(layer.ofmap).all() for layer in result.layers)
    from accelsim.network.layer import Layer
    from accelsim.values.schemes.trained import generated

    layer = Layer("L", m=64, c=32, h=3, w=3, r=3, s=3)
    assert generated(layer, 16, 0).weight.var() == pytest.approx(2 / (32 * 9), rel=0.02)


def test_weights_of_an_npy_file_are_one_layer():
    load("int8", layers=["A"])
    np.save("a.npy", np.load("w.npz")["A.weight"])
    bare = accelsim.load("run.yaml", weights={"file": "a.npy"}, layers=["A"]).run()["A"].ofmap
    np.testing.assert_array_equal(bare, load("int8", layers=["A"]).run()["A"].ofmap)


@pytest.mark.parametrize(
    "change, why",
    [
        ({"A.weight": np.ones((6, 3, 3, 3))}, "shape must be (6, 3, 3, 2) (got (6, 3, 3, 3))"),
        ({"A.gain": np.ones(5)}, "shape must be (6,) (got (5,))"),
        ({"A.offset": np.full(6, np.nan)}, "values must be finite (got an infinity or NaN)"),
        ({"A.weight": np.full((6, 3, 3, 2), 1j)}, "dtype must be of numbers (got complex128)"),
        ({"A.ifmap_scale": np.float64(0)}, "A.ifmap_scale must be positive (got 0)"),
    ],
)
def test_a_file_that_does_not_fit_is_told_with_its_line(change, why):
    load()
    np.savez("w.npz", **dict(np.load("w.npz")) | change)
    with pytest.raises(ConfigError) as caught:
        load().run()
    assert str(caught.value) == f"run.yaml:6: weights.file: w.npz: {why}"


# What cannot be


def test_values_false_needs_weights_that_decide_on_nothing():
    for scheme in ("int8", "ternary", "xnor", "codebook_products"):
        result = load(scheme, arch="isca2016_rs_256", values=False, layers=["A"]).run()
        assert result["A"].weight_bits == load(scheme, layers=["A"]).run()["A"].weight_bits
    with pytest.raises(ConfigError) as caught:
        load("repeated_kernels", arch="isca2016_rs_256", values=False, layers=["A"]).run()
    why = "values: false needs a datapath that no weight decides on (got repeated_kernels)"
    assert str(caught.value).endswith(f"{why}, which depends on data")


def test_an_ifmap_of_unsigned_codes_is_not_negative():
    np.save("x.npy", np.load("x.npy") - 0.5)
    with pytest.raises(ConfigError) as caught:
        load("int8", layers=["A"]).run()
    assert str(caught.value).startswith(
        "run.yaml:24: datapaths: A, int8: an ifmap in unsigned codes must not be negative (got -0.49"
    )
    signed = "{extends: int8, datapath: {unsigned: false}, ifmap: {signed: true}}"
    experiment = load(signed, layers=["A"])
    psums, _ = replay(replace(experiment, settings=replace(experiment.settings, layers=None)))
    np.testing.assert_array_equal(experiment.run()["A"].ofmap, psums["A"])


def test_a_dataflow_that_cannot_host_a_scheme_says_why():
    with pytest.raises(LegalityError, match="must make its MACs one by one"):
        load("xnor", arch="isca2016_ws_256", dataflow="weight_stationary").run()


def test_in_a_comparison_schemes_that_cannot_be_are_refused_with_the_reason():
    found = accelsim.compare(load("int8", arch="eyeriss"), datapaths=["int8", "float32", "ternary"], jobs=1)
    assert list(found.results) == ["int8", "ternary"]
    why = "A, float32 on eyeriss: noc.ifmap.bits_per_cycle must carry a word of 32 bits (got 16)"
    assert found.refusals["float32"].reason == why
    assert [layer.scheme for layer in found["ternary"].layers] == ["ternary"] * 7


def test_so_is_one_that_cannot_code_a_layer():
    experiment = load("int8", "density: {C: {ifmap: 0.5}}\n", layers=["C"])
    found = accelsim.compare(experiment, datapaths=["int8", "xnor"], jobs=1)
    why = "C: an ifmap of signs must be without a density, it has no zero (got one)"
    assert found.refusals["xnor"].reason == why


def test_a_label_says_schemes_and_files_anew():
    """Nothing of the run's own is left beside what a label says, nor in the file that repeats it."""
    block = """\
compare:
  one: {datapaths: binary}
  two: {datapaths: {all: ternary, A: int8}}
  three: {weights: {file: w.npz}}
"""
    experiment = load("{all: int8, C: int4}", block, weights={"file": "w.npz", "ifmap_bits": 8})
    schemes = {"one": ["binary"] * 7, "two": ["int8", *["ternary"] * 6]}
    one = accelsim.compare(experiment, jobs=1)
    Path("again.yaml").write_text(dump_yaml(dict(one.config)), encoding="utf-8")
    other = accelsim.compare(accelsim.load("again.yaml"), jobs=1)
    for found in (one, other):
        for label, want in schemes.items():
            assert [layer.scheme for layer in found[label].layers] == want
        assert [layer.scheme for layer in found["three"].layers] == [*["int8"] * 3, "int4", *["int8"] * 3]
