"""The ofmap, put together pass by pass: matrix products of the boxes, added where the mapping says."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

import numpy as np
from threadpoolctl import ThreadpoolController

from accelsim.engines.fast.float_sums import float_sums
from accelsim.machine import Arch
from accelsim.machine.control import control_of, held
from accelsim.mapping.im2col import box_of, filters_of, windows_of
from accelsim.mapping.nest import Pass, Tile
from accelsim.mapping.work import ALL_MADE, MacFates
from accelsim.network.layer import IntArray, Layer, Tensor
from accelsim.program.jobs import Program


def assemble(program: Program, ifmap: Tensor, weight: Tensor) -> tuple[Tensor, MacFates]:
    """Every pass adds its partial sums to its box of the ofmap; nothing else is added.

    Args:
        program: its passes in order; those of one ifmap box that follow each other share its windows.
        ifmap: ``(N, C, H, W)`` with its padding.
        weight: ``(M, C/G, R, S)``.

    Returns:
        The psums ``(N, M, E, F)``, and the MACs that zeros make cheap, if none is skipped.

    Raises:
        SimulationError: if a psum that leaves the array overflows the accumulator.
    """
    passes = (job.work for job in program.jobs)
    if program.arch.datapath.floating:
        psums = float_sums(program, ifmap, weight)
    else:
        psums = _exactly(program.layer, passes, program.arch, ifmap, weight)
    return psums, zero_macs(program, ifmap, weight)


def _exactly(layer: Layer, passes: Iterable[Pass], arch: Arch, ifmap: Tensor, weight: Tensor) -> IntArray:
    """Sums of integers, which are the same in any order: ``(N, M, E, F)``."""
    conv = layer.source
    bound = max_abs(ifmap) * max_abs(weight) * conv.group_c * conv.r * conv.s
    exact = np.float64 if bound < 2**53 else np.int64 if bound < 2**63 else object  # BLAS where it is exact
    x, w = ifmap.astype(exact), weight.reshape(layer.weight_shape).astype(exact)
    psums: Tensor = np.zeros((layer.groups, layer.group_m, layer.n, layer.e, layer.f), exact)
    limit = 1 << (arch.accumulator_bits - 1)
    with _blas().limit(limits=1, user_api="blas"):  # threads would only wait
        for box, sharing in groupby(passes, key=lambda p: _ifmap_box(p.tile)):
            windows = windows_of(layer, x, box)
            for m in _runs([p.tile.m for p in sharing]):
                target = box_of(psums, box, m)
                product = (filters_of(layer, w, box, m) @ windows).reshape(target.shape)
                np.add(target, product, out=target)
                if bound >= limit:
                    target[...] = held(target, arch)
    ofmap = psums.reshape(conv.m, conv.n, conv.e, conv.f).transpose(1, 0, 2, 3)
    return ofmap.astype(np.int64, order="C")


def zero_macs(program: Program, ifmap: Tensor, weight: Tensor) -> MacFates:
    """The MACs of *program* that a zero of padded *ifmap* gates, and those whose *weight* does nothing."""
    layer, control = program.layer.source, control_of(program.arch, values=True)
    if not control.gates and not control.idles:
        return ALL_MADE
    pixels = layer.n * layer.e * layer.f
    here = _zeros_under(layer, ifmap) if control.gates else np.zeros((layer.c, layer.r, layer.s), np.int64)
    here = here.reshape(layer.groups, layer.group_c, layer.r, layer.s)
    filters = weight.reshape(layer.groups, layer.group_m, layer.group_c, layer.r, layer.s)
    zeros = np.count_nonzero(filters == 0, axis=1) * control.idles
    unread = int(here.sum()) * layer.group_m
    return MacFates(gated=unread + int((zeros * (pixels - here)).sum()), unread=unread)


def _zeros_under(layer: Layer, ifmap: Tensor) -> IntArray:
    """Zeros of padded *ifmap* that each tap of a channel meets over all images and pixels: ``(C, R, S)``."""
    (uy, ux), (dy, dx) = layer.stride, layer.dilation
    zero, found = ifmap == 0, np.empty((layer.c, layer.r, layer.s), np.int64)
    for r, s in np.ndindex(layer.r, layer.s):
        rows = slice(r * dy, r * dy + uy * (layer.e - 1) + 1, uy)
        columns = slice(s * dx, s * dx + ux * (layer.f - 1) + 1, ux)
        found[:, r, s] = np.count_nonzero(zero[:, :, rows, columns], axis=(0, 2, 3))
    return found


@lru_cache(maxsize=1)
def _blas() -> ThreadpoolController:
    """What holds numpy's BLAS to one thread; finding the library takes longer than a small layer."""
    return ThreadpoolController()


def max_abs(values: Tensor) -> int:
    """The largest magnitude in *values*."""
    return max(int(values.max()), -int(values.min()))


def _ifmap_box(tile: Tile) -> Tile:
    return tile._replace(m=range(0))


def _runs(tiles: list[range]) -> list[range]:
    """*tiles* with those that continue each other joined."""
    runs: list[range] = []
    for m in tiles:
        if runs and runs[-1].stop == m.start:
            runs[-1] = range(runs[-1].start, m.stop)
        else:
            runs.append(m)
    return runs
