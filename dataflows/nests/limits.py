"""What a nest of single MACs must fit."""

from collections.abc import Iterator
from collections.abc import Mapping as MappingOf
from typing import NamedTuple

from accelsim.errors import LegalityError
from accelsim.machine import Arch, Operand, SplitRF
from accelsim.machine.datapath import Count
from accelsim.machine.memory import Words
from accelsim.mapping.counting import NestCounts
from accelsim.mapping.nest import Dim, Mapping, extents
from accelsim.mapping.rules import Kept, Rule, memory_rules
from accelsim.network.layer import Layer
from accelsim.search import Sizes

_OPERANDS: tuple[Operand, ...] = ("ifmap", "weight", "psum")

SINGLE_MACS = "a PE of single MACs takes one word of each operand a step"
"""Why it neither skips zeros nor takes coded words."""

_UNITS: MappingOf[Dim, str] = {"n": "ifmaps", "m": "filters", "e": "rows", "f": "columns"}
"""What a dimension counts."""


def nest_rules(counts: NestCounts) -> Iterator[Rule]:
    """What a nest of single MACs needs in the PEs, of them, and in the memories.

    Raises:
        LegalityError: if the PEs are to do anything else, naming the key.
    """
    arch, mapping = counts.arch, counts.mapping
    yield from rf_rules(arch, **_rf_words(mapping))
    yield from array_rules(arch, counts.pes("rows"), counts.pes("cols"))
    ifmap, weights = counts.largest_box("ifmap"), counts.largest_box("weight")
    yield from buffer_rules(arch, ifmap=ifmap, weights=weights, psums=mapping.psum_words)


def _rf_words(mapping: Mapping) -> dict[str, int]:
    """A word of each kept operand; and those that wait to slide to a neighbour (ISCA 2016: U, and U R)."""
    words: dict[str, int] = dict.fromkeys(mapping.keeps, 1)
    if mapping.sharing != "slide":
        return words
    layer, on = mapping.layer, mapping.at("rows", "cols")
    return {**words, "ifmap": ("f" in on) * layer.stride[1] + ("e" in on) * layer.stride[0] * layer.s}


def extent_rules(layer: Layer, x: Sizes, *dims: Dim) -> Iterator[Rule]:
    """A tile of no more than there is, in each of *dims*."""
    for dim in dims:
        yield Rule(f"{dim} <= {dim.upper()}", getattr(x, dim), extents(layer)[dim], _UNITS[dim])


def buffer_rules(arch: Arch, *, ifmap: Count, weights: Count, psums: Count) -> Iterator[Rule]:
    """Words that the memories must hold at once, in whole banks."""
    return memory_rules(
        arch, weight=Kept("weights", weights), ifmap=Kept("ifmap", ifmap), psum=Kept("psums", psums)
    )


def array_rules(arch: Arch, rows: Count, cols: Count) -> Iterator[Rule]:
    """PEs of single MACs in *rows* and *cols*, as they are on a grid, anywhere in a pool.

    Raises:
        LegalityError: if they are to skip zeros, take coded words or do some filters at once, naming the key.
    """
    _check_single_macs(arch)
    if arch.array.placement == "pool":
        yield Rule("PEs", rows * cols, arch.array.pes, "PEs")
        return
    yield Rule("array height", rows, arch.array.rows, "rows")
    yield Rule("array width", cols, arch.array.cols, "columns")


def most_rows(arch: Arch) -> int:
    """Rows of PEs that a nest can have."""
    return arch.array.pes if arch.array.placement == "pool" else arch.array.rows


def most_columns(arch: Arch) -> int:
    """Columns of PEs that a nest can have."""
    return arch.array.pes if arch.array.placement == "pool" else arch.array.cols


def rf_rules(arch: Arch, **words: Count) -> Iterator[Rule]:
    """*words* of each operand in the register file of a PE: in one pool, or in a scratch pad each."""
    if isinstance(arch.rf, SplitRF):
        for operand in _OPERANDS:
            yield Rule(f"{operand} spad", words.get(operand, 0), arch.rf_words(operand))
        return
    yield Rule(f"register file, {' and '.join(words)}", sum(words.values()), arch.rf_words("pooled"))


class Needs(NamedTuple):
    """What a nest cannot do without."""

    multicast: bool = False  # no systolic array will do
    weights: bool = True  # a memory to read weights from again and again
    ifmap: bool = True  # the same for ifmap words


def check_machine(arch: Arch, needs: Needs) -> None:
    """Refuse a machine that does not have what a nest *needs*.

    Raises:
        LegalityError: naming the key.
    """
    at_once, weight, ifmap = arch.interconnect.at_once, arch.paths.weight, arch.paths.ifmap
    for lacks, key, must, got in (
        (needs.multicast and not at_once, "array.interconnect", "be multicast", arch.array.interconnect),
        (needs.weights and not weight.memories, weight.key, "hold weights, to be read again", weight.without),
        (needs.ifmap and not ifmap.memories, ifmap.key, "be true, for words read again", ifmap.without),
    ):
        if lacks:
            raise LegalityError(f"{key} of {arch.name} must {must}, under this dataflow (got {got})")


def _check_single_macs(arch: Arch) -> None:
    """Refuse PEs that do more or less than a MAC of one word of each operand a step."""
    for key, must, got in (
        ("sparsity.skip", "none", arch.sparsity.skip),
        ("pe.macs_per_cycle", 1, arch.pe.macs_per_cycle),
    ):
        if got != must:
            raise LegalityError(f"{key} of {arch.name} must be {must}: {SINGLE_MACS} (got {got})")
    check_uncoded(arch, "ifmap.spad", "ifmap.glb", "weight.spad", "weight.glb", why=SINGLE_MACS)
    check_one_by_one(arch, SINGLE_MACS)


def check_one_by_one(arch: Arch, why: str) -> None:
    """Refuse a datapath that forms the products of a window together; the reason is *why*.

    Raises:
        LegalityError: naming the key.
    """
    if not arch.datapath.one_by_one:
        at = f"datapath of {arch.name}"
        raise LegalityError(f"{at} must make its MACs one by one: {why} (got {arch.datapath.kind})")


def check_uncoded(arch: Arch, *keys: str, why: str) -> None:
    """Refuse a machine that keeps an operand coded in any of *keys*, for all of them the reason is *why*.

    Raises:
        LegalityError: naming the first such key.
    """
    for key in keys:
        operand, level = key.split(".")
        coded = getattr(getattr(arch.sparsity.formats, operand), level)
        if coded is not None:
            at = f"sparsity.formats.{key} of {arch.name}"
            raise LegalityError(f"{at} must be null: {why} (got {coded.kind})")


def ofmap_words(arch: Arch, words: Words) -> Words:
    """Psum words in the GLB for *words* that are complete: none, if an ideal DRAM has them at once."""
    return words if arch.paths.ofmap_waits else words * 0
