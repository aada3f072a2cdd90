"""One pass of single MACs spelled out: words between FIFOs, PEs that take one of each kind a step.

Where :mod:`accelsim.passes.primitive` describes passes of 1-D primitives (row stationary), this describes
all others: a PE does one MAC a step, on operands that it keeps or takes from a FIFO, and keeps its psum or
takes it from the PE before. Both engines run this description; neither finds any timing in it.
"""

from __future__ import annotations

from accelsim.passes.kinds import make_stream
from accelsim.passes.plan import StreamPlan
from accelsim.passes.script import COORDS, KINDS, NOWHERE, OP, Pattern, Words
from accelsim.passes.work import stream_work

__all__ = ["COORDS", "KINDS", "NOWHERE", "OP", "Pattern", "StreamPlan", "Words", "make_stream", "stream_work"]
