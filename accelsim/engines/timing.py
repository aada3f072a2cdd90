"""What an engine says of a layer: the same for both, to the cycle and to the word."""

from dataclasses import dataclass

import numpy as np

from accelsim.network.layer import Tensor
from accelsim.stats import CAUSES, Actions, CauseMap


@dataclass(frozen=True)
class Outcome:
    """The end of a simulated layer."""

    cycles: int  # until the last ofmap word is in DRAM
    array_cycles: int  # until the array is free for good
    causes: CauseMap  # (causes, PEs) cycles
    actions: Actions  # on chip and DRAM, DRAM words as coded
    dense_dram: Actions  # DRAM words without coding
    ofmap: Tensor | None  # (N, M, E, F) final psums, None without values

    def __post_init__(self) -> None:
        assert self.causes.shape[0] == len(CAUSES)
        assert np.all(self.causes.sum(axis=0) == self.cycles), "every PE cycle has one cause"
