"""No key that nothing reads: every field of an architecture changes a result, or what is legal."""

from dataclasses import fields, is_dataclass

import pytest

import accelsim
from accelsim.arch import Arch, DramLink, PooledRF
from accelsim.errors import AccelsimError

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
SLOW_LINK = {"arch.dram.clock_hz": 5_000_000}
CHANGES = {
    "name": ("other", {}),
    "clock_hz": (100_000_000, {}),
    "array.rows": (11, {}),
    "array.cols": (8, {}),
    "array.placement": ("pool", {"arch.array.cols": 5, "arch.array.rows": 11}),
    "rf.kind": ({"kind": "pooled", "bytes": 512}, {}),
    "rf.ifmap_bytes": (16, {}),
    "rf.weight_bytes": (64, {}),
    "rf.psum_bytes": (6, {}),
    "rf.bytes": (100, {"arch.rf": {"kind": "pooled", "bytes": 512}}),
    "pe.pipeline_stages": (5, {}),
    "pe.zero_gating": (False, {}),
    "noc.weight.bits_per_cycle": (16, {}),
    "noc.weight.latency_cycles": (3, {}),
    "noc.ifmap.bits_per_cycle": (32, {}),
    "noc.ifmap.latency_cycles": (3, {}),
    "noc.ifmap.fifo_words": (1, {}),
    "noc.psum.bits_per_cycle": (16, {}),
    "noc.psum.latency_cycles": (40, {}),
    "noc.psum.fifo_words": (1, {}),
    "noc.ofmap.bits_per_cycle": (16, {}),
    "noc.ofmap.latency_cycles": (3, {}),
    "noc.ofmap.fifo_words": (1, {}),
    "noc.local.latency_cycles": (3, {}),
    "noc.local.fifo_words": (1, {}),
    "glb.banks": (2, {}),
    "glb.bank_bytes": (64, {}),
    "filter_glb": (None, {}),
    "filter_glb.banks": (1, {**SLOW_LINK, "arch.filter_glb.bank_bytes": 1024}),
    "filter_glb.bank_bytes": (320, SLOW_LINK),
    "dram": ("ideal", {}),
    "dram.clock_hz": (30_000_000, {}),
    "dram.bits_per_cycle": (8, {}),
    "dram.latency_cycles": (100, {}),
    "dram.burst_cycles": (64, {}),
    "rlc": (False, {}),
    "word_bits": (8, {"arch.rlc": False}),
    "psum_word_bits": (32, {}),
    "accumulator_bits": (20, {}),
    "overflow": ("wrap", {"arch.accumulator_bits": 20}),
    "padding": ("generated", {}),
    "ofmap_via_glb": (False, {}),
    "configuration_cycles": (0, {}),
}


def _keys(cls: type, prefix: str = "") -> set[str]:
    """Dotted paths of all fields of *cls* and of what it holds."""
    found = set()
    for field in fields(cls):
        path = f"{prefix}{field.name}"
        kinds = [kind for kind in _kinds(cls, field.name) if is_dataclass(kind)]
        if not kinds or path in ("filter_glb", "dram"):
            found.add(path)
        for kind in kinds:
            found |= _keys(kind, f"{path}.")
    return found


def _kinds(cls: type, name: str) -> list[type]:
    from typing import get_args, get_type_hints

    hint = get_type_hints(cls)[name]
    return list(get_args(hint)) or [hint]


def test_every_key_of_an_architecture_is_here():
    assert {DramLink, PooledRF} <= {*_kinds(Arch, "dram"), *_kinds(Arch, "rf")}
    assert _keys(Arch) == set(CHANGES)


@pytest.fixture
def seen(tmp_path):
    """What a user sees of the run with overrides: every number of it, or its one-line error."""
    path = tmp_path / "small.yaml"
    path.write_text(RUN)

    def see(overrides):
        dotted = {key.replace(".", "__"): value for key, value in overrides.items()}
        try:
            result = accelsim.load(str(path), **dotted).run()
        except AccelsimError as error:
            return str(error)
        ofmaps = [layer.ofmap.tolist() for layer in result.layers]
        return result.arch, [layer.row() for layer in result.layers], ofmaps

    return see


REFUSED = {
    "rf.ifmap_bytes": "ifmap spad",
    "rf.weight_bytes": "filter spad",
    "rf.psum_bytes": "psum spad",
    "rf.bytes": "register file",
    "glb.bank_bytes": "GLB",
    "accumulator_bits": "accumulator overflow",
}
"""What a smaller value breaks; every other key must change the numbers of a run that ends."""


@pytest.mark.parametrize("key", CHANGES)
def test_key_changes_a_result(seen, key):
    value, base = CHANGES[key]
    path = "rf" if key == "rf.kind" else key
    before, after = seen(base), seen({**base, f"arch.{path}": value})
    assert after != before
    if key in REFUSED:
        assert REFUSED[key] in after
    else:
        assert not isinstance(after, str), after


def test_an_unknown_key_is_an_error(seen):
    assert "unknown key 'rwos'; did you mean 'rows'?" in seen({"arch.array.rwos": 3})
