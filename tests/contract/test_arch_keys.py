"""No key that nothing reads: every field of an architecture changes a result, or what is legal."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from itertools import chain
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

import accelsim
from accelsim.errors import AccelsimError
from accelsim.machine import Arch, AreaBudget, Banks, DramLink, NoRF, PooledRF, SplitRF
from accelsim.machine.formats import AnyFormat

RUN = """\
name: small
arch: eyeriss
energy: horowitz_45nm
network:
  name: small
  input: [4, 9, 9]
  nodes:
    - {op: conv, name: A, m: 8, kernel: 3, pad: 1}
    - {op: conv, name: B, m: 8, kernel: 3, pad: 1, activation: relu}
mapping:
  A: {m: 8, n: 1, e: 4, p: 4, q: 1, r: 2, t: 2}
  B: {m: 4, n: 1, e: 9, p: 4, q: 4, r: 2, t: 1}
density:
  B: {ifmap: 0.5}
"""
POOL = RUN.replace("arch: eyeriss", "arch: isca2016_rs_256")
"""The same layers where the size of the GLB follows from the area of the register files."""

SYSTOLIC = """\
name: small
arch: systolic_8x8
energy: horowitz_45nm
dataflow: output_stationary_gemm
network:
  name: small
  input: [4, 9, 9]
  nodes:
    - {op: conv, name: A, m: 11, kernel: 3, pad: 1}
mapping:
  A: {t: 81, m: 8, e: 8}
"""
"""Folds on a systolic array, some of them ragged."""

BROADCAST = SYSTOLIC.replace("systolic_8x8", "isca2016_ws_256").replace("output_", "weight_")
BROADCAST = BROADCAST.replace("_gemm", "").replace("{t: 81, m: 8, e: 8}", "{r: 2, t: 4, f: 9}")
"""Ifmap rows that are broadcast, on a machine whose GLB holds psums alone."""

NLR = BROADCAST.replace("weight_stationary", "no_local_reuse").replace("isca2016_ws", "isca2016_nlr")
NLR = NLR.replace("{r: 2, t: 4, f: 9}", "{n: 1, m: 11, p: 4, q: 2, e: 9, f: 9}")
"""PEs that keep nothing."""

SPARSE = RUN.replace("arch: eyeriss", "arch: eyeriss_sparse") + "sparsity: {prune: {A: 0.4, B: 0.4}}\n"
"""The same layers, their weights pruned, on PEs that skip zeros."""

DENSE = "sparsity: {gate: none, formats: {ifmap: {dram: null}, ofmap: {dram: null}}}"
SHAPES = RUN.replace("density:\n  B: {ifmap: 0.5}", f"values: false\n{DENSE}")
"""The same layers without values, which any datapath can take."""

KINDS = {get_args(form.__annotations__["kind"])[0]: form for form in get_args(AnyFormat)}
"""Storage formats by name."""

WIDE = {"arch.noc.ifmap.bits_per_cycle": 32, "arch.rf.ifmap_bytes": 48}
SLOW_LINK = {"arch.dram.clock_hz": 5_000_000}
FILES = "storage_area.register_files"


@dataclass(frozen=True)
class Change:
    """A value that changes a result, of a run that may have been changed before."""

    value: Any
    base: Mapping[str, Any] = field(default_factory=dict)
    run: str = RUN
    at: str = ""  # the key that is set; by default the one it is listed under


def _with(kind: str, **keys: Any) -> dict[str, Any]:
    """The datapath of *kind*."""
    return {"arch.datapath": {"kind": kind, **keys}}


def _datapath(kind: str, run: str = SHAPES, **keys: Any) -> dict[str, Change]:
    """The datapath of *kind*, in place of one that multiplies integers."""
    return {f"datapath.kind: {kind}": Change({"kind": kind, **keys}, run=run, at="datapath")}


def _files(*points: tuple[float, float]) -> list[dict[str, float]]:
    return [{"bytes": size, "area_bytes": area} for size, area in points]


def _stored(place: str, run: str = RUN) -> dict[str, Change]:
    """Each format at *place*, in place of none."""
    key = f"sparsity.formats.{place}"
    return {
        f"{key}: {kind}": Change({"kind": kind}, {f"arch.{key}": None}, run=run, at=key) for kind in KINDS
    }


CHANGES = {
    "name": Change("other"),
    "clock_hz": Change(100_000_000),
    "array.rows": Change(11),
    "array.cols": Change(8),
    "array.placement": Change("pool", {"arch.array.cols": 5, "arch.array.rows": 11}),
    "array.interconnect": Change("multicast", run=SYSTOLIC),
    "array.fold_length": Change("used", run=SYSTOLIC),
    "array.drain": Change("hidden", run=SYSTOLIC),
    "rf.kind: none": Change({"kind": "none"}, run=BROADCAST, at="rf"),
    "noc.weight.fifo_words": Change(1, {"arch.noc.weight.latency_cycles": 3}, run=SYSTOLIC),
    "noc.weight.wires": Change("shared", run=NLR),
    "filter_glb: glb": Change({"banks": 64, "bank_bytes": 64}, run=NLR, at="filter_glb"),
    "ifmap_via_glb": Change(True, run=BROADCAST),
    "rf.kind": Change({"kind": "pooled", "bytes": 512}, at="rf"),
    "rf.ifmap_bytes": Change(16),
    "rf.weight_bytes": Change(64),
    "rf.psum_bytes": Change(6),
    "rf.bytes": Change(100, {"arch.rf": {"kind": "pooled", "bytes": 512}}),
    "pe.pipeline_stages": Change(5),
    "pe.macs_per_cycle": Change(2),
    "noc.weight.bits_per_cycle": Change(16),
    "noc.weight.latency_cycles": Change(3),
    "noc.ifmap.bits_per_cycle": Change(32),
    "noc.ifmap.latency_cycles": Change(3),
    "noc.ifmap.fifo_words": Change(1),
    "noc.psum.bits_per_cycle": Change(16),
    "noc.psum.latency_cycles": Change(40),
    "noc.psum.fifo_words": Change(1),
    "noc.ofmap.bits_per_cycle": Change(16),
    "noc.ofmap.latency_cycles": Change(3),
    "noc.ofmap.fifo_words": Change(1),
    "noc.local.latency_cycles": Change(3),
    "noc.local.fifo_words": Change(1),
    "glb": Change({"banks": 70_000, "bank_bytes": 2}, run=POOL),
    "glb.banks": Change(2),
    "glb.bank_bytes": Change(64),
    "filter_glb": Change(None),
    "filter_glb.banks": Change(1, {**SLOW_LINK, "arch.filter_glb.bank_bytes": 1024}),
    "filter_glb.bank_bytes": Change(320, SLOW_LINK),
    "dram": Change("ideal"),
    "dram.clock_hz": Change(30_000_000),
    "dram.bits_per_cycle": Change(8),
    "dram.latency_cycles": Change(100),
    "dram.burst_cycles": Change(64),
    "sparsity.gate": Change("none"),
    "sparsity.skip: none": Change("none", run=SPARSE),
    "sparsity.skip: ifmap": Change("ifmap", run=SPARSE),
    "sparsity.skip: weight": Change("weight", run=SPARSE),
    "sparsity.empty_window_cycles": Change(9, run=SPARSE),
    "sparsity.unmatched_cycles": Change(0, run=SPARSE),
    **_stored("ifmap.dram"),
    **_stored("weight.dram"),
    **_stored("ofmap.dram"),
    **_stored("ifmap.glb"),
    **_stored("weight.glb"),
    "sparsity.formats.ifmap.spad": Change(None, run=SPARSE),
    "sparsity.formats.weight.spad": Change(None, run=SPARSE),
    "sparsity.formats.ifmap.planned": Change(9.0, run=SPARSE),
    "sparsity.formats.weight.planned": Change(9.0, run=SPARSE),
    **_datapath("float", format="float16"),
    **_datapath("product_lut", ifmap_bits=4, weight_bits=4),
    **_datapath("codebook", codebook_bits=4),
    **_datapath("codebook_products", codebook_bits=4),
    **_datapath("codebook_sums", codebook_bits=2),
    **_datapath("binary"),
    **_datapath("ternary"),
    **_datapath("five_level"),
    **_datapath("xnor"),
    **_datapath("repeated_kernels", RUN, weight_bits=16),
    "datapath.packing": Change("word", _with("integer", weight_bits=8), run=SHAPES),
    "datapath.lanes": Change(8, _with("xnor"), run=SHAPES),
    "datapath.ifmap_bits": Change(8, _with("integer"), run=SHAPES),
    "datapath.unsigned": Change(False, _with("integer", ifmap_bits=15, unsigned=True)),
    "datapath.weight_bits": Change(8, _with("integer"), run=SHAPES),
    "datapath.odd_weights": Change(True, _with("integer", weight_bits=8), run=SHAPES),
    "datapath.codebook_bits": Change(5, _with("codebook", codebook_bits=4), run=SHAPES),
    "datapath.value_bits": Change(8, _with("codebook", codebook_bits=4), run=SHAPES),
    "datapath.format: mixed": Change("mixed", _with("float", format="float16"), run=SHAPES),
    "datapath.format: float32": Change("float32", {**WIDE, **_with("float", format="float16")}, run=SHAPES),
    "word_bits": Change(8),
    "psum_word_bits": Change(32),
    "ofmap_word_bits": Change(8),
    "accumulator_bits": Change(20),
    "overflow": Change("wrap", {"arch.accumulator_bits": 20}),
    "padding": Change("generated"),
    "ofmap_via_glb": Change(False),
    "configuration_cycles": Change(0),
    "storage_area": Change(None, run=POOL),
    "storage_area.bytes_per_pe": Change(1400, run=POOL),
    "storage_area.register_files.bytes": Change(_files((0, 0), (1024, 841.2)), run=POOL, at=FILES),
    "storage_area.register_files.area_bytes": Change(_files((0, 0), (512, 700)), run=POOL, at=FILES),
    "storage_area.bank_bytes": Change(40_000, run=POOL),
}
"""By key; where a key has more than two choices, the others are listed as ``key: choice``."""


def _keys(cls: type, prefix: str = "") -> Counter[str]:
    """Dotted paths of all fields of *cls* and of what it holds, as often as they can be changed."""
    found: Counter[str] = Counter()
    for one in fields(cls):
        path, choices = f"{prefix}{one.name}", _choices(get_type_hints(cls)[one.name])
        parts = [choice for choice in choices if is_dataclass(choice) and choice not in KINDS.values()]
        for part in parts:
            found |= _keys(part, f"{path}.")
        if len(parts) > 1:  # told apart by a key of their own
            found[f"{path}.kind"] = len(choices) - 1
        if len(parts) < len(choices):
            found[path] = max(len(choices) - 1, 1)
    return found


def _choices(hint: Any) -> list[Any]:
    """What may stand under a key: classes, the values of a literal, None."""
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    inside = [inner for inner in get_args(hint) if inner is not ...]
    return list(chain(*map(_choices, inside))) if inside else [hint]


def test_every_key_of_an_architecture_is_here():
    kinds = {key: {*_choices(hint)} for key, hint in get_type_hints(Arch).items()}
    assert kinds["dram"] == {DramLink, "ideal"}
    assert kinds["filter_glb"] == {Banks, "glb", NoneType}
    assert kinds["storage_area"] == {AreaBudget, NoneType}
    assert kinds["rf"] == {SplitRF, PooledRF, NoRF}
    assert _keys(Arch) == Counter(key.split(":")[0] for key in CHANGES)


@pytest.fixture
def seen(tmp_path):
    """What a user sees of a run with overrides: every number of it, or its one-line error."""

    def see(text, overrides):
        path = tmp_path / "small.yaml"
        path.write_text(text)
        dotted = {key.replace(".", "__"): value for key, value in overrides.items()}
        try:
            result = accelsim.load(str(path), **dotted).run()
        except AccelsimError as error:
            return str(error)
        ofmaps = [None if layer.ofmap is None else layer.ofmap.tolist() for layer in result.layers]
        return result.arch, [layer.row() for layer in result.layers], ofmaps

    return see


REFUSED = {
    "rf.ifmap_bytes": "ifmap spad",
    "rf.weight_bytes": "filter spad",
    "rf.psum_bytes": "psum spad",
    "rf.bytes": "register file",
    "rf.kind: none": "register file",
    "glb.bank_bytes": "GLB",
    "accumulator_bits": "accumulator overflow",
    "storage_area": "storage_area must be given",
    "datapath.unsigned": "ifmap words of this datapath must be in",
    "sparsity.formats.ifmap.planned": "ifmap spad",
    "sparsity.formats.weight.planned": "filter spad",
}
"""What another value breaks; every other key must change the numbers of a run that ends."""


@pytest.mark.parametrize("key", CHANGES)
def test_key_changes_a_result(seen, key):
    change = CHANGES[key]
    path = change.at or key.split(":")[0]
    before = seen(change.run, change.base)
    after = seen(change.run, {**change.base, f"arch.{path}": change.value})
    assert after != before
    if key in REFUSED:
        assert not isinstance(before, str), before
        assert REFUSED[key] in after
    else:
        assert not isinstance(after, str), after


PARAMETERS = {
    "run_length.run_bits": 2,
    "run_length.pairs": 1,
    "csc.index_bits": 1,
    "csc.pointer_bits": 20,
}
"""Another value for each key of a format beside its kind; formats are the same wherever they are."""


def test_every_key_of_a_format_is_here():
    keys = {f"{kind}.{one.name}" for kind, form in KINDS.items() for one in fields(form)}
    assert keys - {f"{kind}.kind" for kind in KINDS} == set(PARAMETERS)


@pytest.mark.parametrize("key", PARAMETERS)
def test_key_of_a_format_changes_a_result(seen, key):
    (kind, name), place = key.split("."), "arch.sparsity.formats.weight.dram"
    before = seen(SPARSE, {place: {"kind": kind}})
    after = seen(SPARSE, {place: {"kind": kind, name: PARAMETERS[key]}})
    assert not isinstance(before, str), before
    assert after != before
    assert not isinstance(after, str), after


def test_an_unknown_key_is_an_error(seen):
    assert "unknown key 'rwos'; did you mean 'rows'?" in seen(RUN, {"arch.array.rwos": 3})
