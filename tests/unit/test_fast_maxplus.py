"""The two recurrences, against loops that a reader can check by eye."""

import numpy as np
import pytest

from accelsim.fast.maxplus import NEVER, issue, last_moves, serve


def slow_serve(ready, width, before):
    moves = list(before)
    for first in ready:
        moves.append(max(first, moves[-1], moves[-width] + 1))
    return moves[width:]


def slow_issue(ready, free):
    rows = []
    for words, cycle in zip(ready.tolist(), free.tolist(), strict=True):
        at = []
        for first in words:
            cycle = max(first, cycle)
            at.append(cycle)
            cycle += 1
        rows.append(at)
    return rows


@pytest.mark.parametrize("seed", range(200))
def test_serve_equals_its_slow_twin(seed):
    rng = np.random.default_rng(seed)
    width, words = int(rng.integers(1, 6)), int(rng.integers(0, 25))
    known = int(rng.integers(0, width + 1))
    before = np.concatenate((np.full(width - known, NEVER), np.sort(rng.integers(-4, 6, known))))
    ready = rng.integers(0, 30, words)
    assert serve(ready, width, before).tolist() == slow_serve(ready.tolist(), width, before.tolist())


@pytest.mark.parametrize("seed", range(50))
def test_issue_equals_its_slow_twin(seed):
    rng = np.random.default_rng(seed)
    ready, free = rng.integers(0, 30, (3, int(rng.integers(1, 9)))), rng.integers(0, 12, 3)
    assert issue(ready, free).tolist() == slow_issue(ready, free)


def test_a_bus_of_two_words_moves_five_ready_words_in_three_cycles():
    assert serve(np.zeros(5, int), 2, np.full(2, NEVER)).tolist() == [0, 0, 1, 1, 2]


def test_a_word_that_is_late_holds_back_those_behind_it():
    assert serve(np.array([0, 7, 0, 0]), 2, np.full(2, NEVER)).tolist() == [0, 7, 7, 8]


def test_last_moves_are_the_last_of_both():
    assert last_moves(np.array([1, 2, 3]), np.array([5])).tolist() == [2, 3, 5]
    assert last_moves(np.array([1, 2]), np.array([5, 6, 7])).tolist() == [6, 7]
