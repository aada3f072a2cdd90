"""The ofmap of floats: every addition in the order that the mapping declares."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from accelsim.machine.control import held
from accelsim.mapping.im2col import box_of, filters_of, windows_of
from accelsim.mapping.nest import Mapping, Tile, blocks
from accelsim.network.layer import IntArray, Tensor
from accelsim.passes.primitive import is_primitive
from accelsim.program.jobs import Program


def float_sums(program: Program, ifmap: Tensor, weight: Tensor) -> Tensor:
    """Every pass adds its products to its box of the ofmap, ``(N, M, E, F)``, as :func:`order_of` says.

    Args:
        program: its passes in order.
        ifmap: ``(N, C, H, W)`` with its padding.
        weight: ``(M, C/G, R, S)``.

    Raises:
        SimulationError: if a psum that leaves the array is not finite, and an overflow is an error.
    """
    layer, arch, datapath = program.layer, program.arch, program.arch.datapath
    filters = weight.reshape(layer.weight_shape)
    zero = datapath.zero
    psums = np.full((layer.groups, layer.group_m, layer.n, layer.e, layer.f), zero)
    own_sums = is_primitive(program.mapping)
    for job in program.jobs:
        tile = job.work.tile
        windows, own = windows_of(layer, ifmap, tile), filters_of(layer, filters, tile, tile.m)
        target = box_of(psums, tile, tile.m)
        total = target.reshape(len(tile.m), -1)
        for group in order_of(program.mapping, tile):
            part = np.full_like(total, zero) if own_sums else total
            for k in group.tolist():
                part = np.asarray(datapath.mac(part, windows[k], own[:, k, None]))
            total = np.asarray(datapath.plus(total, part)) if own_sums else part
        target[...] = held(total, arch).reshape(target.shape)
    conv = layer.source
    ofmap: Tensor = psums.reshape(conv.m, conv.n, conv.e, conv.f).transpose(1, 0, 2, 3).copy()
    return ofmap


def order_of(mapping: Mapping, tile: Tile) -> tuple[IntArray, ...]:
    """The products of a psum in a pass over *tile* in the order they are added, as places in ``(c, r, s)``.

    Primitives: each PE adds up its own, channel by channel and tap by tap, and its sum to that of the PEs
    below; from the last channel set and filter row at the bottom upwards. Single MACs: one after another,
    over the loops in the PE, and from PE to PE over the columns, then up the rows of the array.
    """
    sizes = len(tile.c), len(tile.r), len(tile.s)
    if is_primitive(mapping):
        return _primitives(sizes, mapping.step("rows", "c"))
    dims = [dim for dim in (*mapping.at("pe"), *mapping.at("cols"), *mapping.at("rows")) if dim in "crs"]
    rest = [dim for dim in "crs" if dim not in dims]
    return (_nested(sizes, (*rest, *dims)),)


@lru_cache(maxsize=64)
def _primitives(sizes: tuple[int, int, int], channels: int) -> tuple[IntArray, ...]:
    places = np.arange(sizes[0] * sizes[1] * sizes[2]).reshape(sizes)
    sets = tuple(blocks(range(sizes[0]), channels))
    return tuple(
        places[c.start : c.stop, row].ravel() for c in reversed(sets) for row in reversed(range(sizes[1]))
    )


@lru_cache(maxsize=64)
def _nested(sizes: tuple[int, int, int], dims: tuple[str, ...]) -> IntArray:
    places = np.arange(sizes[0] * sizes[1] * sizes[2]).reshape(sizes)
    return places.transpose(["crs".index(dim) for dim in dims]).ravel()
