"""Binary weights with a scale for each filter, and the scales of binary ifmaps."""

from typing import ClassVar, Literal

import numpy as np

from accelsim.checks import description
from accelsim.errors import ConfigError
from accelsim.network.layer import FloatArray, IntArray
from accelsim.values.quant.binary import SIGNS, signs
from accelsim.values.quant.protocol import SCALE_BITS, Quantised, check_finite
from accelsim.values.quant.scales import broadcast_scales, scale_rows

Pair = tuple[int, int]


@description
class XnorWeights:
    """``alpha * sign(W)``, with the mean magnitude of each filter as its alpha; zero counts as positive.

    Of all ``a * B`` with signs B, this one has the least squared distance to the filter.

    Source: Rastegari et al., "XNOR-Net", ECCV 2016, section 3.1.
    """

    kind: Literal["xnor"]
    word_bits: ClassVar[int] = 1
    extremes: ClassVar[IntArray] = SIGNS

    def __call__(self, tensor: FloatArray) -> Quantised:
        """The signs of the weights *tensor*, a scale for each filter. Raises ConfigError as ``Quantiser``."""
        check_finite(tensor)
        alpha = np.abs(scale_rows(tensor, "filter")).mean(axis=1)
        return signs(tensor >= 0, broadcast_scales(alpha, "filter", tensor.ndim), alpha.size * SCALE_BITS)


def input_scale(
    ifmap: FloatArray,
    kernel: Pair,
    *,
    stride: Pair = (1, 1),
    pad: tuple[int, int, int, int] = (0, 0, 0, 0),
    dilation: Pair = (1, 1),
) -> FloatArray:
    """The scale of the window of each ofmap pixel, K, ``(N, 1, E, F)``.

    The mean magnitude over the channels, averaged over the R * S taps of the window; pad zeros count as
    zeros. A grouped layer takes the mean over the channels of all groups.

    Args:
        ifmap: ``(N, C, H, W)``, before its signs are taken.
        kernel: R and S, in taps.
        stride: between windows, down and across, in pixels.
        pad: zeros added at top, bottom, left and right, in pixels.
        dilation: distance between taps, down and across, in pixels.

    Raises:
        ConfigError: if the dilated kernel is larger than the padded ifmap.

    Source: Rastegari et al., "XNOR-Net", ECCV 2016, section 3.2: K = A * k, with k = 1 / (w h).
    """
    mean = np.abs(ifmap).mean(axis=1, keepdims=True)
    top, bottom, left, right = pad
    padded = np.pad(mean, ((0, 0), (0, 0), (top, bottom), (left, right)))
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    if reach[0] > padded.shape[2] or reach[1] > padded.shape[3]:
        raise ConfigError(
            f"the kernel must fit the padded ifmap: its extent is {reach[0]} x {reach[1]}, "
            f"the padded ifmap's {padded.shape[2]} x {padded.shape[3]}"
        )
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach, axis=(2, 3))
    taps = windows[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    scales: FloatArray = taps.mean(axis=(-2, -1))
    return scales
