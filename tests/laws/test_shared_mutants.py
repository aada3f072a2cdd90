"""Break it once, in code that both engines share: recounts, closed forms and hand schedules tell mutants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accelsim.errors import AccelsimError
from tests.laws import judges, mutants_of_nests, mutants_of_passes
from tests.laws.judges import Judge
from tests.laws.mutants import Change, forget, mutate_in_place, unchanged

MUTANTS = [*mutants_of_nests.MUTANTS.items(), *mutants_of_passes.MUTANTS.items()]
EVERY = [(judge, name, change) for judge, own in MUTANTS for name, change in own.items()]
THINNED = 8
"""By default one in so many is tried; the slow tests try the others."""

CASES = [
    pytest.param(judge, change, id=name, marks=[] if i % THINNED == 0 else pytest.mark.slow)
    for i, (judge, name, change) in enumerate(EVERY)
]


@pytest.fixture(autouse=True)
def _no_memory_of_mutants() -> Iterator[None]:
    """Nothing is remembered from one line to another; cases are drawn before any is changed."""
    judges.draw()
    forget()
    yield
    forget()


@pytest.mark.parametrize("judge", dict.fromkeys(judge for judge, _ in MUTANTS), ids=lambda one: one.__name__)
def test_mutants_that_change_nothing_are_lawful(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = {change[0]: change[1] for own, _, change in EVERY if own is judge}
    for file, line in lines.items():
        mutate_in_place((file, line, line), monkeypatch)
    judge()


@pytest.mark.parametrize("judge, change", CASES)
def test_a_mutant_is_told(judge: Judge, change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate_in_place(change, monkeypatch)
    with pytest.raises((AssertionError, AccelsimError, IndexError, KeyError)):
        judge()


def test_every_mutated_line_is_there_once() -> None:
    """Moves of code must take their mutants with them."""
    for _, _, change in EVERY:
        unchanged(change)
