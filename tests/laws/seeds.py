"""Random cases by number: always the same ones, others for another seed, and every one that ever failed."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest

from tests.laws.drawn import Drawn

SEED = "ACCELSIM_SEED"
"""The environment variable of the session's seed, 0 without it; ``--seed`` sets it."""

KEPT = Path(__file__).with_name("kept_draws.txt")
"""Draws that failed once, one a line; all laws run them again, whatever the seed."""

MUTANT = "mutant_of_"
"""What the name of a module with a changed line begins with, for as long as the change lasts."""

USUAL = 2
SHARDS = [
    0,
    pytest.param(1, marks=pytest.mark.slow),
    *(pytest.param(shard, marks=pytest.mark.long) for shard in range(USUAL, 22)),
]
"""Lots of random machines on which the engines must agree; continuous integration runs the usual ones."""

T = TypeVar("T", bound=Drawn)


def seed() -> int:
    """The seed of this session."""
    return int(os.environ.get(SEED, "0"))


def takes(test: str, share: float) -> bool:
    """Whether *test*, by its name, is in the *share* of long tests that this session draws."""
    return Random(f"{seed()} {test}").random() < share


def draws(make: Callable[[Random], T], kind: str, count: int, first: int = 0) -> tuple[T, ...]:
    """*count* cases of *kind* as *make* draws them, from number *first* on; the first lot has the kept ones.

    The name of a draw, such as ``stream: weight_stationary 17`` or, with the seed 5, ``stream:
    weight_stationary 17 @ 5``, is all that decides it.
    """
    assert not any(name.startswith(MUTANT) for name in sys.modules), "cases are kept: draw before a change"
    names = [draw_name(kind, number, seed()) for number in range(first, first + count)]
    again = [] if first else [name for name in kept(kind) if name not in names]
    return tuple(replace(make(Random(_rolled(name))), origin=name) for name in names + again)


def assert_occur(shares: Mapping[str, float], seen: Counter[str], cases: int, shard: int) -> None:
    """Each feature is *seen* in its share of the *cases* that every session draws; others may lack some."""
    if seed() == 0 and shard < USUAL:
        for feature, share in shares.items():
            assert seen[feature] >= share * cases, f"{feature}: {seen[feature]} of {cases}"


def draw_name(kind: str, number: int, seed: int) -> str:
    """The name of one draw of *kind*; the seed 0 goes without saying."""
    return f"{kind} {number} @ {seed}" if seed else f"{kind} {number}"


def kept(kind: str) -> Iterator[str]:
    """The names of kept draws of *kind*."""
    for line in KEPT.read_text().splitlines():
        if re.fullmatch(rf"{re.escape(kind)} \d+( @ \d+)?", line):
            yield line


def _rolled(name: str) -> str:
    """What the dice are seeded with: the name without its family."""
    return name.split(": ", 1)[1]
