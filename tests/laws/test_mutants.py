"""Break it once: each written-down mutant of the recurrences disagrees with the reference engine."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.laws.cases import TIGHT
from tests.laws.mutants import Answers, Change, answered, assert_agrees, assert_told, mutated
from tests.laws.stream_cases import drawn

COUNT = 80
"""Random cases that a mutant must live through."""

MUTANTS: dict[str, Change] = {
    "weights usable in the cycle they move": (
        "primitive.py",
        "np.where(moves < 0, 0, moves + arch.noc.weight.latency_cycles)",
        "np.where(moves < 0, 0, moves)",
    ),
    "ifmap words usable a cycle early": (
        "primitive_kernel.py",
        "at.arrived[stream] = time + latency",
        "at.arrived[stream] = time + latency - 1",
    ),
    "a FIFO place is free in the cycle its word is consumed": (
        "primitive_kernel.py",
        "at.links[d, lane, word % at.sizes[d]] = time + 1",
        "at.links[d, lane, word % at.sizes[d]] = time",
    ),
    "psums climb without passing the pipeline": (
        "primitive.py",
        "climb = stages + noc.local.latency_cycles",
        "climb = noc.local.latency_cycles",
    ),
    "the ofmap bus frees a place in the cycle it moves": (
        "primitive_kernel.py",
        "= psum.made[step, k] + 1",
        "= psum.made[step, k]",
    ),
    "window columns are given back a step early": (
        "primitive_kernel.py",
        "at.step_ends[schedule.room[word] + 1, stream]",
        "at.step_ends[max(schedule.room[word], 0), stream]",
    ),
    "waiting for a psum counts as blocked": (
        "primitive_kernel.py",
        "at.causes[BLOCKED, d, lane] += clear - turn",
        "at.causes[BLOCKED, d, lane] += time - turn",
    ),
    "a pass ends when its last psum is issued": (
        "primitive.py",
        "end=int(at.free.max()) - 1 + stages",
        "end=int(at.free.max())",
    ),
    "the weight bus is one word wide": (
        "primitive.py",
        'weight_last(plan, contents) // arch.words_per_cycle("weight")',
        "weight_last(plan, contents)",
    ),
    "a bus of several words a cycle lets words pass each other": (
        "queue_kernel.py",
        "max(ready, moves[(count - 1) % width], moves[count % width] + 1)",
        "max(ready, moves[count % width] + 1)",
    ),
    "an adder issues two psums in a cycle": (
        "primitive_kernel.py",
        "at.free[d, lane] = time + 1",
        "at.free[d, lane] = time + word % 2",
    ),
    "the ifmap FIFO holds nothing": (
        "schedule.py",
        "window_places(plan, arch, coded=coded) + arch.noc.ifmap.fifo_words",
        "window_places(plan, arch, coded=coded) + 1",
    ),
    "the pass before leaves nothing on the ofmap bus": (
        "backlog.py",
        "if left > max(after.first_turn, 0):",
        "if False:",
    ),
    "psums are read before they are written": (
        "backlog.py",
        "return follows_write and bool",
        "return False and bool",
    ),
    "the queue left by the pass before is one place shorter": (
        "backlog.py",
        "freed = before.freed[there][:, -deepest:] - elapsed",
        "freed = before.freed[there][:, -deepest:] - elapsed - 1",
    ),
    "clock crossings round down": (
        "link.py",
        "begin = max(self._free, -(-ready * link // core))",
        "begin = max(self._free, ready * link // core)",
    ),
    "DRAM latency occupies the link": (
        "link.py",
        "self._free = begin + self._link.transfer_cycles(bits)",
        "self._free = begin + self._link.transfer_cycles(bits) + self._link.latency_cycles",
    ),
    "a pass need not wait for the ofmap bus": ("layer.py", "if i >= 2:", "if i >= 1 << 60:"),
    "a psum region is overwritten before it is in DRAM": (
        "layer.py",
        "if job.region_after is not None:",
        "if False:",
    ),
    "weights are refilled before they are loaded": (
        "layer.py",
        "return self._loaded[after]",
        "return self._starts[after]",
    ),
}


CONTROL: Change = ("primitive_kernel.py", "at.free[d, lane] = time + 1", "at.free[d, lane] = 1 + time")


@cache
def pool() -> Answers:
    """Cases that are tight, and random ones."""
    return answered((*TIGHT, *drawn("row_stationary", COUNT)))


def test_a_mutant_that_changes_nothing_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_agrees(mutated("nothing changes", CONTROL, tmp_path, monkeypatch), pool()[::8])


@pytest.mark.parametrize("name", list(MUTANTS))
def test_mutant_disagrees_with_the_reference(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_told(mutated(name, MUTANTS[name], tmp_path, monkeypatch), pool())
