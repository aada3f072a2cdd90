"""One pass of 1-D primitives as max-plus recurrences: when every word moves, and why PEs wait.

Times count from the start of the pass. A place is free from the cycle after its word has gone.
"""

import numpy as np

from accelsim.engines.fast import primitive_kernel
from accelsim.engines.fast.pass_timing import NEVER, Backlog, PassTiming, last_moves
from accelsim.engines.fast.primitive_state import Delays, Frontier, PsumMoves
from accelsim.engines.fast.schedule import make_schedule, weight_last
from accelsim.machine import Arch
from accelsim.network.layer import IntArray
from accelsim.passes.primitive import PrimitivePlan
from accelsim.passes.value_costs import ValueCosts
from accelsim.stats import CAUSE, CAUSES


def run_primitive(
    plan: PrimitivePlan, arch: Arch, contents: ValueCosts | None, *, load: bool, reads: bool, before: Backlog
) -> PassTiming:
    """Evaluate the recurrences of one pass, as *contents* make it."""
    schedule, noc, stages = make_schedule(plan, arch, contents), arch.noc, arch.pe.pipeline_stages
    weights, loaded = _armed(plan, arch, contents, load=load)
    at = _frontier(plan, arch, before, weights)
    psums = len(schedule.lane)
    made = np.empty((plan.steps, psums), np.int64)
    read = np.empty((plan.steps, psums) if reads else (0, 0), np.int64)
    climb = stages + noc.local.latency_cycles
    delays = Delays(noc.ifmap.latency_cycles, noc.psum.latency_cycles, climb, stages)
    moved = PsumMoves(before.written.reshape(-1, psums), read, made)
    turn = primitive_kernel.run_steps(schedule, at, delays, moved)
    return PassTiming(
        end=int(at.free.max()) - 1 + stages,
        loaded=loaded,
        written=int(made[-1, -1]) + noc.ofmap.latency_cycles,
        causes=_causes(plan, stages, contents, at),
        ofmap_moves=last_moves(before.ofmap_moves, made.ravel()),
        freed=np.sort(at.links[-1, :, : noc.ofmap.fifo_words], axis=1),  # they come free in order
        made=made.ravel(),
        read=read.ravel(),
        first_turn=int(turn),
    )


def _armed(
    plan: PrimitivePlan, arch: Arch, contents: ValueCosts | None, *, load: bool
) -> tuple[IntArray, int]:
    """When PEs have their weights, ``(depth, lanes)``, and when all of them have moved."""
    if not load:
        return np.zeros((plan.depth, plan.lanes), np.int64), 0
    moves = weight_last(plan, contents) // arch.words_per_cycle("weight")
    return np.where(moves < 0, 0, moves + arch.noc.weight.latency_cycles), int(moves.max()) + 1


def _frontier(plan: PrimitivePlan, arch: Arch, before: Backlog, weights: IntArray) -> Frontier:
    noc, streams = arch.noc, len(plan.stream_channels)
    sizes = np.array([noc.psum.fifo_words, *[noc.local.fifo_words] * (plan.depth - 1), noc.ofmap.fifo_words])
    links = np.full((plan.depth + 1, plan.lanes, int(sizes.max())), NEVER)
    links[-1, :, : noc.ofmap.fifo_words] = before.places
    return Frontier(
        free=np.zeros((plan.depth, plan.lanes), np.int64),
        weights=weights,
        arrived=np.zeros(streams, np.int64),
        step_ends=np.zeros((plan.steps + 1, streams), np.int64),
        links=links,
        sizes=sizes,
        ifmap_moves=np.full(arch.words_per_cycle("ifmap"), NEVER),
        psum_moves=np.full(arch.words_per_cycle("psum"), NEVER),
        ofmap_moves=before.ofmap_moves.copy(),
        causes=np.zeros((4, plan.depth, plan.lanes), np.int64),
    )


def _causes(plan: PrimitivePlan, stages: int, contents: ValueCosts | None, at: Frontier) -> IntArray:
    """Cycles by cause and PE, idle left out."""
    causes = np.zeros((len(CAUSES), plan.depth, plan.lanes), np.int64)
    for name, line in zip(("no_weight", "no_ifmap", "blocked", "no_psum"), at.causes, strict=True):
        causes[CAUSE[f"{name}.bus"]] = line
    if contents is None:
        causes[CAUSE["busy.mac"]] = plan.steps * plan.mac_cycles
        causes[CAUSE["busy.overhead"]] = plan.steps * plan.other_cycles
    else:
        causes[CAUSE["busy.mac"]] = contents.mac.sum(axis=0)
        causes[CAUSE["busy.overhead"]] = contents.overhead.sum(axis=0)
    causes[CAUSE["busy.accumulate"]] = plan.steps * plan.filters
    causes[CAUSE["busy.pipeline"]] = stages - 1
    return causes.reshape(len(CAUSES), -1)
