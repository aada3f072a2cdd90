"""The kinds of pass: which builder makes the plan of one, and what a pass of each asks of the machine."""

from __future__ import annotations

from accelsim.machine import Arch
from accelsim.mapping.nest import Mapping, Pass
from accelsim.mapping.work import Work
from accelsim.network.layer import Layer
from accelsim.passes.broadcast import broadcast
from accelsim.passes.places import Builder
from accelsim.passes.plan import StreamPlan
from accelsim.passes.primitive import Plan, is_primitive, make_plan, work_of
from accelsim.passes.queue import QueuePlan, make_queues, queue_work
from accelsim.passes.shape import Shape
from accelsim.passes.single_mac import steps
from accelsim.passes.sliding import sliding
from accelsim.passes.work import stream_work

AnyPlan = Plan | StreamPlan | QueuePlan


def plan_of(mapping: Mapping, arch: Arch, shape: Shape) -> AnyPlan:
    """What happens in the passes of *mapping* that have *shape*."""
    if is_primitive(mapping):
        return make_plan(mapping, arch, shape)
    if mapping.sharing == "queue":
        return make_queues(mapping, arch, shape)
    return make_stream(mapping, arch, shape)


def make_stream(mapping: Mapping, arch: Arch, shape: Shape) -> StreamPlan:
    """What happens in the passes of *mapping*, of single MACs, that have *shape*."""
    build = {"step": steps, "slide": sliding, "broadcast": broadcast}
    return build[mapping.sharing](Builder(mapping, arch, shape))


def pass_work(plan: AnyPlan, job: Pass, layer: Layer, arch: Arch, *, load: bool) -> Work:
    """What *job*, a pass of *plan*'s shape, asks of the machine, but for what DRAM gives it.

    *load* says that the pass before did not leave what its PEs keep.
    """
    if isinstance(plan, Plan):
        return work_of(plan, job, layer, arch, load=load)
    if isinstance(plan, QueuePlan):
        return queue_work(plan, job, layer, arch, load=load)
    return stream_work(plan, job, layer, arch, load=load)
