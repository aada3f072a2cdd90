"""Law 2 for passes of single MACs: both engines agree to the cycle, cause and word, whatever the dataflow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.engines.timing import Outcome
from accelsim.errors import SimulationError
from accelsim.machine import PEArray, QueuedBus
from accelsim.network.convolution import reference_ofmap
from accelsim.network.layer import Layer
from accelsim.passes.patterns import BusWords, Pattern
from accelsim.passes.stream import StreamPlan
from accelsim.program.jobs import Program, make_program
from tests.laws.cases import WORD
from tests.laws.mutants import mutated
from tests.laws.seeds import SHARDS, assert_occur
from tests.laws.stream_cases import STREAMS, TIGHT, Case, drawn
from tests.laws.stream_machines import roomy
from tests.laws.test_engines_agree import assert_same
from tests.laws.test_stream_mutants import CONTROL, pool

EACH = 20
"""Cases of each dataflow in each shard."""

SHARES = {
    "ragged tail": 0.2,
    "FIFO depth 1": 0.3,
    "DRAM-bound": 0.2,
    "refills wait": 0.2,
    "reads psums": 0.1,
    "keeps what it has": 0.1,
    "systolic": 0.1,
    "pool": 0.1,
    "serial drain": 0.1,
    "slides": 0.1,
    "broadcast": 0.05,
}
"""Of all cases, those that have the feature."""


ORDERS = ("first user", "last user", "backwards")
CHOICES = {
    "weight_stationary": {"r": 3, "t": 2, "f": 4},
    "output_stationary_soc_mop": {"m": 2, "n": 1, "e": 3, "f": 4},
    "output_stationary_moc_mop": {"m": 2, "n": 1, "p": 2, "f": 4},
}
"""Dataflows whose stretches hold many ifmap words for each of many PEs."""


def agree(case: Case) -> Outcome:
    """Run *case* on both engines; what they say is the same, and its ofmap is numpy's."""
    fast_outcome = fast.simulate(case.program, case.operands)
    slow_outcome = reference.simulate(case.program, case.operands)
    assert_same(fast_outcome, slow_outcome)
    assert fast_outcome.array_cycles == slow_outcome.array_cycles
    expected = reference_ofmap(case.layer, case.ifmap, case.operands.weight)
    np.testing.assert_array_equal(slow_outcome.ofmap, expected)
    return slow_outcome


@pytest.mark.parametrize("shard", SHARDS)
def test_fast_equals_reference_on_random_machines(shard: int) -> None:
    seen: Counter[str] = Counter()

    for name in STREAMS:
        for case in drawn(name, EACH, first=shard * EACH):
            seen.update(case.features(agree(case)))
        assert seen[name] >= EACH
    ran = sum(seen[name] for name in STREAMS)
    assert_occur(SHARES, seen, ran, shard)


def test_the_recurrences_say_the_same_without_the_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = mutated("plain", CONTROL, tmp_path, monkeypatch)
    for case, _ in pool()[::4]:
        compiled, interpreted = (one.simulate(case.program, case.operands) for one in (fast, plain))
        assert_same(interpreted, compiled)
        assert interpreted.array_cycles == compiled.array_cycles


def _in_order(words: BusWords, order: list[int]) -> BusWords:
    """*words* as the bus serves them in another *order*."""
    fifos = [words.fifos[words.start[i] : words.start[i + 1]] for i in order]
    start = np.concatenate(([0], np.cumsum([len(part) for part in fifos])))
    return BusWords(start, np.concatenate(fifos), words.beat[order], words.at[order])


def _disordered(program: Program, order: str) -> Program:
    """*program* with the ifmap words of every stretch in another order; its values make no sense any more."""

    def pattern(one: Pattern) -> Pattern:
        words = one.ifmap
        if not len(words.beat):
            return one
        first, last = words.fifos[words.start[:-1]], words.fifos[words.start[1:] - 1]
        keys = {"first user": first, "last user": -last, "backwards": -np.arange(len(first))}
        return one._replace(ifmap=_in_order(words, np.argsort(keys[order], kind="stable").tolist()))

    def plan(one: StreamPlan) -> StreamPlan:
        return replace(one, patterns=tuple(pattern(part) for part in one.patterns))

    return replace(program, plans={shape: plan(one) for shape, one in program.plans.items()})


def _end(engine: Callable[..., Outcome], program: Program) -> Outcome | None:
    """The outcome of *program*, None if it never ends."""
    try:
        return engine(program, None)
    except SimulationError as error:
        assert str(error).startswith("circular wait: ")
        return None


def _rows_of_pes(name: str, fifo_words: int) -> Program:
    """A pass in which many ifmap words of a stretch go to each of many PEs."""
    cls: Any = STREAMS[name]
    arch = replace(roomy(), array=PEArray(6, 6))
    layer, ifmap = Layer("rows", m=2, c=3, h=4, w=5, r=2, s=2), QueuedBus(WORD, 1, fifo_words)
    arch = replace(arch, noc=replace(arch.noc, ifmap=ifmap))
    return make_program(cls(**CHOICES[name]).map(layer, arch), arch)


def test_a_bus_order_that_waits_for_itself_is_a_circular_wait_in_both_engines() -> None:
    stuck = []
    for name, fifo_words, order in product(CHOICES, (1, 2, 4, 16), ORDERS):
        program = _disordered(_rows_of_pes(name, fifo_words), order)
        one, other = _end(fast.simulate, program), _end(reference.simulate, program)
        assert (one is None) == (other is None)
        if one and other:
            assert one.cycles == other.cycles
            np.testing.assert_array_equal(one.causes, other.causes)
        stuck.append(one is None)
    assert 4 <= sum(stuck) <= len(stuck) - 4


@pytest.mark.parametrize("case", TIGHT, ids=range(len(TIGHT)))
def test_fast_equals_reference_where_passes_overlap(case: Case) -> None:
    agree(case)
