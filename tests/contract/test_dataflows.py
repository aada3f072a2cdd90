"""What every dataflow owes; enrolled by lying in dataflows/."""

from __future__ import annotations

import re
import sys
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import product
from typing import Any, get_type_hints

import numpy as np
import pytest

from accelsim.errors import LegalityError
from accelsim.machine import (
    PE,
    Arch,
    Banks,
    LocalLink,
    NoC,
    NoRF,
    PEArray,
    PooledRF,
    QueuedBus,
    SplitRF,
    WeightBus,
)
from accelsim.mapping.dataflow import dataflow_names, find_dataflow
from accelsim.mapping.nest import Tile
from accelsim.network.convolution import reference_ofmap
from accelsim.network.layer import IntArray, Layer, Lowered

BUS = QueuedBus(16)
CHIP = Arch(
    name="chip",
    clock_hz=100,
    array=PEArray(32, 32),
    rf=SplitRF("split", 64, 64, 64),
    pe=PE(),
    noc=NoC(WeightBus(16), BUS, BUS, BUS, LocalLink()),
    glb=Banks(1024, 4),
    filter_glb=Banks(256, 4),
    dram="ideal",
)
"""Room for every choice of LAYER, and the interconnect that every dataflow can do with."""

TIGHT = {
    "grid": replace(CHIP, array=PEArray(3, 3), glb=Banks(12, 6), filter_glb=Banks(4, 4)),
    "pool": replace(CHIP, array=PEArray(1, 7, "pool"), glb=Banks(20, 4), filter_glb="glb"),
    "pooled": replace(
        CHIP, rf=PooledRF("pooled", 16), glb=Banks(16, 4), filter_glb=None, ofmap_via_glb=False
    ),
    "no register file": replace(
        CHIP, rf=NoRF("none"), array=PEArray(2, 4), glb=Banks(30, 4), filter_glb=None
    ),
    "systolic": replace(CHIP, array=PEArray(3, 2, "grid", "systolic"), padding="generated", glb=Banks(20, 4)),
}
LAYER = Layer("odd", n=2, m=6, c=4, h=3, w=3, r=2, s=2, groups=2, stride=(1, 2), pad=(1, 0, 0, 1))
TOO_LARGE = 1000


@pytest.fixture(params=dataflow_names())
def cls(request: pytest.FixtureRequest) -> Any:
    return find_dataflow(request.param)


def names(cls: Any) -> list[str]:
    """Its tile sizes."""
    return [field.name for field in fields(cls)]


def choose(cls: Any, **sizes: int) -> Any:
    """The smallest choice, but for *sizes*."""
    return cls(**{name: 1 for name in names(cls)} | sizes)


@cache
def values(cls: Any) -> dict[str, list[int]]:
    """What the search tries of every tile size."""
    return {name: np.unique(of).tolist() for name, of in _offered(cls, CHIP).choice.items()}


def _offered(cls: Any, arch: Arch) -> Any:
    space = cls.space(LAYER, arch)
    return space.expand(np.arange(len(space.starts()[1])), equal_counts_once=False)


def choices(cls: Any) -> list[Any]:
    """Every combination of those values."""
    tried = values(cls)
    return [cls(**dict(zip(tried, sizes, strict=True))) for sizes in product(*tried.values())]


def legal(choice: Any, arch: Arch) -> bool:
    """Whether map() accepts *choice*."""
    try:
        choice.map(LAYER, arch)
    except LegalityError:
        return False
    return True


def test_it_is_a_frozen_dataclass_of_ints(cls: Any) -> None:
    assert is_dataclass(cls)
    assert cls.__dataclass_params__.frozen
    hints = get_type_hints(cls)
    assert names(cls)
    assert {hints[name] for name in names(cls)} == {int}


def test_it_says_what_it_is_and_where_it_is_from(cls: Any) -> None:
    module = sys.modules[cls.__module__].__doc__
    assert module and cls.__doc__ and cls.map.__doc__ and cls.space.__doc__
    assert re.search(r"\b(19|20)\d\d\b", module + cls.__doc__), "a published source with its year"
    assert "LegalityError" in cls.map.__doc__


def test_a_size_below_one_is_named(cls: Any) -> None:
    for name in names(cls):
        with pytest.raises(LegalityError, match=rf"^{name} must be at least 1 \(got 0\)$"):
            choose(cls, **{name: 0}).map(LAYER, CHIP)


def test_a_size_that_is_too_large_is_told_by_how_much(cls: Any) -> None:
    for name in names(cls):
        with pytest.raises(LegalityError, match=r"^.+: needs \d+ .*, has \d+ \(\d+ too many\)$") as error:
            choose(cls, **{name: TOO_LARGE}).map(LAYER, CHIP)
        need, limit, excess = map(int, re.findall(r"(?:needs|has|\() ?(\d+)", str(error.value)))
        assert excess == need - limit > 0


def test_a_machine_that_is_too_small_is_told_by_how_much(cls: Any) -> None:
    for small in (replace(CHIP, glb=Banks(1, 1)), replace(CHIP, filter_glb=Banks(1, 1))):
        with pytest.raises(LegalityError, match=r"GLB.*: needs \d+ banks, has 1 \(\d+ too many\)"):
            _largest(cls).map(LAYER, small)


def _largest(cls: Any) -> Any:
    """The last choice that is legal on a roomy chip."""
    return next(choice for choice in reversed(choices(cls)) if legal(choice, CHIP))


def some(cls: Any) -> list[Any]:
    """Legal choices, thinned."""
    found = [choice for choice in choices(cls) if legal(choice, CHIP)]
    return found[:: max(1, len(found) // 12)]


def test_the_nest_is_written_down_loop_by_loop(cls: Any) -> None:
    for choice in some(cls):
        mapping = choice.map(LAYER, CHIP)
        _, *lines = str(mapping).splitlines()
        assert len(lines) == len(mapping.loops)
        for line, loop in zip(lines, mapping.loops, strict=True):
            word = "parallel for" if loop.level in ("rows", "cols") else "for"
            assert re.search(rf"^ *{loop.level} +{word} {loop.dim} in \d+ x {loop.step}\b", line)


def test_a_pass_is_a_box_and_together_they_hold_every_mac_once(cls: Any) -> None:
    for choice in some(cls):
        mapping = choice.map(LAYER, CHIP)
        nest = mapping.layer
        sizes = nest.groups, nest.n, nest.group_m, nest.group_c, nest.e, nest.f, nest.r, nest.s
        times = np.zeros(sizes, int)
        for one in mapping.passes():
            times[tuple(slice(part.start, part.stop) for part in one.tile)] += 1
        assert times.size == LAYER.macs
        assert (times == 1).all()


def test_replayed_on_numpy_the_passes_give_the_ofmap(cls: Any) -> None:
    rng = np.random.default_rng(0)
    ifmap, weight = rng.integers(-8, 8, LAYER.ifmap_shape), rng.integers(-8, 8, LAYER.weight_shape)
    for choice in some(cls):
        mapping = choice.map(LAYER, CHIP)
        ofmap = np.zeros(LAYER.ofmap_shape, int)
        started, ended = np.zeros(LAYER.ofmap_shape, bool), np.zeros(LAYER.ofmap_shape, bool)
        for one in mapping.passes():
            for out, x, w in _macs(mapping.layer, one.tile):
                assert (started[out] != one.first).all() and not ended[out].any()
                ofmap[out] += LAYER.padded(ifmap)[x] @ weight[w]
                started[out], ended[out] = True, one.last
        assert ended.all()
        np.testing.assert_array_equal(ofmap, reference_ofmap(LAYER, ifmap, weight))


def _macs(layer: Layer, tile: Tile) -> list[tuple[Any, Any, Any]]:
    """By filter of *tile*: ofmap words ``(pixels,)``, ifmap ``(pixels, taps)``, weights ``(taps,)``."""
    (n, e, f), (c, r, s) = _pixels(layer, tile), _taps(layer, tile)
    y = e[:, None] * LAYER.stride[0] + r * LAYER.dilation[0]
    x = f[:, None] * LAYER.stride[1] + s * LAYER.dilation[1]
    found = []
    for g, m in product(tile.g, tile.m):
        channel, number = g * LAYER.group_c + c, g * LAYER.group_m + m
        found.append(((n, number, e, f), (n[:, None], channel, y, x), (number, c, r, s)))
    return found


def _pixels(layer: Layer, tile: Tile) -> tuple[IntArray, ...]:
    if isinstance(layer, Lowered):
        return layer.pixels(tile.e)
    return tuple(np.array(list(product(tile.n, tile.e, tile.f))).T)


def _taps(layer: Layer, tile: Tile) -> tuple[IntArray, ...]:
    if isinstance(layer, Lowered):
        return layer.taps(tile.c)
    return tuple(np.array(list(product(tile.c, tile.r, tile.s))).T)


@pytest.mark.parametrize("machine", TIGHT)
def test_the_space_and_the_map_have_the_same_rules(cls: Any, machine: str) -> None:
    """Of all sizes to try, the space offers those that map() does not refuse, and no others."""
    arch = TIGHT[machine]
    allowed = {tuple(vars(choice).values()) for choice in choices(cls) if legal(choice, arch)}
    try:
        space, batch = cls.space(LAYER, arch), _offered(cls, arch)
    except LegalityError:
        assert not allowed
        return
    at = np.argwhere(batch.legal)
    columns = [np.broadcast_to(batch.choice[name], batch.legal.shape)[tuple(at.T)] for name in names(cls)]
    assert set(zip(*(column.tolist() for column in columns), strict=True)) == allowed
    for choice in choices(cls)[::7]:
        assert space.at(vars(choice)).legal.ravel()[0] == (tuple(vars(choice).values()) in allowed)
