"""The ready-made space: what it finds is what plain loops over ints find, however it is cut into batches."""

from functools import partial
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from accelsim.config import build, find, load_yaml
from accelsim.errors import LegalityError
from accelsim.machine import Arch
from accelsim.mapping.work import Work, actions, dense_dram
from accelsim.network.layer import Layer
from accelsim.search import GridSpace, Rule, evaluate_choice, search

ARCH = build(load_yaml(find("arch", "eyeriss")), Arch)
LAYER = Layer("toy", m=7, c=5, h=6, w=6, r=2, s=2)
ZERO = Work(*(0 for _ in Work._fields))
NAMES = (*actions(ZERO, ARCH), *dense_dram(ZERO))
PRICES = {name: 1.0 + i % 3 for i, name in enumerate(sorted(NAMES))}
STARTING = {"a": range(1, 8), "b": [1, 2, 4]}
INNER = {"c": range(1, 6), "d": [1, 2, 3]}
TABLE = np.array([0, 9, 3, 5, 2, 4])


def rules(x: Any) -> Any:
    yield Rule("a of d", x.a * x.d, 15)  # not known until d is
    yield Rule("a b", x.a * x.b, 12)
    yield Rule("largest", np.maximum(x.a, x.c), 6)
    yield Rule("table", TABLE[x.c] + x.b, 11)  # cannot be told without c
    yield Rule("b c", x.b * x.c, 16)


def work(x: Any) -> Work:
    return ZERO._replace(
        macs=1000,
        ifmap_reads=-(-30 // x.a) * x.c,
        psums_in=TABLE[x.c] * x.b,
        weight_fills=-(-40 // (x.b * (x.d > 1) + 1)),  # the same for d=2 and d=3
    )


def floor(x: Any, work: Work) -> Any:
    return work.ifmap_reads + 10 * work.psums_in // x.a


def least(x: Any) -> tuple[Work, Any]:
    best = ZERO._replace(
        macs=1000, ifmap_reads=-(-30 // x.a), psums_in=2 * x.b, weight_fills=-(-40 // (x.b * 3))
    )
    return best, best.ifmap_reads + 10 * best.psums_in // x.a


def cycles_of(choice: dict[str, int], loose: int = 7) -> int:
    """The floor, and some cycles more: fewer than *loose*."""
    x = SimpleNamespace(**choice)
    return int(floor(x, work(x))) + (5 * x.a + 3 * x.b + x.c * x.d) % loose


def space(**changes: Any) -> GridSpace:
    given: dict[str, Any] = {
        "starting": STARTING,
        "inner": INNER,
        "rules": rules,
        "work": work,
        "floor": floor,
        "active": lambda x: x.a * x.b,
    }
    return GridSpace(LAYER, ARCH, **{**given, **changes})


def legal_choices() -> list[dict[str, int]]:
    """By plain loops."""
    sizes = {**STARTING, **INNER}
    choices = [dict(zip(sizes, values, strict=True)) for values in product(*sizes.values())]
    return [c for c in choices if all(rule.need <= rule.limit for rule in rules(SimpleNamespace(**c)))]


def counts(choice: dict[str, int]) -> Work:
    return Work(*map(int, work(SimpleNamespace(**choice))))


def value_of(choice: dict[str, int], objective: str, loose: int = 7) -> float:
    """Counts times prices, action by action."""
    done = {**actions(counts(choice), ARCH), **dense_dram(counts(choice))}
    energy = sum(n * PRICES[name] for name, n in done.items())
    cycles = cycles_of(choice, loose)
    return {"energy": energy, "latency": cycles, "edp": energy * cycles}[objective]


@pytest.fixture(params=[(1 << 16, 16), (4, 1), (1, 1)], ids=["one batch", "many batches", "split"])
def cut(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many candidates are expanded at once, and how many are held."""
    cells, keep = request.param
    monkeypatch.setattr("accelsim.search.grid.CELLS", cells)
    monkeypatch.setattr("accelsim.search.goal.CELLS", cells)
    monkeypatch.setattr("accelsim.search.simulating.KEEP", keep)


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("bound", [None, least], ids=["unbounded", "bounded"])
@pytest.mark.parametrize(
    "objective, loose", [("energy", 7), *product(["latency", "edp"], [1, 2, 7, 11, 23, 61])]
)
def test_the_best_and_the_runner_up_are_those_of_plain_loops(objective: Any, bound: Any, loose: int) -> None:
    cycles = partial(cycles_of, loose=loose)
    found = search(space(least=bound), LAYER, ARCH, PRICES, objective, cycles, runner_up=True)
    values = [(value_of(choice, objective, loose), counts(choice)) for choice in legal_choices()]
    assert found.value == pytest.approx(min(value for value, _ in values), rel=1e-12)
    assert found.value == pytest.approx(value_of(found.choice, objective, loose), rel=1e-12)
    second = found.runner_up
    assert second is not None
    assert second.work == counts(second.choice) != found.best.work == counts(found.choice)
    others = [value for value, at in values if at != found.best.work]
    assert second.value(objective) == pytest.approx(min(others), rel=1e-12)
    assert second.value(objective) == pytest.approx(value_of(second.choice, objective, loose), rel=1e-12)


@pytest.mark.usefixtures("cut")
def test_every_legal_choice_is_expanded_once() -> None:
    grid = space()
    starts = grid.starts()[1].size
    found = []
    for at in range(starts):
        batch = grid.expand(np.array([at]), equal_counts_once=False)
        assert batch.legal.size == grid.fan(equal_counts_once=False)
        for index in np.argwhere(batch.legal):
            choice = {
                k: int(np.broadcast_to(v, batch.legal.shape)[tuple(index)]) for k, v in batch.choice.items()
            }
            found.append(tuple(choice.values()))
    assert sorted(found) == sorted(tuple(choice.values()) for choice in legal_choices())


def test_without_a_bound_every_legal_choice_is_counted() -> None:
    found = search(space(), LAYER, ARCH, PRICES, "energy", cycles_of)
    assert (found.counted, found.simulated) == (len(legal_choices()), 0)
    assert search(space(least=least), LAYER, ARCH, PRICES, "energy", cycles_of).counted <= found.counted


def test_only_what_could_be_best_is_simulated() -> None:
    simulated = []

    def watched(choice: dict[str, int]) -> int:
        simulated.append(choice)
        return cycles_of(choice)

    found = search(space(), LAYER, ARCH, PRICES, "latency", watched)
    assert found.simulated == len(simulated)
    assert all(int(floor(x, work(x))) <= found.value for x in (SimpleNamespace(**c) for c in simulated))


def test_starts_are_thinned_by_rules_that_need_no_inner_size() -> None:
    """By the second rule alone, although the one before it asks for an inner size."""
    combos = zip(*(of.tolist() for of in space().combos.values()), strict=True)
    assert list(combos) == [(a, b) for a, b in product(*STARTING.values()) if a * b <= 12]


def test_a_runner_up_may_be_far_behind() -> None:
    two = space(
        starting={"a": [1, 4], "b": [1]}, inner={"c": [1], "d": [1]}, work=lambda x: ZERO._replace(macs=x.a)
    )
    found = search(two, LAYER, ARCH, PRICES, "energy", cycles_of, runner_up=True)
    assert found.runner_up is not None
    assert found.runner_up.energy == pytest.approx(4 * found.value, rel=1e-12)


@pytest.mark.parametrize("more, best", [({1: 9, 2: 5, 3: 2}, 3), ({1: 9, 2: 2, 3: 5}, 2)])
def test_of_candidates_with_equal_counts_all_can_be_the_best_and_one_alone_is_ranked(
    more: dict[int, int], best: int
) -> None:
    three = space(starting={"a": [4], "b": [1]}, inner={"c": [1], "d": [1, 2, 3]})
    found = search(three, LAYER, ARCH, PRICES, "latency", lambda c: 100 + more[c["d"]], runner_up=True)
    assert found.runner_up is not None
    assert (found.choice["d"], found.runner_up.choice["d"]) == (best, 1)


def test_equal_values_go_to_more_pes() -> None:
    flat = space(work=lambda x: ZERO._replace(macs=1000 + 0 * x.a), floor=lambda x, work: 1 + 0 * x.a)
    found = search(flat, LAYER, ARCH, PRICES, "energy", cycles_of, runner_up=True)
    assert found.choice["a"] * found.choice["b"] == found.best.active == 12
    assert found.runner_up is None  # all others tie with equal counts


def test_a_search_for_energy_asks_for_the_cycles_of_no_batch_that_is_worse_than_what_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("accelsim.search.goal.CELLS", 1)  # a batch for every a
    asked: list[int] = []

    def slow(x: Any, work: Work) -> Any:
        asked.extend(np.unique(x.a).tolist())
        return 0 * x.a

    rising = space(
        starting={"a": [3, 1, 2, 1], "b": [1]}, floor=slow, work=lambda x: ZERO._replace(ifmap_fills=x.a)
    )
    search(rising, LAYER, ARCH, PRICES, "energy", cycles_of)
    assert asked == [3, 1, 1]  # the first of all, a better one, and its equal


def test_a_choice_is_evaluated_whether_or_not_it_is_among_the_values() -> None:
    choice = {"a": 4, "b": 3, "c": 2, "d": 2}
    said = evaluate_choice(space(), choice, ARCH, PRICES)
    assert (said.choice, said.work, said.active) == (choice, counts(choice), 12)
    assert said.floor_cycles == floor(SimpleNamespace(**choice), said.work)
    assert said.energy == pytest.approx(value_of(choice, "energy"), rel=1e-12)


def test_no_values_or_nothing_legal_is_an_error() -> None:
    with pytest.raises(LegalityError, match=r"^toy: d must have a value on eyeriss \(got none\)$"):
        space(inner={"c": [1], "d": []})
    for rule in (lambda x: x.a, lambda x: x.b, lambda x: x.a * x.c):  # broken at once, later, last
        none = space(rules=lambda x, rule=rule: [Rule("never", rule(x), 0)])
        with pytest.raises(LegalityError, match=r"^toy must have a legal mapping on eyeriss \(got none\)$"):
            search(none, LAYER, ARCH, PRICES, "energy", cycles_of)


def test_a_size_that_is_not_there_is_named() -> None:
    with pytest.raises(AttributeError, match=r"tile sizes are a, .*d \(got 'z'\)"):
        space(rules=lambda x: [Rule("z", x.z, 1)])


def test_starting_sizes_alone_and_inner_sizes_alone_are_spaces() -> None:
    every = {**STARTING, **INNER}
    for starting, inner in ((every, {}), ({}, every)):
        found = search(space(starting=starting, inner=inner), LAYER, ARCH, PRICES, "energy", cycles_of)
        assert found.value == pytest.approx(min(value_of(c, "energy") for c in legal_choices()), rel=1e-12)
        assert found.counted == len(legal_choices())
