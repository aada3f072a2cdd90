"""Floats are added in the declared order, a rounding a step: plain loops bit by bit, and an error bound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import product
from random import Random
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.errors import SimulationError
from accelsim.mapping.nest import Tile, blocks
from accelsim.mapping.operands import Operands
from accelsim.network.layer import Lowered, Tensor
from accelsim.passes.lanes import is_primitive
from accelsim.program.jobs import Program, make_program
from tests.laws.datapath_cases import DATAPATHS, Case, drawn, hosts
from tests.laws.test_engines_agree import assert_same

FLOATS = ("float16", "float32", "mixed")
Rounding = Callable[[float], float]
Taps = list[tuple[int, int, int]]
"""Channels, filter rows and taps in the order that their products are added."""


class Format(NamedTuple):
    """What psums are: their type, half a unit in the last place of one, and the smallest above zero."""

    psum: type[np.floating[Any]]
    unit: float
    least: float

    def rounded(self, value: float) -> float:
        """The nearest float of this format.

        The product of two of them, and the sum of two of half precision, are exact in double precision; the
        sum of two of single precision is rounded twice, which changes nothing with 53 >= 2 x 24 + 2 bits
        (Figueroa, "When is double rounding innocuous?", SIGNUM Newsletter 1995).
        """
        return float(self.psum(value))


HALF, SINGLE = Format(np.float16, 2.0**-11, 2.0**-24), Format(np.float32, 2.0**-24, 2.0**-149)
FORMATS = {"float16": HALF, "float32": SINGLE, "mixed": SINGLE}
"""IEEE 754-2008, table 3.5: precisions of 11 and 24 bits, least exponents of -14 and -126."""


def groups_of(case: Case, tile: Tile) -> Iterator[Taps]:
    """The products of a psum in a pass over *tile*: groups that are added up from zero, then to the psum.

    Primitives: a group for each PE, from the last channel set and, in it, the last filter row on; channel by
    channel and tap by tap. Single MACs: one after another, in the order of the loops over channels, filter
    rows and taps, of which those in the PE stand outside those over the array; columns outside rows.
    """
    mapping = case.program.mapping
    if is_primitive(mapping):
        for c in reversed(list(blocks(tile.c, mapping.step("rows", "c")))):
            for r in reversed(tile.r):
                yield [(channel, r, s) for channel in c for s in tile.s]
        return
    loops = [dim for level in ("pe", "cols", "rows") for dim in mapping.at(level) if dim in "crs"]
    dims = [dim for dim in "crs" if dim not in loops] + loops
    for at in product(*(getattr(tile, dim) for dim in dims)):
        place = dict(zip(dims, at, strict=True))
        yield [(place["c"], place["r"], place["s"])]


def unfolded(case: Case, g: int, taps: Taps, pixel: tuple[int, int, int]) -> Iterator[tuple[Any, Any]]:
    """Where *taps* of group *g* are, under *pixel* (n, e, f) of the ifmap, and in a filter."""
    layer, conv = case.program.layer, case.layer
    n, e, f = pixel
    if isinstance(layer, Lowered):
        rest, f = divmod(e, conv.f)
        n, e = divmod(rest, conv.e)
    for c, r, s in taps:
        if isinstance(layer, Lowered):
            rest, s = divmod(c, conv.s)
            c, r = divmod(rest, conv.r)
        y, x = e * conv.stride[0] + r * conv.dilation[0], f * conv.stride[1] + s * conv.dilation[1]
        yield (n, g * conv.group_c + c, y, x), (c, r, s)


def added_up(
    case: Case, rounded: Rounding, *, reordered: Callable[[list[Any]], list[Any]] = list, size: bool = False
) -> Tensor:
    """The psums ``(N, M, E, F)`` in double precision, every product and every sum *rounded*.

    Args:
        case: of floats.
        rounded: what becomes of each.
        reordered: what becomes of each order.
        size: of the magnitudes of all values.
    """
    conv, operands = case.layer, case.operands
    psums = np.zeros(
        (conv.groups, case.program.layer.n, conv.group_m, case.program.layer.e, case.program.layer.f)
    )
    ifmap, weight = (abs(t) if size else t for t in (operands.ifmap, operands.weight))
    for one in case.program.mapping.passes():
        tile = one.tile
        groups = reordered([reordered(taps) for taps in groups_of(case, tile)])
        from_zero = is_primitive(case.program.mapping)
        for n, m, e, f in product(tile.n, tile.m, tile.e, tile.f):
            at = tile.g.start, n, m, e, f
            for taps in groups:
                own = 0.0 if from_zero else psums[at]
                for word, (c, r, s) in unfolded(case, tile.g.start, taps, (n, e, f)):
                    x, w = float(ifmap[word]), float(weight[tile.g.start * conv.group_m + m, c, r, s])
                    own = rounded(own + rounded(x * w))
                psums[at] = rounded(psums[at] + own) if from_zero else own
    return as_ofmap(case, psums)


def as_ofmap(case: Case, psums: Tensor) -> Tensor:
    """``(G, N, M, E, F)`` of the layer that runs as ``(N, M, E, F)`` of the one that was asked for."""
    conv = case.layer
    if isinstance(case.program.layer, Lowered):  # (G, 1, M, N*E*F, 1)
        psums = psums.reshape(conv.groups, conv.group_m, conv.n, conv.e, conv.f).transpose(0, 2, 1, 3, 4)
    return psums.transpose(1, 0, 2, 3, 4).reshape(conv.ofmap_shape)


@cache
def cases(name: str) -> tuple[Case, ...]:
    """Some of every dataflow, most of row stationary."""
    return tuple(
        case
        for flow in hosts(DATAPATHS[name])
        for case in drawn(flow, name, 12 if flow == "row_stationary" else 3)
    )


def bits(values: Tensor, kind: type[np.floating[Any]]) -> list[bytes]:
    """*values*, which *kind* has exactly, as they are stored."""
    stored = values.astype(kind)
    assert (stored.astype(float) == values).all()
    return [one.tobytes() for one in stored.ravel()]


def assert_in_order(case: Case, ofmap: Tensor | None, form: Format) -> None:
    """*ofmap* is that of plain loops, bit by bit."""
    assert ofmap is not None
    assert ofmap.dtype == form.psum
    assert bits(ofmap, form.psum) == bits(added_up(case, form.rounded), form.psum)


@pytest.mark.parametrize("name", FLOATS)
def test_both_engines_add_in_the_declared_order(name: str) -> None:
    for i, case in enumerate(cases(name)):
        for engine in (fast, reference) if i % 3 == 0 else (fast,):
            assert_in_order(case, engine.simulate(case.program, case.operands).ofmap, FORMATS[name])


@pytest.mark.parametrize("name", FLOATS)
def test_another_order_gives_other_floats(name: str) -> None:
    dice, form, different = Random(name), FORMATS[name], 0
    for case in cases(name):
        shuffled = partial(lambda order: dice.sample(order, len(order)))
        one, other = (added_up(case, form.rounded, reordered=order) for order in (list, shuffled))
        different += not np.array_equal(one, other)
    assert different > len(cases(name)) // 4


def bound(case: Case, form: Format) -> Tensor:
    """How far psums of floats can be from the exact ones: k + 1 roundings of each of k products.

    Source: Higham, "Accuracy and stability of numerical algorithms", 2nd ed., SIAM 2002, section 3.1, with
    gamma of k + 1; products below the normal range are off by the smallest float at most.
    """
    k = case.layer.group_c * case.layer.r * case.layer.s
    gamma = (k + 1) * form.unit / (1 - (k + 1) * form.unit)
    return gamma * added_up(case, float, size=True) + k * form.least


@pytest.mark.parametrize("name", FLOATS)
def test_floats_are_as_near_to_exact_sums_as_their_roundings_let_them(name: str) -> None:
    form, off = FORMATS[name], 0
    for case in cases(name):
        ofmap = fast.simulate(case.program, case.operands).ofmap
        assert ofmap is not None
        error = abs(ofmap.astype(float) - added_up(case, float))
        assert (error <= bound(case, form)).all()
        off += bool(error.any())
    assert off > len(cases(name)) // 2


def test_sums_of_half_precision_break_the_bound_of_single_precision() -> None:
    broken = 0
    for case in cases("float16"):
        ofmap = fast.simulate(case.program, case.operands).ofmap
        assert ofmap is not None
        error = abs(ofmap.astype(float) - added_up(case, float))
        broken += bool((error > bound(case, SINGLE)).any())
    assert broken > len(cases("float16")) // 2


def larger(case: Case, overflow: Literal["error", "wrap"]) -> tuple[Program, Operands]:
    """*case* with ifmap words so large that psums of half precision overflow now and then."""
    arch = replace(case.program.arch, overflow=overflow)
    operands = replace(case.operands, ifmap=case.operands.ifmap * np.float16(3072))
    return make_program(case.program.mapping, arch, operands), operands


def test_an_infinity_is_an_error_or_stays() -> None:
    seen = 0
    for case in cases("float16"):
        program, operands = larger(case, "wrap")
        quick, slow = (engine.simulate(program, operands) for engine in (fast, reference))
        assert_same(quick, slow)
        assert quick.ofmap is not None
        if np.isfinite(quick.ofmap).all():
            continue
        seen += 1
        for engine in (fast, reference):
            with pytest.raises(SimulationError, match=r"psums must be finite \(got an infinity\)"):
                engine.simulate(*larger(case, "error"))
    assert 4 < seen < len(cases("float16"))
