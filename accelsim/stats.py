"""What a run counts: actions by name, and PE cycles by their one cause."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Actions = Counter[str]
"""Counts by name ``component.action:operand``, e.g. ``glb.read:psum``."""

CAUSES = (
    "busy.mac",
    "busy.overhead",  # of a PE that skips: cycles without a MAC of two words of the layer
    "busy.accumulate",
    "busy.pipeline",
    "blocked.bus",
    "blocked.dram",
    "no_weight.bus",
    "no_weight.dram",
    "no_ifmap.bus",
    "no_ifmap.dram",
    "no_psum.bus",
    "idle",
)
"""Why a PE spent a cycle; the root after the dot says where the missing word or room was."""

CAUSE = {name: i for i, name in enumerate(CAUSES)}
"""The row of each of :data:`CAUSES` in a :data:`CauseMap`."""

CauseMap = npt.NDArray[np.int64]
"""Cycles by ``(cause, PE)``; every PE's column sums to the cycles of the run."""


def add(total: Actions, more: Mapping[str, int], times: int = 1) -> None:
    """Add *more* to *total*, *times* over; names with a zero count are left out."""
    for name, count in more.items():
        if count * times:
            total[name] += count * times
