"""The ofmap of floats: every addition in the order that the mapping declares."""

import numpy as np

from accelsim.machine.control import held
from accelsim.machine.datapath import Floating
from accelsim.mapping.im2col import box_of, filters_of, windows_of
from accelsim.network.layer import Tensor
from accelsim.program.jobs import Program


def float_sums(program: Program, ifmap: Tensor, weight: Tensor) -> Tensor:
    """Every pass adds its products to its box of the ofmap, ``(N, M, E, F)``, as its plan says.

    Args:
        program: its passes in order.
        ifmap: ``(N, C, H, W)`` with its padding.
        weight: ``(M, C/G, R, S)``.

    Raises:
        SimulationError: if a psum that leaves the array is not finite, and an overflow is an error.
    """
    layer, arch, datapath = program.layer, program.arch, program.arch.datapath
    assert isinstance(datapath, Floating), "the order of sums matters to floats alone"
    filters = weight.reshape(layer.weight_shape)
    zero = datapath.zero
    psums = np.full((layer.groups, layer.group_m, layer.n, layer.e, layer.f), zero)
    for job in program.jobs:
        tile = job.work.tile
        windows, own = windows_of(layer, ifmap, tile), filters_of(layer, filters, tile, tile.m)
        target = box_of(psums, tile, tile.m)
        total = target.reshape(len(tile.m), -1)
        order = program.plans[job.shape].sum_order
        for group in order.groups:
            part = np.full_like(total, zero) if order.apart else total
            for k in group.tolist():
                part = datapath.mac(part, windows[k], own[:, k, None])
            total = datapath.plus(total, part) if order.apart else part
        target[...] = held(total, arch).reshape(target.shape)
    conv = layer.source
    ofmap: Tensor = psums.reshape(conv.m, conv.n, conv.e, conv.f).transpose(1, 0, 2, 3).copy()
    return ofmap
