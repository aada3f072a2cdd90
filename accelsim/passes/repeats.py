"""Passes of which repeated kernels spare some work: what their weights make of them."""

import numpy as np

from accelsim.machine.datapath import Repeated, distinct_counts
from accelsim.network.layer import IntArray, Tensor
from accelsim.passes.value_costs import PrimitiveReader, UnderTaps
from accelsim.passes.work import Tally


class RepeatReader(PrimitiveReader[np.integer | np.floating]):
    """Finds the contents of the passes of one layer whose kernels repeat."""

    def _seen(self, weight: Tensor) -> Tensor:
        return weight

    def _channel_set(
        self, window: UnderTaps, columns: list[Tensor], shape: tuple[int, ...]
    ) -> tuple[IntArray, IntArray, Tally]:
        datapath, width = self._control.datapath, self._control.width
        assert isinstance(datapath, Repeated), "only its passes are read here"
        q, rows, s, _ = columns[0].shape
        zeros = (1 - window.present).sum(axis=1, dtype=np.float64).reshape(-1, q, s).sum(axis=2).T  # (q, R)
        steps, tally, cycles = window.present.shape[1], Tally(), []
        for own in columns:
            p, found = own.shape[-1], distinct_counts(own.transpose(0, 1, 3, 2))  # (q, R)
            cycles.append(datapath.merged_cycles(found, p, s, width))
            macs = int(found.sum()) * s * steps
            gated = int((zeros * found).sum()) if self._control.gates else 0
            uses = datapath.merged_uses(int(found.sum()) * steps, p, q * rows * steps, s)
            tally += Tally(
                macs=macs,
                gated=gated,
                unread=gated,
                reused=own.size * steps - macs,
                psum_uses=uses.psum,
                extra_ops=uses.extra_ops,
            )
        mac, other = (np.broadcast_to(np.stack(part, axis=-1), shape) for part in zip(*cycles, strict=True))
        return mac, other, tally
