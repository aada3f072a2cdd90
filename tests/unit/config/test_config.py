"""YAML into objects: exact values, exact complaints."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accelsim.config import (
    Origin,
    Plain,
    build,
    dump_yaml,
    find,
    from_plain,
    load_yaml,
    names,
    parse_value,
    resolve,
    to_plain,
)
from accelsim.energy import EnergyTable
from accelsim.errors import ConfigError
from accelsim.machine import Arch, DramLink, PEArray, PooledRF
from accelsim.network.layer import Layer

Write = Callable[..., Path]

CHIP = """\
name: x
clock_hz: 200 MHz
array: {rows: 2, cols: 3}
rf: {kind: pooled, bytes: 512 B}
pe: {}
noc:
  weight: {bits_per_cycle: 64}
  ifmap: {bits_per_cycle: 16}
  psum: {bits_per_cycle: 64}
  ofmap: {bits_per_cycle: 64}
  local: {}
glb: {banks: 25, bank_bytes: 4 KiB}
filter_glb: null
dram: ideal
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file in an empty working folder; its name is its path."""
    monkeypatch.chdir(tmp_path)

    def put(text: str | bytes, name: str = "x.yaml") -> Path:
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return put


def complaint(call: Callable[[], object]) -> str:
    with pytest.raises(ConfigError) as caught:
        call()
    return str(caught.value)


def chip_complaint(write: Write, old: str, new: str) -> str:
    """What is said of CHIP with *old* replaced by *new*."""
    assert old in CHIP
    path = write(CHIP.replace(old, new))
    return complaint(lambda: build(load_yaml(path), Arch))


# reading ---------------------------------------------------------------------------------------------------


def test_yaml_is_version_1_2(write: Write) -> None:
    path = write("a: 010\nb: 200e6\nc: off\nd: 2001-01-01\ne: 0o17\nf:\n")
    assert load_yaml(path).plain == {"a": 10, "b": 200e6, "c": "off", "d": "2001-01-01", "e": 15, "f": None}


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "x.yaml: must be a mapping of keys to values (got an empty file)"),
        ("# only this\n", "x.yaml: must be a mapping of keys to values (got an empty file)"),
        ("- 1\n- 2\n", "x.yaml:1: must be a mapping of keys to values (got [1, 2])"),
        ("a: 1\nb: 2\na: 3\n", "x.yaml:3: a: a key must be given once (also on line 1)"),
        ("a: {b: 1, c: 2,\n b: 3}\n", "x.yaml:2: a.b: a key must be given once (also on line 1)"),
        ("a: 1\nb: [1\n", "x.yaml:3: must be YAML 1.2: expected ',' or ']', but got '<stream end>'"),
        ("a: b: c\n", "x.yaml:1: must be YAML 1.2: mapping values are not allowed here"),
        ("a:\n\tb: 1\n", "x.yaml:2: must be YAML 1.2: found character '\\t' that cannot start any token"),
        ("a: *b\n", "x.yaml:1: must be YAML 1.2: found undefined alias 'b'"),
        ("a: 1\n---\nb: 2\n", "x.yaml:2: must be YAML 1.2: but found another document"),
        ("%YAML 1.1\n---\na: off\n", "x.yaml:1: must be YAML 1.2 (got a %YAML line with another version)"),
        ("a: &a [*a]\n", "x.yaml:1: a[0]: an alias must not contain itself"),
        ("a: !shell rm\n", "x.yaml:1: a: must be plain data (got the tag '!shell')"),
        ("a:\n  - b: .nan\n", "x.yaml:2: a[0].b: must be a finite number (got .nan)"),
        ("? [a]\n: 1\n", "x.yaml:1: a key must be text"),
        ("a: !!int x\n", "x.yaml:1: a: must be a value (got 'x')"),
        (b"a: \xff\n", "x.yaml: must be UTF-8 text (byte 3 is not)"),
        (
            "a: 1\nb: \0\n",
            "x.yaml:2: must be YAML 1.2: unacceptable character #x0000: special characters are not allowed",
        ),
    ],
)
def test_a_file_that_is_no_yaml_mapping_is_refused_in_one_line(
    write: Write, text: str | bytes, why: str
) -> None:
    path = write(text)
    assert complaint(lambda: load_yaml(path)) == why


def test_an_alias_bomb_is_refused(write: Write) -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    path = write("\n".join(lines))
    assert complaint(lambda: load_yaml(path)).endswith(
        "a file must hold at most 200000 values, aliases written out"
    )


def test_merged_keys_keep_their_own_line_and_lose_to_written_ones(write: Write) -> None:
    document = load_yaml(write("a: &a\n  x: 1\n  y: 2\nb:\n  x: 3\n  <<: *a\n"))
    assert document["b"].plain == {"x": 3, "y": 2}
    assert (document["b"]["x"].origin.line, document["b"]["y"].origin.line) == (5, 3)


def test_of_several_merged_mappings_the_first_wins(write: Write) -> None:
    document = load_yaml(write("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: [*a, *b]\n"))
    assert document["c"].plain == {"x": 1, "y": 2}
    path = write("a: &a {x: 1}\nc:\n  <<: *a\n  <<: *a\n")
    assert complaint(lambda: load_yaml(path)) == "x.yaml:4: c: << must be given once, with a list"


def test_a_missing_file_names_the_likely_one(write: Write) -> None:
    write("a: 1", "chips/eyeriss.yaml")
    assert (
        complaint(lambda: load_yaml("chips/eyeris.yaml"))
        == "chips/eyeris.yaml: no such file; did you mean 'eyeriss'?"
    )
    assert complaint(lambda: load_yaml("chips/zzz.yaml")) == "chips/zzz.yaml: no such file; known: eyeriss"
    assert complaint(lambda: load_yaml("nowhere/a.yaml")) == "nowhere/a.yaml: no such file"
    assert complaint(lambda: load_yaml("chips")) == "chips: must be a file (got a folder)"


WORDS = st.text(st.characters(categories=("L", "N", "P", "S")) | st.sampled_from(" \n"), max_size=9)
PLAIN: st.SearchStrategy[Plain] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(PLAIN)
def test_what_is_dumped_reads_back_the_same(data: Plain) -> None:
    assert parse_value(dump_yaml({"a": data}), override="a") == {"a": data}


def test_a_dump_keeps_the_order_of_keys() -> None:
    assert dump_yaml({"b": None, "a": [1, True]}) == "b: null\na:\n- 1\n- true\n"


# extends ---------------------------------------------------------------------------------------------------


def test_later_files_win_and_every_leaf_keeps_its_place(write: Write) -> None:
    write("a: {x: 1, y: 1, z: 1}\nl: [1, 2]\n", "one.yaml")
    write("a: {y: 2, z: 2}\n", "two.yaml")
    document = load_yaml(write("extends: [one.yaml, two]\na:\n  z: 3\nl: [3]\n"))
    assert document.plain == {"a": {"x": 1, "y": 2, "z": 3}, "l": [3]}
    assert [document["a"][key].origin.label for key in "xyz"] == ["one.yaml:1", "two.yaml:1", "x.yaml:3"]


def test_a_mapping_of_another_kind_replaces_the_one_below(write: Write) -> None:
    write("rf: {kind: split, ifmap_bytes: 24}\n", "one.yaml")
    document = load_yaml(write("extends: one\nrf: {kind: pooled, bytes: 512}\n"))
    assert document.plain == {"rf": {"kind": "pooled", "bytes": 512}}


def test_a_name_is_the_sibling_file_before_the_packaged_one_and_never_itself(write: Write) -> None:
    path = write("extends: eyeriss\nname: mine\n", "eyeriss.yaml")
    assert load_yaml(path, "arch")["clock_hz"].plain == "200 MHz"
    write("clock_hz: 1\n", "isca2016_rs_256.yaml")
    assert load_yaml(write("extends: isca2016_rs_256\n"), "arch").plain == {"clock_hz": 1}


@pytest.mark.parametrize(
    "extends, why",
    [
        ("x.yaml", "x.yaml:2: extends: files must not extend each other in a circle (got x.yaml -> x.yaml)"),
        (
            "y.yaml",
            "y.yaml:1: extends: files must not extend each other in a circle"
            " (got x.yaml -> y.yaml -> x.yaml)",
        ),
        ("z.yaml", "x.yaml:2: extends: z.yaml: no such file; known: x, y"),
        ("3", "x.yaml:2: extends: must be a name or a path (got 3)"),
        ("[]", "x.yaml:2: extends: must name at least one config (got [])"),
        ("[y, 3]", "x.yaml:2: extends[1]: must be a name or a path (got 3)"),
        ("zzz", "x.yaml:2: extends: no arch is named 'zzz'; known: eyeriss, isca2016_rs_256"),
    ],
)
def test_what_cannot_be_extended_is_refused(write: Write, extends: str, why: str) -> None:
    write("extends: x.yaml\n" if extends == "y.yaml" else "a: 1\n", "y.yaml")
    path = write(f"a: 1\nextends: {extends}\n")
    if extends == "zzz":
        why = why.replace("eyeriss, isca2016_rs_256", ", ".join(names("arch")))
    assert complaint(lambda: load_yaml(path, "arch")) == why


# building --------------------------------------------------------------------------------------------------


def test_a_file_becomes_frozen_objects(write: Write) -> None:
    chip = build(load_yaml(write(CHIP)), Arch)
    assert (chip.clock_hz, chip.array, chip.rf) == (200_000_000, PEArray(2, 3), PooledRF("pooled", 512))
    assert (chip.glb.bytes, chip.filter_glb, chip.dram) == (102_400, None, "ideal")


def test_integral_floats_stand_for_integers(write: Write) -> None:
    path = write(CHIP.replace("200 MHz", "200e6"))
    assert build(load_yaml(path), Arch).clock_hz == 200_000_000


def test_a_float_too_large_to_be_exact_is_no_integer(write: Write) -> None:
    change = "rows: 2", "rows: 1e300"
    assert chip_complaint(write, *change) == "x.yaml:3: array.rows: must be an integer (got 1e+300)"


def test_what_was_built_comes_back_as_plain_data(write: Write) -> None:
    chip = build(load_yaml(write(CHIP)), Arch)
    again = build(load_yaml(write(dump_yaml(to_plain(chip)))), Arch)
    assert again == chip


def test_a_list_of_objects_can_be_built(write: Write) -> None:
    path = write("layers:\n  - {name: a, m: 1, c: 1, h: 3, w: 3, r: 1, s: 1, stride: [2, 1]}\n")
    (layer,) = build(load_yaml(path)["layers"], list[Layer])
    assert layer.stride == (2, 1)


@pytest.mark.parametrize(
    "old, new, why",
    [
        ("rows: 2", "rwos: 2, rows: 2", "x.yaml:3: array.rwos: unknown key 'rwos'; did you mean 'rows'?"),
        (
            "rows: 2",
            "zzz: 2, rows: 2",
            "x.yaml:3: array.zzz: unknown key 'zzz'; known: rows, cols, placement, interconnect, fold_length,"
            " drain",
        ),
        ("rows: 2, ", "", "x.yaml:3: array.rows: must be given (the key is missing)"),
        ("rows: 2", "rows: true", "x.yaml:3: array.rows: must be an integer (got True)"),
        ("rows: 2", "rows: '2'", "x.yaml:3: array.rows: must be an integer (got '2')"),
        ("rows: 2", "rows: 2.5", "x.yaml:3: array.rows: must be an integer (got 2.5)"),
        ("rows: 2", "rows: ~", "x.yaml:3: array.rows: must be an integer (got null)"),
        ("rows: 2", "rows: {a: 1}", "x.yaml:3: array.rows: must be an integer (got a mapping)"),
        ("rows: 2", "rows: 0", "x.yaml:3: array: rows must be at least 1 (got 0)"),
        ("name: x", "name: 3", "x.yaml:1: name: must be text (got 3)"),
        ("name: x", "name: x\nifmap_via_glb: 1", "x.yaml:2: ifmap_via_glb: must be true or false (got 1)"),
        (
            "cols: 3",
            "cols: 3, placement: gird",
            "x.yaml:3: array.placement: must be 'grid' or 'pool' (got 'gird')",
        ),
        (
            "array: {rows: 2, cols: 3}",
            "array: 3",
            "x.yaml:3: array: must be a mapping with the keys rows, cols, placement, interconnect,"
            " fold_length, drain (got 3)",
        ),
        (
            "kind: pooled",
            "kind: poold",
            "x.yaml:4: rf.kind: must be 'split', 'pooled' or 'none' (got 'poold')",
        ),
        (
            "kind: pooled, ",
            "",
            "x.yaml:4: rf.kind: must be given: 'split', 'pooled' or 'none' (the key is missing)",
        ),
        (
            "rf: {kind: pooled, bytes: 512 B}",
            "rf: 512",
            "x.yaml:4: rf: must be a mapping with kind 'split', 'pooled' or 'none' (got 512)",
        ),
        ("512 B", "0", "x.yaml:4: rf: bytes must be at least 1 (got 0)"),
        (
            "512 B",
            "4 KB",
            "x.yaml:4: rf.bytes: 'KB' is ambiguous; write kB (1000 bytes) or KiB (1024 bytes) (got '4 KB')",
        ),
        (
            "pooled, bytes: 512 B",
            "pooled, byts: 5, bytes: 5",
            "x.yaml:4: rf.byts: unknown key 'byts'; did you mean 'bytes'?",
        ),
        (
            "dram: ideal",
            "dram: idea",
            "x.yaml:14: dram: must be a mapping with the keys clock_hz, bits_per_cycle, latency_cycles,"
            " burst_cycles or 'ideal' (got 'idea')",
        ),
        (
            "dram: ideal",
            "dram:\n  clock_hz: 1 Hz",
            "x.yaml:14: dram.bits_per_cycle: must be given (the key is missing)",
        ),
        (
            "filter_glb: null",
            "filter_glb: {banks: 1, bank_bytes: a}",
            "x.yaml:13: filter_glb.bank_bytes: must be a number, or a number and one of"
            " B, kB, MB, GB, TB, KiB, MiB, GiB, TiB (got 'a')",
        ),
        (
            "  psum: {bits_per_cycle: 64}",
            "  psum: {bits_per_cycle: 8}",
            "x.yaml:9: noc.psum.bits_per_cycle must carry a word of 16 bits (got 8)",
        ),
    ],
)
def test_one_mistake_gives_one_line(write: Write, old: str, new: str, why: str) -> None:
    assert chip_complaint(write, old, new) == why


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(write: Write) -> None:
    text = CHIP.replace("200 MHz", "200 Mhz").replace("rows: 2", "rows: a").replace("kind: pooled", "kind: a")
    path = write(text + "wrod_bits: 16\n")
    assert complaint(lambda: build(load_yaml(path), Arch)).splitlines() == [
        "x.yaml:2: clock_hz: unknown unit 'Mhz'; did you mean 'MHz'? (got '200 Mhz')",
        "x.yaml:3: array.rows: must be an integer (got 'a')",
        "x.yaml:4: rf.kind: must be 'split', 'pooled' or 'none' (got 'a')",
        "x.yaml:15: wrod_bits: unknown key 'wrod_bits'; did you mean 'word_bits'?",
    ]


def test_a_value_from_a_base_is_refused_at_its_own_line(write: Write) -> None:
    write("\n" + CHIP.replace("rows: 2", "rows: 0"), "base.yaml")
    path = write("extends: base\nname: y\n")
    assert complaint(lambda: build(load_yaml(path), Arch)) == (
        "base.yaml:4: array: rows must be at least 1 (got 0)"
    )


def test_a_key_missing_from_a_merged_mapping_is_told_in_the_last_file(write: Write) -> None:
    write(CHIP.replace(", cols: 3", ""), "base.yaml")
    path = write("extends: base\narray: {rows: 3}\n")
    assert complaint(lambda: build(load_yaml(path), Arch)) == (
        "x.yaml:2: array.cols: must be given (the key is missing)"
    )


@pytest.mark.parametrize(
    "more, why",
    [
        ("stride: [1, 2, 3]", "x.yaml:1: stride: must be a list of 2 values (got [1, 2, 3])"),
        ("pad: [1]", "x.yaml:1: pad: must be a list of 4 values (got [1])"),
        ("pad: 1", "x.yaml:1: pad: must be a list (got 1)"),
        ("stride: [1, a]", "x.yaml:1: stride[1]: must be an integer (got 'a')"),
        ("strid: 1", "x.yaml:1: strid: unknown key 'strid'; did you mean 'stride'?"),
        ("groups: 2", "x.yaml:1: groups must divide c (got groups=2, c=1)"),
    ],
)
def test_lists_and_classes_that_do_not_ask_for_it_are_strict_too(write: Write, more: str, why: str) -> None:
    path = write(f"{{name: a, m: 2, c: 1, h: 3, w: 3, r: 1, s: 1, {more}}}\n")
    assert complaint(lambda: build(load_yaml(path), Layer)) == why


@dataclass(frozen=True)
class Small:
    op: Literal["small", "tiny"]
    label: Literal["a", "b"] = "a"
    size: int = 1


@dataclass(frozen=True)
class Large:
    op: Literal["large"]
    label: Literal["a", "b"] = "a"
    length: int = 1


@dataclass(frozen=True)
class Box:
    things: tuple[Small | Large, ...] | Literal["none"]
    sizes: dict[str, int | float] | None = None


@pytest.mark.parametrize(
    "text, why",
    [
        ("things: some", "x.yaml:1: things: must be a list or 'none' (got 'some')"),
        (
            "things: [{op: lrge}]",
            "x.yaml:1: things[0].op: must be 'small', 'tiny' or 'large' (got 'lrge')",
        ),
        (
            "things: [{op: tiny, length: 3}]",
            "x.yaml:1: things[0].length: unknown key 'length'; known: op, label, size",
        ),
        ("things: [{op: large, length: a}]", "x.yaml:1: things[0].length: must be an integer (got 'a')"),
        (
            "things: [1]",
            "x.yaml:1: things[0]: must be a mapping with op 'small', 'tiny' or 'large' (got 1)",
        ),
        ("things: none\nsizes: {a: b}", "x.yaml:2: sizes.a: must be an integer or a number (got 'b')"),
    ],
)
def test_a_union_is_explained_by_the_member_that_was_meant(write: Write, text: str, why: str) -> None:
    path = write(text)
    assert complaint(lambda: build(load_yaml(path), Box)) == why


@dataclass(frozen=True)
class Refused:
    __pydantic_config__: ClassVar = {"extra": "ignore"}

    def __post_init__(self) -> None:
        raise ConfigError("such a thing is not supported")


def test_a_class_may_let_unknown_keys_pass(write: Write) -> None:
    path = write("anything: 1\n")
    assert complaint(lambda: build(load_yaml(path), Refused)) == "x.yaml:1: such a thing is not supported"


@dataclass(frozen=True)
class Timed:
    __pydantic_config__: ClassVar = {"extra": "forbid"}
    wait_ns: float
    pj: float
    sizes_bytes: tuple[int, ...]
    name: str


def test_units_reach_lists_and_leave_text_alone(write: Write) -> None:
    path = write("wait_ns: 2 us\npj: 1.1 pJ\nsizes_bytes: [8 KiB, 5]\nname: 4 KiB\n")
    assert build(load_yaml(path), Timed) == Timed(2000.0, 1.1, (8192, 5), "4 KiB")


# names -----------------------------------------------------------------------------------------------------


def test_a_bare_name_is_a_packaged_config() -> None:
    assert find("arch", "eyeriss").name == "eyeriss.yaml"
    assert "eyeriss" in names("arch")
    assert list(names("energy")) == sorted(names("energy"))


def test_a_path_starts_from_the_file_that_names_it(write: Write) -> None:
    write("a: 1", "chips/a.yaml")
    run = write("arch: a.yaml", "chips/run.yaml")
    assert find("arch", "a.yaml", run) == Path("chips/a.yaml")
    assert find("arch", "chips/a.yaml") == Path("chips/a.yaml")
    assert resolve(load_yaml(run), "arch", "arch").plain == {"a": 1}


def test_an_unknown_name_suggests_the_known() -> None:
    assert complaint(lambda: find("arch", "eyeris")) == "no arch is named 'eyeris'; did you mean 'eyeriss'?"
    assert complaint(lambda: find("energy", "zzz")) == (
        f"no energy table is named 'zzz'; known: {', '.join(names('energy'))}"
    )
    assert complaint(lambda: find("chips", "a")) == (
        "kind must be one of arch, networks, energy, pruning, schemes, runs, published (got 'chips')"
    )


# resolve and overrides -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["arch: eyeriss", "arch: {extends: eyeriss, dram: ideal}"])
def test_a_config_is_named_or_extended_in_place(write: Write, text: str) -> None:
    chip = build(resolve(load_yaml(write(text)), "arch", "arch"), Arch)
    assert (chip.name, chip.dram == "ideal") == ("eyeriss", "ideal" in text)


def test_a_file_beside_the_run_is_not_taken_for_a_packaged_config(write: Write) -> None:
    write("a: 1\n", "eyeriss.yaml")
    document = load_yaml(write("arch: {extends: eyeriss}\n"))
    assert resolve(document, "arch", "arch")["name"].plain == "eyeriss"


def test_a_whole_config_may_stand_in_place(write: Write) -> None:
    body = "".join(f"  {line}\n" for line in CHIP.splitlines())
    document = load_yaml(write(f"arch:\n{body}"))
    assert build(resolve(document, "arch", "arch"), Arch).name == "x"


@pytest.mark.parametrize(
    "text, why",
    [
        ("arch: eyeris", "x.yaml:1: arch: no arch is named 'eyeris'; did you mean 'eyeriss'?"),
        ("arch: eyeris.yaml", "x.yaml:1: arch: eyeris.yaml: no such file; known: x"),
        ("arch: [a]", "x.yaml:1: arch: must be a name, a path or a mapping (got ['a'])"),
        ("batch: 1", "x.yaml:1: arch: must be given (the key is missing)"),
        (
            "arch:\n  extends: eyeris",
            "x.yaml:2: arch.extends: no arch is named 'eyeris'; did you mean 'eyeriss'?",
        ),
    ],
)
def test_a_config_that_cannot_be_resolved_is_refused_where_it_is_named(
    write: Write, text: str, why: str
) -> None:
    document = load_yaml(write(text))
    assert complaint(lambda: resolve(document, "arch", "arch")) == why


def test_a_mistake_in_place_is_told_in_the_run(write: Write) -> None:
    document = load_yaml(write("arch:\n  extends: eyeriss\n  array: {rwos: 3}\n"))
    assert complaint(lambda: build(resolve(document, "arch", "arch"), Arch)) == (
        "x.yaml:3: arch.array.rwos: unknown key 'rwos'; did you mean 'rows'?"
    )


def test_an_override_below_a_name_extends_it(write: Write) -> None:
    document = load_yaml(write("arch: eyeriss\nbatch: 4\n"))
    changed = document.with_overrides({"arch.dram": "ideal", "arch.array.cols": 15, "batch": 1})
    assert changed.plain == {
        "arch": {"extends": "eyeriss", "dram": "ideal", "array": {"cols": 15}},
        "batch": 1,
    }
    chip = build(resolve(changed, "arch", "arch"), Arch)
    assert (chip.dram, chip.array.cols, chip.array.rows) == ("ideal", 15, 12)
    assert document.plain == {"arch": "eyeriss", "batch": 4}


def test_an_override_may_be_a_mapping_and_have_units(write: Write) -> None:
    document = load_yaml(write(CHIP))
    link: Plain = {"clock_hz": "60 MHz", "bits_per_cycle": 64}
    chip = build(document.with_overrides({"dram": link, "rf.bytes": "1 KiB"}), Arch)
    assert (chip.dram, chip.rf) == (DramLink(60_000_000, 64), PooledRF("pooled", 1024))


@pytest.mark.parametrize(
    "key, value, why",
    [
        ("array.rows", "a", "override array.rows: must be an integer (got 'a')"),
        ("array.rows", 0, "override array.rows: rows must be at least 1 (got 0)"),
        ("array.rwos", 3, "override array.rwos: unknown key 'rwos'; did you mean 'rows'?"),
        ("aray.rows", 3, "override aray.rows: unknown key 'aray'; did you mean 'array'?"),
        ("array", {"rwos": 3}, "override array: rwos: unknown key 'rwos'; did you mean 'rows'?"),
        ("clock_hz", "1 Mhz", "override clock_hz: unknown unit 'Mhz'; did you mean 'MHz'? (got '1 Mhz')"),
        (
            "dram.clock_hz",
            1,
            "override dram.clock_hz: 'dram' must be a mapping to take the key 'clock_hz' (got 'ideal')",
        ),
        ("extends", "a", "override extends: must be the dotted key of a value, such as arch.dram"),
        ("array..rows", 1, "override array..rows: must be the dotted key of a value, such as arch.dram"),
    ],
)
def test_a_wrong_override_says_which(write: Write, key: str, value: Plain, why: str) -> None:
    document = load_yaml(write(CHIP))
    assert complaint(lambda: build(document.with_overrides({key: value}), Arch)) == why


def test_an_override_naming_no_config_is_refused(write: Write) -> None:
    document = load_yaml(write("arch: eyeriss")).with_overrides({"arch": "eyeris"})
    assert complaint(lambda: resolve(document, "arch", "arch")) == (
        "override arch: no arch is named 'eyeris'; did you mean 'eyeriss'?"
    )


def test_a_value_given_as_text_is_read_as_yaml() -> None:
    assert [parse_value(text, override="a") for text in ("1", "2e6", "ideal", "{a: [1]}", "4 KiB", "")] == [
        1,
        2e6,
        "ideal",
        {"a": [1]},
        "4 KiB",
        None,
    ]
    assert complaint(lambda: parse_value("[1", override="a")) == (
        "override a: must be YAML 1.2: expected ',' or ']', but got '<stream end>'"
    )


def test_importing_it_draws_in_no_plots_and_no_tables() -> None:
    code = "import sys, accelsim.config; print([m for m in ('matplotlib', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("step", [1, -1])
def test_another_kind_takes_the_place_of_the_whole_whenever_it_is_said(write: Write, step: int) -> None:
    pads = {"rf.ifmap_bytes": 24, "rf.weight_bytes": 448, "rf.psum_bytes": 48, "rf.kind": "split"}
    changed = load_yaml(write(CHIP)).with_overrides(dict(list(pads.items())[::step]))
    assert changed["rf"].plain == {key.removeprefix("rf."): value for key, value in pads.items()}


@pytest.mark.parametrize(
    "key, most, beyond, largest",
    [
        ("clock_hz", "100 GHz", "200e6MHz", 10**11),
        ("clock_hz", "100 GHz", 10**11 + 1, 10**11),
        ("clock_hz", "100 GHz", 1e12, 10**11),
        ("dram.clock_hz", "100 GHz", "101 GHz", 10**11),
        ("rf.bytes", "1 TiB", "1025 GiB", 2**40),
        ("glb.bank_bytes", "1 TiB", 2**40 + 1, 2**40),
    ],
)
def test_a_quantity_is_within_the_range_of_its_unit(
    write: Write, key: str, most: str, beyond: Plain, largest: int
) -> None:
    link: Plain = {"clock_hz": 1, "bits_per_cycle": 64}
    document = load_yaml(write(CHIP)).with_overrides({"dram": link})
    for fits in (largest, most):
        build(document.with_overrides({key: fits}), Arch)
    said = complaint(lambda: build(document.with_overrides({key: beyond}), Arch))
    assert said == f"override {key}: must be at most {most} (got {beyond!r})"


def test_an_energy_is_within_the_range_of_its_unit() -> None:
    @dataclass(frozen=True)
    class Priced:
        read_pj: float

    priced = from_plain({"read_pj": "2 J"}, Origin(None, override="a"))
    assert complaint(lambda: build(priced, Priced)) == "override a: read_pj: must be at most 1 J (got '2 J')"


def test_the_kind_of_a_mapping_is_written_first() -> None:
    written = to_plain(build(load_yaml(find("energy", "horowitz_45nm")), EnergyTable))
    kinds: list[str] = []

    def first_keys(plain: object) -> None:
        if isinstance(plain, dict):
            kinds.extend([next(iter(plain))] if "kind" in plain else [])
            for child in plain.values():
                first_keys(child)

    first_keys(written)
    assert kinds
    assert {*kinds} == {"kind"}
