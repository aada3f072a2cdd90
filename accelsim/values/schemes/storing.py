"""From psums of codes to the reals that they stand for."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from accelsim.network.host_ops import SIX
from accelsim.network.layer import BoolArray, FloatArray, Tensor
from accelsim.network.nodes import Activation
from accelsim.values.generated import least_kept
from accelsim.values.quant import AnyActivation


@dataclass(frozen=True)
class RealStore:
    """How the psums of a layer become activations.

    They become activation(psum * scale * gain + offset - threshold), with a scale, a gain and an offset for
    each ofmap channel; DRAM holds them as the codes of the layer that reads them.
    """

    scale: FloatArray  # (M,), that of the weights times that of the ifmap
    gain: FloatArray  # (M,)
    offset: FloatArray  # (M,)
    activation: Activation = "none"
    threshold: float = 0.0
    reader: AnyActivation | None = None  # None: nothing reads it
    step: float | None = None  # between two codes of the reader
    shift: ClassVar[int | None] = None

    def __call__(self, psums: Tensor) -> FloatArray:
        """The reals of *psums* ``(N, M, E, F)``, same shape."""
        return self._reals(psums, slice(None))

    def present(self, psums: Tensor, channels: range) -> BoolArray:
        """Which words of a box are stored as another value than zero.

        Args:
            psums: ``(n, m, e, f)``, or of a lowered layer ``(m, pixels)``.
            channels: m, counted over all groups.
        """
        reals = self._reals(psums, slice(channels.start, channels.stop))
        stored = reals if self.reader is None else self.reader(reals, self.step).values
        present: BoolArray = stored != 0
        return present

    def _reals(self, psums: Tensor, channels: slice) -> FloatArray:
        axes = (-1, *(1,) * (psums.ndim // 2))  # (m, e, f), or (m, pixels)
        scale, gain, offset = (part[channels].reshape(axes) for part in (self.scale, self.gain, self.offset))
        reals: FloatArray = psums.astype(np.float64) * scale * gain + offset - self.threshold
        if self.activation != "none":
            reals = np.maximum(reals, 0)
        return np.minimum(reals, SIX) if self.activation == "relu6" else reals


def leaving(reals: FloatArray, density: float) -> float:
    """The threshold above which the share *density* of *reals* lies."""
    return float(np.nextafter(least_kept(reals, density), -np.inf) if density else reals.max())
