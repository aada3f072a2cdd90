"""Break it once, for passes of single MACs: each written-down mutant disagrees with the reference engine."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from tests.laws.mutants import Answers, Change, answered, assert_agrees, assert_told, mutate_in_place, mutated
from tests.laws.stream_cases import ALL, STREAMS, TIGHT, drawn
from tests.laws.test_stream_counts import assert_counted

MUTANTS: dict[str, Change] = {
    "a bus of several words moves one word fewer at a time": (
        "single_mac_kernel.py",
        "max(ready, clocks.last[bus], clocks.moves[bus, place] + 1)",
        "max(ready, clocks.last[bus] + 1, clocks.moves[bus, place] + 1)",
    ),
    "a bus is as wide as it likes": (
        "single_mac_kernel.py",
        "max(ready, clocks.last[bus], clocks.moves[bus, place] + 1)",
        "max(ready, clocks.last[bus])",
    ),
    "a beat shares the cycle of the word before": (
        "single_mac_kernel.py",
        "if beat and not clocks.fresh[bus]:",
        "if False:",
    ),
    "the first word of a pass waits for one that was never sent": (
        "single_mac_kernel.py",
        "if beat and not clocks.fresh[bus]:",
        "if beat:",
    ),
    "words arrive in the cycle they are sent": (
        "single_mac_kernel.py",
        "clocks.slot[at] = time + wiring.latency[fifo]",
        "clocks.slot[at] = time",
    ),
    "a place is free in the cycle its word is taken": (
        "single_mac_kernel.py",
        "clocks.slot[wiring.start[fifo] + clocks.head[fifo]] = time + 1",
        "clocks.slot[wiring.start[fifo] + clocks.head[fifo]] = time",
    ),
    "a multicast waits for one FIFO only": (
        "single_mac_kernel.py",
        "ready = max(ready, room)",
        "ready = room",
    ),
    "psums are read before they are written": (
        "single_mac_kernel.py",
        "ready = max(ready, written[external])",
        "ready = max(ready, 0)",
    ),
    "a line is read before it is written": (
        "single_mac_kernel.py",
        "ready = max(ready, there)",
        "ready = max(ready, 0)",
    ),
    "the first pass waits for psums that nobody sends": (
        "single_mac_kernel.py",
        "waits = below >= 0 and (wiring.reads or not wiring.external[below])",
        "waits = below >= 0 and wiring.reads",
    ),
    "a PE looks for room in fewer FIFOs": (
        "single_mac_kernel.py",
        "room = max(room, there)",
        "room = max(clocks.free[pe], there)",
    ),
    "a PE steps every other cycle": (
        "single_mac_kernel.py",
        "clocks.free[pe] = time + 1",
        "clocks.free[pe] = time + 2",
    ),
    "waiting for room is waiting for a psum": (
        "single_mac_kernel.py",
        "clear = max(fed, room)",
        "clear = fed\n    psum = max(psum, room)",
    ),
    "a clock that is behind is forgotten": (
        "settle_kernel.py",
        "ring[i] = max(time, clocks.last[bus] - 1) - low",
        "ring[i] = clocks.last[bus] - low",
    ),
    "a pass finds all buses idle": (
        "walk.py",
        "moves[OFMAP, : len(ring)] = np.maximum(ring, -1)",
        "moves[OFMAP, : len(ring)] = -1",
    ),
    "a pass finds all output FIFOs empty": (
        "walk.py",
        "slot[first : first + size] = places[len(places) - size :]",
        "slot[first : first + size] = NEVER",
    ),
    "a load that shifts is usable word by word": (
        "walk.py",
        "moves[-1] + latency + 1 if plan.shifted else moves + latency",
        "moves + latency",
    ),
    "a load is usable while it moves": (
        "walk.py",
        "moves[-1] + latency + 1 if plan.shifted else moves + latency",
        "moves[-1] + latency + 1 if plan.shifted else moves",
    ),
    "a load ignores its beats": ("wiring.py", "starts = np.flatnonzero(load.beat)", "starts = load.beat[:0]"),
    "a pass ends before its last MAC has passed the pipeline": (
        "walk.py",
        "end = zero + int(final.free[self.busy > 0].max()) - 1 + stages",
        "end = zero + int(final.free[self.busy > 0].max())",
    ),
    "kept psums never hold up the next pass": (
        "walk.py",
        "end=(max(end, last + 1) if plan.drained else end) + plan.tail",
        "end=end + plan.tail",
    ),
    "a ragged fold is shorter than a whole one": (
        "walk.py",
        "end=(max(end, last + 1) if plan.drained else end) + plan.tail",
        "end=max(end, last + 1) if plan.drained else end",
    ),
    "weights can be refilled while they stream": (
        "walk.py",
        "loaded=zero + int(final.last[WEIGHT]) + 1 if streamed else loaded",
        "loaded=loaded",
    ),
    "every stretch begins as the first one did": (
        "walk.py",
        "self.known[state, pattern] = self._evaluate(state, pattern, _LONG_SINCE)",
        "self.known[state, pattern] = self._evaluate(0, pattern, _LONG_SINCE)",
    ),
}

COUNTS: dict[str, tuple[str, Change]] = {
    "filter rows hand on their psums inside the array": (
        "weight_stationary",
        (
            "mapping/counting.py",
            'over({*DIMS["psum"], *self._tilings.on["cols"]})',
            'over(DIMS["psum"])',
        ),
    ),
    "ifmap words slide from filter to filter": (
        "output_stationary_soc_mop",
        (
            "mapping/counting.py",
            'product((self._planes, tilings.tiles["m"], *kept))',
            "product((self._planes, *kept))",
        ),
    ),
    "a bound takes one step for two": (
        "output_stationary_soc_mop",
        ("mapping/bounds.py", "np.maximum(busy,", "np.maximum(2 * busy,"),
    ),
    "boxes end outside the loop that fetches them": (
        "output_stationary_moc_mop",
        (
            "mapping/loops.py",
            "self.mapping.temporal[: last + 1]",
            "self.mapping.temporal[:last]",
        ),
    ),
    "kept psums leave without a hop": (
        "output_stationary_moc_sop",
        ("mapping/counting.py", "hops(lambda: self._tilings.climbs(self._tilings.size))", "hops(lambda: 0)"),
    ),
    "the first psum is read": (
        "no_local_reuse",
        ("mapping/counting.py", '"psums_in": passed - outs', '"psums_in": passed'),
    ),
    "pad zeros are read where a bus makes them": (
        "weight_stationary_gemm",
        (
            "mapping/counting.py",
            "pairs = window_pairs(self.mapping.layer, stored=self._stored)",
            "pairs = window_pairs(self.mapping.layer, stored=True)",
        ),
    ),
    "a load climbs once": (
        "weight_stationary_gemm",
        (
            "mapping/counting.py",
            "self._tilings.climbs(DIMS[operand]) * times",
            "self._tilings.climbs(DIMS[operand])",
        ),
    ),
    "weights that stay are fetched again": (
        "output_stationary_gemm",
        ("mapping/loops.py", "times = _where(loop.step < left[loop.dim], others, times)", "times = others"),
    ),
    "folds do not end with a block of pixels": (
        "input_stationary",
        (
            "mapping/tiling.py",
            "return size // step * tile_count(step, tuple(inner)) + tile_count(size % step, tuple(inner))",
            "return -(-size // inner[-1])",
        ),
    ),
}

CONTROL: Change = ("single_mac_kernel.py", "clocks.free[pe] = time + 1", "clocks.free[pe] = 1 + time")


@cache
def pool() -> Answers:
    """Cases that are tight, and random ones of every dataflow."""
    return answered((*TIGHT, *(case for name in STREAMS for case in drawn(name, 10))))


def test_a_mutant_that_changes_nothing_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_agrees(mutated("nothing", CONTROL, tmp_path, monkeypatch), pool())


@pytest.mark.parametrize("name", list(MUTANTS))
def test_mutant_disagrees_with_the_reference(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_told(mutated(name, MUTANTS[name], tmp_path, monkeypatch), pool())


@pytest.mark.parametrize("name", list(COUNTS))
def test_a_miscounting_rule_is_told_from_the_passes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    flow, change = COUNTS[name]
    cases = drawn(flow, 60)
    mutate_in_place(change, monkeypatch)
    with pytest.raises(AssertionError):
        for case in cases:
            assert_counted(ALL[flow], case.choice, case.layer, case.program.arch)
