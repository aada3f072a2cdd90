"""One pass of single MACs spelled out: words between FIFOs, PEs that take one of each kind a step.

Where :mod:`accelsim.plan` describes passes of 1-D primitives (row stationary), this describes all others:
a PE does one MAC a step, on operands that it keeps or takes from a FIFO, and keeps its psum or takes it from
the PE before. Both engines run this description; neither finds any timing in it.
"""

from __future__ import annotations

from accelsim.arch import Arch
from accelsim.mapping import Mapping
from accelsim.plan import Shape
from accelsim.stream.broadcast import broadcast
from accelsim.stream.builder import Builder
from accelsim.stream.plan import StreamPlan
from accelsim.stream.sliding import sliding
from accelsim.stream.steps import steps
from accelsim.stream.words import COORDS, KINDS, NOWHERE, OP, Pattern, Words
from accelsim.stream.work import stream_work

__all__ = ["COORDS", "KINDS", "NOWHERE", "OP", "Pattern", "StreamPlan", "Words", "make_stream", "stream_work"]


def make_stream(mapping: Mapping, arch: Arch, shape: Shape) -> StreamPlan:
    """The plan of every pass of *mapping* that has *shape*."""
    build = {"step": steps, "slide": sliding, "broadcast": broadcast}
    return build[mapping.sharing](Builder(mapping, arch, shape))
