"""Where the cycles of a part went."""

import numpy as np
import simpy

from accelsim.network.layer import IntArray
from accelsim.stats import CAUSE, CAUSES


class Timeline:
    """Exactly one cause at any time, so the parts sum to the whole."""

    def __init__(self, env: simpy.Environment, cause: str) -> None:
        self._env, self._cause, self._since = env, CAUSE[cause], int(env.now)
        self._cycles = [0] * len(CAUSES)

    def enter(self, cause: str) -> None:
        """From now on, cycles go to *cause*."""
        now = int(self._env.now)
        self._cycles[self._cause] += now - self._since
        self._cause, self._since = CAUSE[cause], now

    def cycles(self, end: int) -> IntArray:
        """Cycles up to *end*, ``(causes,)``, which they sum to; no change may have come after it."""
        assert end >= self._since, "the end is not before the last change"
        cycles = np.array(self._cycles, np.int64)
        cycles[self._cause] += end - self._since
        return cycles
