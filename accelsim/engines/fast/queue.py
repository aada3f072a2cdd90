"""One pass of queues: activations broadcast one by one, PEs that work them off at their own pace."""

import numpy as np

from accelsim.engines.fast import queue_kernel
from accelsim.engines.fast.pass_timing import NEVER, Backlog, PassTiming, last_moves
from accelsim.engines.fast.queue_kernel import Broadcasts, Done, Ready
from accelsim.machine import Arch
from accelsim.network.layer import IntArray
from accelsim.passes.queue import QueuePlan
from accelsim.passes.queue_costs import QueueCosts, dense
from accelsim.stats import CAUSE, CAUSES


def run_queue(
    plan: QueuePlan, arch: Arch, costs: QueueCosts | None, *, load: bool, reads: bool, before: Backlog
) -> PassTiming:
    """Evaluate the recurrences of one pass, as *costs* make it."""
    assert not reads, "a pass of queues begins its psums"
    queued = costs or dense(plan, arch)
    noc, stages, pes = arch.noc, arch.pe.pipeline_stages, len(plan.filters)
    armed, loaded = _armed(queued.weights, arch, load=load)
    owner, _ = np.array(plan.psum_order).T
    (no_ifmap, blocked), psums = np.zeros((2, pes), np.int64), plan.shape.e * plan.shape.m
    done = Done(no_ifmap, blocked, np.zeros(psums, np.int64))
    at = _ready(plan, arch, before, armed)
    moving = Broadcasts(queued.taps, queued.first, queued.costs.mac + queued.costs.overhead)
    turn = queue_kernel.run_pixels(moving, owner, at, done, noc.ifmap.latency_cycles, stages)
    causes = _causes(plan, queued, done, owner)
    causes[CAUSE["no_weight.bus"]] = armed
    causes[CAUSE["busy.pipeline"]] = stages - 1
    return PassTiming(
        end=int(at.pes.max()) - 1 + stages,
        loaded=loaded,
        written=int(done.made[-1]) + noc.ofmap.latency_cycles,
        causes=causes,
        ofmap_moves=last_moves(before.ofmap_moves, done.made),
        freed=np.sort(at.above, axis=1),
        made=done.made,
        read=np.zeros(0, np.int64),
        first_turn=int(turn),
    )


def _ready(plan: QueuePlan, arch: Arch, before: Backlog, armed: IntArray) -> Ready:
    """The clocks at the start, with PEs that can begin when they are *armed*."""
    noc, pes = arch.noc, len(plan.filters)
    return Ready(
        pes=armed.copy(),
        queue=np.zeros((pes, noc.ifmap.fifo_words), np.int64),
        above=before.places.copy(),
        ifmap_moves=np.full(arch.words_per_cycle("ifmap"), NEVER),
        ofmap_moves=before.ofmap_moves.copy(),
    )


def _causes(plan: QueuePlan, queued: QueueCosts, done: Done, owner: IntArray) -> IntArray:
    """Cycles of activations and psums by cause and PE."""
    causes = np.zeros((len(CAUSES), len(plan.filters)), np.int64)
    times = np.bincount(queued.taps, minlength=plan.shape.c)
    causes[CAUSE["no_ifmap.bus"]], causes[CAUSE["blocked.bus"]] = done.no_ifmap, done.blocked
    causes[CAUSE["busy.mac"]] = times @ queued.costs.mac
    causes[CAUSE["busy.overhead"]] = times @ queued.costs.overhead
    causes[CAUSE["busy.accumulate"]] = plan.shape.e * np.bincount(owner, minlength=len(plan.filters))
    return causes


def _armed(weights: IntArray, arch: Arch, *, load: bool) -> tuple[IntArray, int]:
    """When PEs have their weights, ``(PEs,)``, and when all of them have moved."""
    if not load:
        return np.zeros(len(weights), np.int64), 0
    last = np.cumsum(weights) - 1
    moves = last // arch.words_per_cycle("weight")
    return np.where(weights > 0, moves + arch.noc.weight.latency_cycles, 0), int(moves[-1]) + 1
