"""The digits network in plain numpy, on the codes that a machine would compute with."""

from collections.abc import Mapping

import numpy as np

from accelsim.network.layer import FloatArray, IntArray
from accelsim.studies.digits.parameters import Parameters
from accelsim.studies.digits.schemes import LayerScheme, NetworkScheme

PAD = {"CONV1": 1, "CONV2": 1, "CONV3": 1, "FC": 0}
"""Zeros on each side of an ifmap, in pixels."""

POOLED = ("CONV2", "CONV3")
"""The layers that 2 x 2 max pooling follows."""


def logits(layers: Mapping[str, Parameters], scheme: NetworkScheme, images: FloatArray) -> FloatArray:
    """The network's outputs ``(N, 10)`` for *images* ``(N, 1, 8, 8)`` in 0..1; the largest is the digit.

    Each layer sums products of the values of codes; a sum times the scales of weights and ifmap, times gain,
    plus offset, goes through ReLU (if the layer has one) and pooling to the quantiser of the next layer.
    """
    ifmap = images
    for name, own in scheme.layers.items():
        ofmap = _layer(layers[name], own, ifmap, scheme.step(name, layers[name].ifmap_scale), PAD[name])
        ifmap = _max_pool(ofmap) if name in POOLED else ofmap
    return ifmap.reshape(len(images), -1)


def accuracy(
    layers: Mapping[str, Parameters], scheme: NetworkScheme, images: FloatArray, labels: IntArray
) -> float:
    """The share of *images* whose largest logit is that of their label, 0 to 1."""
    return float((logits(layers, scheme, images).argmax(axis=1) == labels).mean())


def _layer(layer: Parameters, scheme: LayerScheme, ifmap: FloatArray, step: float, pad: int) -> FloatArray:
    weight, codes = scheme.weights(layer.weight), scheme.ifmap(ifmap, step)
    psums = _convolution(codes.values.astype(np.float64), weight.values.astype(np.float64), pad)
    scale = np.broadcast_to(weight.scale, (len(weight.values), 1, 1, 1))[:, 0] * codes.scale
    ofmap = psums * scale * layer.gain[:, None, None] + layer.offset[:, None, None]
    return np.maximum(ofmap, 0) if scheme.relu else ofmap


def _convolution(ifmap: FloatArray, weight: FloatArray, pad: int) -> FloatArray:
    """``(N, M, E, F)`` of ``(N, C, H, W)`` by ``(M, C, R, S)``; exact for integers to 2**53."""
    padded = np.pad(ifmap, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weight.shape[2:], axis=(2, 3))
    ofmap: FloatArray = np.moveaxis(np.tensordot(windows, weight, ([1, 4, 5], [1, 2, 3])), 3, 1)
    return ofmap


def _max_pool(ofmap: FloatArray) -> FloatArray:
    n, m, e, f = ofmap.shape
    pooled: FloatArray = ofmap.reshape(n, m, e // 2, 2, f // 2, 2).max(axis=(3, 5))
    return pooled
