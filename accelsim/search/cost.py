"""What the work of candidates costs: prices per field of Work, since counts are linear in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from accelsim.machine import Arch
from accelsim.mapping.work import Work, actions, dense_dram
from accelsim.network.layer import FloatArray


def work_prices(arch: Arch, prices: Mapping[str, float]) -> dict[str, float]:
    """pJ per unit of each field of Work; counts are linear in them, and DRAM is taken as uncoded."""
    zero = Work(*(0 for _ in Work._fields))
    weights = {}
    for name in Work._fields:
        unit = zero._replace(**{name: 1})
        counts = {**actions(unit, arch), **dense_dram(unit)}
        weights[name] = sum(n * prices[action] for action, n in counts.items() if n)
    return weights


def cost(work: Work, weights: Mapping[str, float]) -> FloatArray:
    """pJ of *work*; an array where it holds arrays."""
    total: Any = 0.0
    for name in sorted(Work._fields, key=lambda field: np.ndim(getattr(work, field))):
        total = total + weights[name] * getattr(work, name)
    return np.asarray(total, float)
