"""The compiled form of each kind of pass."""

from collections.abc import Callable
from functools import lru_cache

from accelsim.engines.fast.pass_timing import Backlog, PassTiming
from accelsim.engines.fast.primitive import run_primitive
from accelsim.engines.fast.queue import run_queue
from accelsim.engines.fast.walk import run_stream
from accelsim.machine import Arch
from accelsim.passes.primitive import PrimitivePlan
from accelsim.passes.protocol import PassCosts, Plan
from accelsim.passes.queue import QueuePlan
from accelsim.passes.stream import StreamPlan

KERNELS: dict[type, Callable[..., PassTiming]] = {
    PrimitivePlan: run_primitive,
    StreamPlan: run_stream,
    QueuePlan: run_queue,
}
"""By the class of the plan; each is proved equal to the reference engine."""


def run_pass(
    plan: Plan, arch: Arch, costs: PassCosts | None, *, load: bool, reads: bool, before: Backlog
) -> PassTiming:
    """When a pass of *plan* does what, after *before*; its values make it *costs*, if they matter.

    *load* says that its PEs get new words to keep, *reads* that it goes on with psums of an earlier pass.
    """
    if costs is None:
        return run_dense(plan, arch, load=load, reads=reads, before=before)
    return KERNELS[type(plan)](plan, arch, costs, load=load, reads=reads, before=before)


@lru_cache(maxsize=64)
def run_dense(plan: Plan, arch: Arch, *, load: bool, reads: bool, before: Backlog) -> PassTiming:
    """When a pass in which nothing depends on values does what; equal passes of any layer run once."""
    return KERNELS[type(plan)](plan, arch, None, load=load, reads=reads, before=before)
