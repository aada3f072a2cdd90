"""What the work of candidates costs: a price per field of Work, since action counts are linear in them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from accelsim.machine import Arch
from accelsim.mapping.work import Work, actions, dense_dram
from accelsim.network.layer import FloatArray


def work_prices(arch: Arch, prices: Mapping[str, float]) -> dict[str, float]:
    """Energy per unit of each field of Work, in the unit of *prices* by action; DRAM is taken as uncoded."""
    zero = Work(*(0 for _ in Work._fields))
    weights = {}
    for name in Work._fields:
        unit = zero._replace(**{name: 1})
        counts = {**actions(unit, arch), **dense_dram(unit)}
        weights[name] = sum(n * prices[action] for action, n in counts.items() if n)
    return weights


def cost(work: Work, weights: Mapping[str, float]) -> FloatArray:
    """Energy of *work* at *weights* per field: a number, or an array where *work* holds arrays."""
    total: float | FloatArray = 0.0
    # Scalars first: arrays are then added in few passes.
    for name in sorted(Work._fields, key=lambda field: np.ndim(getattr(work, field))):
        total = total + weights[name] * getattr(work, name)
    return np.asarray(total, float)
