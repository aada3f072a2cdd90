"""The one place that knows which builder makes the passes of a mapping: a row for every kind of pass."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from accelsim.machine import Arch
from accelsim.mapping.legality import check_fetches, check_single_macs
from accelsim.mapping.nest import Mapping, Pass, Sharing, blocks, dealt
from accelsim.mapping.operands import Operands
from accelsim.network.layer import IntArray, Layer, Tensor
from accelsim.passes.broadcast import broadcast
from accelsim.passes.coded import FullestWindow, fullest_window
from accelsim.passes.given import Given
from accelsim.passes.lanes import is_primitive, primitives
from accelsim.passes.places import Builder
from accelsim.passes.primitive_script import PrimitiveScript
from accelsim.passes.protocol import Plan, ValueReader
from accelsim.passes.queue import queues
from accelsim.passes.queue_costs import QueueReader
from accelsim.passes.queue_script import QueueScript
from accelsim.passes.repeats import RepeatReader
from accelsim.passes.script import Script
from accelsim.passes.shape import Shape
from accelsim.passes.single_mac import steps
from accelsim.passes.sliding import sliding
from accelsim.passes.stream import StreamPlan
from accelsim.passes.stream_script import StreamScript
from accelsim.passes.value_costs import ZeroReader

_Reading = Callable[[Mapping, Arch, Operands], ValueReader]


class _Kind(NamedTuple):
    """What tells one kind of pass from the others, once a mapping is known."""

    check: Callable[[Mapping], None]  # raises LegalityError for a mapping that has no such passes
    plan: Callable[[Mapping, Arch, Shape], Plan]
    filters: Callable[[Mapping, int, range], list[IntArray]]  # that each of so many PEs keeps, of a range
    script: Callable[..., Script]
    reader: _Reading | None  # None: no such machine lets values decide
    window: Callable[..., FullestWindow] | None  # the fullest of a pass; None: PEs have none


def check_mapping(mapping: Mapping) -> None:
    """Refuse a *mapping* whose passes cannot be made, or of whose words the counts would be wrong.

    Raises:
        LegalityError: with the rule that it breaks.
    """
    _kind(mapping).check(mapping)


def make_plan(mapping: Mapping, arch: Arch, shape: Shape) -> Plan:
    """The plan of every pass of *mapping* on *arch* that has *shape*."""
    return _kind(mapping).plan(mapping, arch, shape)


def script_of(mapping: Mapping, plan: Plan, given: Given) -> Script:
    """One pass of *plan*, word by word."""
    return _kind(mapping).script(plan, given)


def reader_of(mapping: Mapping, arch: Arch, operands: Operands) -> ValueReader | None:
    """What finds out what *operands* make of the passes of *mapping*; None if no value matters to *arch*."""
    formats = arch.sparsity.formats
    coded = formats.ifmap.spad is not None or formats.weight.spad is not None
    if arch.sparsity.skip == "none" and not coded and not arch.datapath.by_values:
        return None
    reader = _kind(mapping).reader
    assert reader is not None, "such a machine is refused"
    return reader(mapping, arch, operands)


def filters_of_pes(mapping: Mapping, arch: Arch, m: range) -> list[IntArray]:
    """The filters of *m* that each PE keeps, where words of PEs are coded one by one."""
    return _kind(mapping).filters(mapping, arch.array.pes, m)


def window_of(
    mapping: Mapping, plan: Plan, job: Pass, layer: Layer, arch: Arch, ifmap: Tensor
) -> FullestWindow:
    """What the fullest PE of *job*, a pass of *plan*, has at once of its coded, padded *ifmap*."""
    window = _kind(mapping).window
    assert window is not None, "a machine whose PEs have none does not code their ifmap words"
    return window(plan, job, layer, arch, ifmap)


def _kind(mapping: Mapping) -> _Kind:
    return _KINDS["primitive" if is_primitive(mapping) else mapping.sharing]


def _stream(build: Callable[[Builder], StreamPlan]) -> _Kind:
    """A kind of single MACs; PEs keep one weight at most, and take words that are not coded."""

    def plan(mapping: Mapping, arch: Arch, shape: Shape) -> StreamPlan:
        return build(Builder(mapping, arch, shape))

    return _Kind(check_single_macs, plan, _together, StreamScript, reader=None, window=None)


def _together(mapping: Mapping, pes: int, m: range) -> list[IntArray]:
    """All as one."""
    return [np.arange(m.start, m.stop)]


def _blocks(mapping: Mapping, pes: int, m: range) -> list[IntArray]:
    """Block after block."""
    return [np.arange(part.start, part.stop) for part in blocks(m, mapping.step("cols", "m"))]


def _dealt(mapping: Mapping, pes: int, m: range) -> list[IntArray]:
    """Dealt in turn to *pes* PEs."""
    return [own + m.start for own in dealt(len(m), mapping.step("cols", "m"), pes)]


def _primitive_reader(mapping: Mapping, arch: Arch, operands: Operands) -> ValueReader:
    return (RepeatReader if arch.datapath.by_values else ZeroReader)(mapping, arch, operands)


_KINDS: dict[Literal["primitive"] | Sharing, _Kind] = {
    "primitive": _Kind(
        check_fetches, primitives, _blocks, PrimitiveScript, _primitive_reader, fullest_window
    ),
    "step": _stream(steps),
    "slide": _stream(sliding),
    "broadcast": _stream(broadcast),
    "queue": _Kind(check_fetches, queues, _dealt, QueueScript, QueueReader, window=None),
}
