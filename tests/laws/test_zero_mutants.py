"""Break it once, where zeros decide: the reference engine, or naive loops, tell each written-down mutant."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from accelsim.engines.fast import layer as fast
from tests.laws.mutants import (
    Answers,
    Change,
    answered,
    assert_agrees,
    assert_told,
    mutate_in_place,
    mutated,
)
from tests.laws.test_zero_laws import assert_recounted
from tests.laws.zero_cases import KINDS, Case, drawn

COUNT = 50
"""Cases of each kind that a mutant must live through."""

MUTANTS: dict[str, Change] = {
    "overhead takes no time": (
        "schedule.py",
        "contents.mac + contents.overhead",
        "contents.mac",
    ),
    "zeros that are carried cost nothing": ("value_costs.py", "if skips and unmatched:", "if False:"),
    "empty windows cost nothing": (
        "value_costs.py",
        "overhead = self._control.with_empty(mac, overhead)",
        "overhead = overhead + 0",
    ),
    "words that are carried are taken": (
        "value_costs.py",
        "by_row = window.present @ cost",
        "by_row = window.carried @ cost",
    ),
    "fillers of windows are not counted": (
        "value_costs.py",
        "fillers=over(taken, costs.fillers)",
        "fillers=0",
    ),
    "words left out are delivered": (
        "value_costs.py",
        "if carried is None else carried",
        "if True else carried",
    ),
    "weights left out move": (
        "value_costs.py",
        "self._group_words(plan, columns) if formats.weight.spad is not None else None",
        "None",
    ),
    "a group without weights has the last weight of the one before": (
        "schedule.py",
        "        if own:\n",
        "        if True:\n",
    ),
    "PEs without weights wait for them": (
        "primitive.py",
        "np.where(moves < 0, 0, moves + arch.noc.weight.latency_cycles)",
        "moves + arch.noc.weight.latency_cycles",
    ),
    "all passes have the values of the first": (
        "pass_cache.py",
        "if index != job.index:",
        "if index < 0:",
    ),
    "a pass whose values decide finds the ofmap bus idle": (
        "layer.py",
        "return self._courses.evaluate(job, backlog)",
        "return self._courses.evaluate(job, None)",
    ),
    "a place in a queue is free once its word is begun": (
        "queue_kernel.py",
        "at.queue[pe, word % depth] = max(at.pes[pe], start + 1)",
        "at.queue[pe, word % depth] = start + 1",
    ),
    "a word that takes no cycle gives back its place at once": (
        "queue_kernel.py",
        "at.queue[pe, word % depth] = max(at.pes[pe], start + 1)",
        "at.queue[pe, word % depth] = at.pes[pe]",
    ),
    "an activation moves when one queue has room": (
        "queue_kernel.py",
        "ready = max(ready, at.queue[pe, word % depth])",
        "ready = at.queue[pe, word % depth]",
    ),
    "zeros are broadcast": (
        "queue_costs.py",
        "taken = self._control.taken(present)",
        "taken = np.ones_like(present)",
    ),
    "a coded window has the places of one that is not": (
        "schedule.py",
        "window_places(plan, arch, coded=coded)",
        "window_places(plan, arch, coded=False)",
    ),
    "what is not zero is gated": (
        "queue_costs.py",
        "int((taken - present) @ by_tap.macs) if self._control.gates",
        "int(present @ by_tap.macs) if self._control.gates",
    ),
    "fillers of queues are not counted": (
        "queue_costs.py",
        "fillers=int(taken @ by_tap.fillers)",
        "fillers=0",
    ),
    "PEs are armed together": (
        "queue.py",
        "np.where(weights > 0, moves + arch.noc.weight.latency_cycles, 0)",
        "np.full(len(weights), moves[-1] + arch.noc.weight.latency_cycles)",
    ),
    "a PE without weights waits for those of the PE before": (
        "queue.py",
        "np.where(weights > 0, moves + arch.noc.weight.latency_cycles, 0)",
        "moves + arch.noc.weight.latency_cycles",
    ),
    "psums leave PE by PE": (
        "queue.py",
        "owner, _ = np.array(plan.psum_order).T",
        "owner = np.sort(np.array(plan.psum_order)[:, 0])",
    ),
    "words that change their format need no coder": (
        "layer.py",
        "add(self.actions, fill.coder)",
        "add(self.actions, {})",
    ),
    "a coded box is read by every pass": (
        "counting.py",
        'read = operand == "ifmap" or job.load',
        "read = True",
    ),
}

CONTROL = {
    "the last weights of a column go for free": ("mac = -(-macs // self.width)", "mac = macs // self.width"),
    "a word without weights costs nothing": (
        "np.where(entries == 0, self.sparsity.unmatched_cycles, fillers)",
        "fillers",
    ),
    "fillers go for free": (
        "fillers = -(-entries // self.width) - mac",
        "fillers = 0 * entries",
    ),
    "all words are taken": ("return present if self.sparsity.skips_ifmap", "return present | True if True"),
    "an empty window costs nothing": (
        "(mac + overhead == 0) * self.sparsity.empty_window_cycles",
        "0",
    ),
}
"""Both engines share it, so naive loops must tell: a line, and what becomes of it."""

NOTHING: Change = ("queue_kernel.py", "at.pes[pe] = time + 1", "at.pes[pe] = 1 + time")


@cache
def cases() -> tuple[Case, ...]:
    """Those of both kinds in turn."""
    return tuple(case for pair in zip(*(drawn(kind, COUNT) for kind in KINDS), strict=True) for case in pair)


@cache
def pool() -> Answers:
    """The same with what the reference engine says of them."""
    return answered(cases())


def test_a_mutant_that_changes_nothing_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_agrees(mutated("zeros changed nothing", NOTHING, tmp_path, monkeypatch), pool()[::6])


@pytest.mark.parametrize("name", list(MUTANTS))
def test_mutant_disagrees_with_the_reference(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_told(mutated(name, MUTANTS[name], tmp_path, monkeypatch), pool())


@pytest.mark.parametrize("name", list(CONTROL))
def test_naive_loops_tell_a_control_that_is_wrong(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    every = cases()
    mutate_in_place(("machine/control.py", *CONTROL[name]), monkeypatch)
    with pytest.raises(AssertionError):
        for case in every:
            assert_recounted(case, fast.simulate(case.program, case.operands))
