"""A draw is its name: the seed, the number and the kind decide it, and a kept one comes again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.laws import seeds
from tests.laws.stream_cases import Case, random_case

KIND = "stream: no_local_reuse"
draws = partial(seeds.draws, partial(random_case, "no_local_reuse"), KIND)


@pytest.fixture(autouse=True)
def _seed_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(seeds.SEED, raising=False)


def same(one: Case, other: Case) -> bool:
    return one.program == other.program and np.array_equal(one.operands.weight, other.operands.weight)


def test_the_same_seed_draws_the_same_cases_and_another_seed_others(monkeypatch: pytest.MonkeyPatch) -> None:
    first, again = draws(3), draws(3)
    monkeypatch.setenv(seeds.SEED, "5")
    others = draws(3)
    assert all(map(same, first, again))
    assert not any(map(same, first, others))
    assert [case.origin for case in first] == [f"{KIND} {i}" for i in range(3)]
    assert [case.origin for case in others] == [f"{KIND} {i} @ 5" for i in range(3)]


def test_a_kept_draw_comes_again_with_every_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(f"# of another kind, and of this one\nstream: weight_stationary 3\n{KIND} 1 @ 5\n")
    monkeypatch.setattr(seeds, "KEPT", kept)
    numbered, again = draws(1), draws(1, first=1)
    monkeypatch.setenv(seeds.SEED, "5")
    assert [case.origin for case in numbered] == [f"{KIND} 0", f"{KIND} 1 @ 5"]
    assert [case.origin for case in again] == [f"{KIND} 1"]
    assert same(numbered[1], draws(2)[1])
    assert len(draws(2)) == 2  # it is among those drawn


def test_every_kept_line_names_a_draw() -> None:
    lines = [line for line in seeds.KEPT.read_text().splitlines() if not line.startswith("#")]
    assert all(line in seeds.kept(line.rsplit(" @ ", 1)[0].rsplit(" ", 1)[0]) for line in lines)


def test_a_tenth_is_a_tenth_and_every_test_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    tests = [f"test[{i}]" for i in range(1000)]
    turns: set[str] = set()
    for seed in range(100):
        monkeypatch.setenv(seeds.SEED, str(seed))
        turns |= (drawn := {test for test in tests if seeds.takes(test, 0.1)})
        assert 60 < len(drawn) < 140
    assert turns == set(tests)
