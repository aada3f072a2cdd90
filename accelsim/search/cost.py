"""What the work of candidates costs: a price per field of Work, since action counts are linear in them."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from accelsim.machine import Arch
from accelsim.machine.datapath import Count
from accelsim.mapping.work import Work, actions, dense_dram
from accelsim.network.layer import FloatArray


def work_prices(arch: Arch, prices: Mapping[str, float]) -> dict[str, float]:
    """Energy per unit of each field of Work, in the unit of *prices* by action; DRAM is taken as uncoded."""
    units = Work(*np.eye(len(Work._fields), dtype=np.int64))  # one of each field in turn
    counts = {**actions(units, arch), **dense_dram(units)}
    each: FloatArray = np.asarray(sum(n * prices[action] for action, n in counts.items() if np.any(n)))
    return dict(zip(Work._fields, each.tolist(), strict=True))


def cost(work: Work[Count], weights: Mapping[str, float]) -> FloatArray:
    """Energy of *work* at *weights* per field: a number, or an array where *work* holds arrays."""
    counts = [(name, count) for name, count in zip(Work._fields, work, strict=True) if weights[name]]
    total: float | npt.NDArray[np.floating] = 0.0
    # Scalars first: arrays are then added in few passes.
    for name, count in sorted(counts, key=lambda at: getattr(at[1], "ndim", 0)):
        total = total + weights[name] * count
    return np.asarray(total, float)
