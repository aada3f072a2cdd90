"""One pass of queues: activations broadcast one by one, PEs that work them off at their own pace."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from accelsim.engines.fast import queue_kernel
from accelsim.engines.fast.pass_timing import NEVER, Backlog, PassTiming, last_moves
from accelsim.machine import Arch
from accelsim.network.layer import IntArray
from accelsim.passes.queue import QueuePlan
from accelsim.passes.queue_costs import QueueCosts, dense
from accelsim.stats import CAUSE, CAUSES


class Armed(NamedTuple):
    """When PEs have their weights, and when all of them have moved."""

    at: IntArray
    loaded: int


def run_queue(
    plan: QueuePlan, arch: Arch, costs: QueueCosts | None, *, load: bool, reads: bool, before: Backlog
) -> PassTiming:
    """Evaluate the recurrences of one pass, as *costs* make it."""
    assert not reads, "a pass of queues begins its psums"
    queued = costs or dense(plan, arch)
    noc, stages, pes = arch.noc, arch.pe.pipeline_stages, len(plan.filters)
    armed = _armed(queued.weights, arch, load=load)
    made = np.zeros(plan.shape.e * plan.shape.m, np.int64)
    causes = np.zeros((len(CAUSES), pes), np.int64)
    causes[CAUSE["no_weight.bus"]] = armed.at
    free = armed.at.copy()
    places = np.full((pes, noc.ofmap.fifo_words), NEVER)
    places[:] = before.places
    ofmap_moves = np.full(arch.words_per_cycle("ofmap"), NEVER)
    ofmap_moves[:] = before.ofmap_moves
    owner, _ = np.array(plan.psum_order).T
    waits = causes[[CAUSE["no_ifmap.bus"], CAUSE["blocked.bus"]]]
    first_turn = queue_kernel.run(
        queued.taps,
        queued.first,
        queued.costs.mac + queued.costs.overhead,
        owner,
        free,
        np.zeros((pes, noc.ifmap.fifo_words), np.int64),
        places,
        np.full(arch.words_per_cycle("ifmap"), NEVER),
        ofmap_moves,
        np.array([noc.ifmap.latency_cycles, stages]),
        waits,
        made,
    )
    times = np.bincount(queued.taps, minlength=plan.shape.c)
    causes[CAUSE["no_ifmap.bus"]], causes[CAUSE["blocked.bus"]] = waits
    causes[CAUSE["busy.mac"]] = times @ queued.costs.mac
    causes[CAUSE["busy.overhead"]] = times @ queued.costs.overhead
    causes[CAUSE["busy.accumulate"]] = plan.shape.e * np.bincount(owner, minlength=pes)
    causes[CAUSE["busy.pipeline"]] = stages - 1
    return PassTiming(
        end=int(free.max()) - 1 + stages,
        loaded=armed.loaded,
        written=int(made[-1]) + noc.ofmap.latency_cycles,
        causes=causes,
        ofmap_moves=last_moves(before.ofmap_moves, made),
        freed=np.sort(places, axis=1),
        made=made,
        read=np.zeros(0, np.int64),
        first_turn=int(first_turn),
    )


def _armed(weights: IntArray, arch: Arch, *, load: bool) -> Armed:
    if not load:
        return Armed(np.zeros(len(weights), np.int64), 0)
    last = np.cumsum(weights) - 1
    moves = last // arch.words_per_cycle("weight")
    at = np.where(weights > 0, moves + arch.noc.weight.latency_cycles, 0)
    return Armed(at, int(moves[-1]) + 1)
