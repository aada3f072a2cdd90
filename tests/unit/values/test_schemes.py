"""Schemes: parts that fit, which layer has which, and the machine that each layer sees."""

from dataclasses import replace
from pathlib import Path

import pytest

import accelsim
from accelsim.config import build, dump_yaml, find, load_yaml, names, to_plain
from accelsim.errors import ConfigError, LegalityError
from accelsim.machine import Arch
from accelsim.machine.datapath import Binary, Codebook, Floating, Integer, Ternary
from accelsim.network.graph import Network
from accelsim.run.names import listing
from accelsim.values.quant import CodebookWeights as CodebookWeights
from accelsim.values.quant import FloatActivation, LinearActivation, LinearWeights, SignActivation, TwnWeights
from accelsim.values.schemes import Scheme, machines, schemes_of
from accelsim.values.schemes.machines import readers

EIGHT = Integer(kind="integer", ifmap_bits=8, weight_bits=8, unsigned=True)
CODES = LinearActivation("linear", bits=8)


def shipped(name: str) -> Scheme:
    document = load_yaml(find("schemes", name))
    if "first_last" in document:
        first = load_yaml(find("schemes", str(document["first_last"].value)))
        document = replace(document, value={**document.fields, "first_last": first})
    return build(document, Scheme)


def complaint(call, *arguments, **given):
    with pytest.raises(ConfigError) as caught:
        call(*arguments, **given)
    return str(caught.value)


# Every committed scheme


@pytest.mark.parametrize("name", names("schemes"))
def test_a_committed_scheme_is_named_like_its_file_and_says_where_it_is_from(name):
    scheme = shipped(name)
    assert scheme.name == name
    assert scheme.source


@pytest.mark.parametrize("name", names("schemes"))
def test_a_committed_scheme_written_out_in_full_is_the_same(name, tmp_path):
    path = tmp_path / "full.yaml"
    path.write_text(dump_yaml(to_plain(shipped(name))), encoding="utf-8")
    assert build(load_yaml(path), Scheme) == shipped(name)


def test_schemes_are_listed_with_their_source():
    found = listing("schemes")
    assert set(found) == set(names("schemes"))
    assert found["ternary"].startswith("Li, Zhang, Liu")


# Parts that fit


@pytest.mark.parametrize(
    "datapath, weights, ifmap, why",
    [
        (
            EIGHT,
            LinearWeights("linear", bits=4),
            CODES,
            "codes must be as wide as the datapath's words, 8 bits (got 4)",
        ),
        (EIGHT, LinearWeights("linear", bits=8), SignActivation("sign"), "words, 8 bits (got 1)"),
        (
            replace(EIGHT, unsigned=False),
            LinearWeights("linear", bits=8),
            CODES,
            "ifmap words of this datapath must be in -128..127 (got 0..255)",
        ),
        (
            Ternary(kind="ternary", ifmap_bits=8, unsigned=True),
            LinearWeights("linear", bits=2, per="filter"),
            LinearActivation("linear", bits=8, signed=True),
            "ifmap words of this datapath must be in 0..255 (got -127..127)",
        ),
        (
            Binary(kind="binary", ifmap_bits=8, unsigned=True),
            TwnWeights("twn"),
            CODES,
            "codes must be as wide as the datapath's words, 1 bits (got 2)",
        ),
        (
            Integer(kind="integer", ifmap_bits=8, weight_bits=2, odd_weights=True, unsigned=True),
            TwnWeights("twn"),
            CODES,
            "weights of this datapath must be odd (got an even one)",
        ),
        (
            Codebook(kind="codebook", codebook_bits=4, value_bits=8, ifmap_bits=8, unsigned=True),
            CodebookWeights("codebook", codebook_bits=4, value_bits=16),
            CODES,
            "weights of this datapath must be in -128..127 (got -32767..32767)",
        ),
        (
            Floating(kind="float", format="float32"),
            LinearWeights("linear", bits=16),
            FloatActivation("float", "float32"),
            "codes must be as wide as the datapath's words, 32 bits (got 16)",
        ),
        (
            Floating(kind="float", format="float16"),
            LinearWeights("linear", bits=16),
            FloatActivation("float", "float16"),
            "weights of this datapath must be float16 (got int64)",
        ),
        (
            Integer(kind="integer", weight_bits=8),
            LinearWeights("linear", bits=8),
            CODES,
            "datapath must say how wide its words are (got integer as wide as the machine's)",
        ),
        (
            Codebook(kind="codebook", codebook_bits=4, ifmap_bits=8, unsigned=True),
            CodebookWeights("codebook", codebook_bits=4),
            CODES,
            "datapath must say how wide its words are (got codebook as wide as the machine's)",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused(datapath, weights, ifmap, why):
    assert why in complaint(Scheme, "s", "ours", datapath, weights, ifmap)


def test_what_is_for_the_first_and_last_layer_has_none_of_its_own():
    xnor = shipped("xnor")
    why = "first_last must be a scheme without first_last (got one with)"
    assert complaint(replace, shipped("int8"), first_last=xnor) == why


def test_a_scheme_has_a_name():
    assert complaint(replace, shipped("int8"), name="") == "name must not be empty"


# Which layer has which


def test_the_first_and_the_last_layer_have_what_the_source_gives_them():
    found = schemes_of({"all": shipped("xnor")}, ["A", "B", "C"])
    assert [scheme.name for scheme in found.values()] == ["int8", "xnor", "int8"]


def test_a_layer_that_is_named_has_what_is_named():
    given = {"all": shipped("xnor"), "A": shipped("float16"), "C": shipped("xnor")}
    assert [s.name for s in schemes_of(given, ["A", "B", "C"]).values()] == ["float16", "xnor", "xnor"]


def test_without_schemes_no_layer_has_one():
    assert schemes_of(None, ["A"]) == {}


def test_every_layer_must_have_one():
    why = "must have a scheme for all, or for every layer (got none for B)"
    assert complaint(schemes_of, {"A": shipped("int8")}, ["A", "B"]) == why


# The machine as a layer sees it

NETWORK = build(
    load_yaml(Path(__file__).parent / "branches.yaml"),
    Network,
)

EYERISS = build(load_yaml(find("arch", "eyeriss")), Arch)


def test_readers_are_found_through_glue():
    assert list(readers(NETWORK, "A")) == [("B", 0), ("C", 0)]
    assert list(readers(NETWORK, "B")) == [("QK", 0), ("QK", 1)]
    assert list(readers(NETWORK, "QK")) == []


def test_an_ofmap_is_as_wide_as_the_widest_that_reads_it():
    """A is read by B, 4 bits, and through a pool by C, 8; B is read as ifmap, 16 bits, and as weights."""
    given = {"all": shipped("int4"), "C": shipped("int8"), "QK": shipped("int16")}
    own = machines(EYERISS, NETWORK, schemes_of(given, NETWORK.layers()))
    assert {name: arch.bits("ofmap") for name, arch in own.items()} == {"A": 8, "B": 16, "C": 16, "QK": 16}
    assert own["C"].ofmap_word_bits is None, "nobody reads it: 16 bits of a psum"
    assert {name: arch.bits("weight") for name, arch in own.items()} == {"A": 4, "B": 4, "C": 8, "QK": 16}


def test_without_schemes_every_layer_sees_the_machine():
    assert set(machines(EYERISS, NETWORK, {}).values()) == {EYERISS}


def test_a_machine_that_cannot_have_a_datapath_says_why():
    wide = schemes_of({"all": shipped("float32")}, NETWORK.layers())
    with pytest.raises(LegalityError) as caught:
        machines(EYERISS, NETWORK, wide)
    why = "noc.ifmap.bits_per_cycle must carry a word of 32 bits (got 16)"
    assert str(caught.value) == f"A, float32 on eyeriss: {why}"


# What a run file says

RUN = """\
name: small
arch: eyeriss
network: lenet5
energy: horowitz_45nm
"""
AT = "run.yaml:5"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(text: str) -> accelsim.Experiment:
    Path("run.yaml").write_text(RUN + text, encoding="utf-8")
    return accelsim.load("run.yaml")


def assigned(experiment: accelsim.Experiment) -> list[str]:
    found = schemes_of(experiment.settings.datapaths, experiment.network.layers())
    return [scheme.name for scheme in found.values()]


OWN = """\
name: own
source: ours
extends: ternary
weights: {per: filter}
"""


@pytest.mark.parametrize(
    "text, names_",
    [
        ("ternary", ["ternary"] * 5),
        ("dorefa", ["int8", *["dorefa"] * 3, "int8"]),
        ("{all: ternary, C3: int8}", ["ternary", "int8", *["ternary"] * 3]),
        ("{C1: int8, C3: int8, C5: int4, F6: int4, OUTPUT: int8}", ["int8", "int8", "int4", "int4", "int8"]),
        ("own.yaml", ["own"] * 5),
        ("{extends: ternary, name: mine}", ["mine"] * 5),
        ("{all: {extends: dorefa, first_last: own.yaml}}", ["own", *["dorefa"] * 3, "own"]),
        ("{all: {extends: dorefa, first_last: null}}", ["dorefa"] * 5),
    ],
)
def test_a_run_names_schemes(folder, text, names_):
    Path("own.yaml").write_text(OWN, encoding="utf-8")
    assert assigned(load(f"datapaths: {text}\n")) == names_


def test_null_names_none(folder):
    assert load("datapaths: null\n").settings.datapaths is None


@pytest.mark.parametrize(
    "text, why",
    [
        ("ternry", "datapaths: no scheme is named 'ternry'; did you mean 'ternary'?"),
        (
            "{all: int8, C33: int8}",
            "datapaths.C33: must name a layer of lenet5, or all (got 'C33'); did you mean 'C3'?",
        ),
        ("{C1: int8}", "datapaths: must have a scheme for all, or for every layer (got none for C3)"),
        ("3", "datapaths: must be a name, a path or a mapping (got 3)"),
        ("{all: 3}", "datapaths.all: must be a name, a path or a mapping (got 3)"),
        ("{}", "datapaths must name a scheme (got none)"),
        (
            "{extends: int8, weights: {bits: 4}}",
            "datapaths.weights: codes must be as wide as the datapath's words, 8 bits (got 4)",
        ),
        (
            "{extends: int8, ifmap: {bitz: 8}}",
            "datapaths.ifmap.bitz: unknown key 'bitz'; did you mean 'bits'?",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(folder, text, why):
    assert complaint(load, f"datapaths: {text}\n") == f"{AT}: {why}"


def test_a_mistake_in_a_scheme_is_told_with_its_line(folder):
    Path("own.yaml").write_text(OWN.replace("filter", "row"), encoding="utf-8")
    assert complaint(load, "datapaths: own.yaml\n") == (
        "own.yaml:4: weights.per: must be 'tensor' or 'filter' (got 'row')"
    )


@pytest.mark.parametrize(
    "text, why",
    [
        (
            "input: {file: x.npy, scale: 0.5}",
            "input.scale needs datapaths, without which values are integers (got 0.5)",
        ),
        ("input: {file: x.npy, scale: 0}\ndatapaths: int8", "input: scale must be positive (got 0)"),
        (
            "weights: {file: x.npz, ifmap_bits: 8}",
            "weights.ifmap_bits needs datapaths, without which values are integers (got 8)",
        ),
        (
            "weights: {file: x.npz, ifmap_bits: 17}\ndatapaths: int8",
            "weights: ifmap_bits must be in 1..16 (got 17)",
        ),
        ("labels: {file: x.npy}\nvalues: false", "labels needs values: true (got false)"),
        (
            "sparsity: {prune: {C1: {density: 0.5, codebook_bits: 4}}}\ndatapaths: int8",
            "sparsity.prune.C1: codebook_bits needs a run without datapaths; a scheme can share values",
        ),
    ],
)
def test_what_integers_or_reals_do_not_have_is_refused(folder, text, why):
    assert complaint(load, f"{text}\n") == f"{AT}: {why}"
