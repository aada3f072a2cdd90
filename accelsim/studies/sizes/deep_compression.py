"""Deep Compression of a whole network: pruned, shared and Huffman-coded weights, from seeded random ones."""

import zlib
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from accelsim.errors import ConfigError
from accelsim.network.graph import Network
from accelsim.studies.sizes.size import LayerSize, NetworkSize, PublishedRate
from accelsim.values.quant import CodebookWeights
from accelsim.values.quant.streams import FLOAT_BITS, CodeStreams, measure

_SOURCE = "Han, Mao, Dally, Deep Compression, ICLR 2016, Table 4"


class LayerCoding(NamedTuple):
    """How a layer is stored: the share of its weights that is kept, bits of a code and of an index."""

    density: float
    code_bits: int
    index_bits: int


CODINGS: Mapping[str, Mapping[str, LayerCoding]] = {
    "alexnet": {
        "CONV1": LayerCoding(0.84, 8, 4),
        "CONV2": LayerCoding(0.38, 8, 4),
        "CONV3": LayerCoding(0.35, 8, 4),
        "CONV4": LayerCoding(0.37, 8, 4),
        "CONV5": LayerCoding(0.37, 8, 4),
        "FC6": LayerCoding(0.09, 5, 4),
        "FC7": LayerCoding(0.09, 5, 4),
        "FC8": LayerCoding(0.25, 5, 4),
    },
}
"""By network and layer. Source: Han, Mao, Dally, "Deep Compression", ICLR 2016, Table 4, P and P+Q."""

_RATES = {"alexnet": (27.0, 35.0)}
"""By network: P+Q and P+Q+H against 32-bit floats. Source: Table 4 of that paper, too."""


def deep_compression(network: Network, seed: int = 0) -> tuple[NetworkSize, NetworkSize]:
    """*network* pruned and quantised, and the same with Huffman-coded codes and indices.

    Weights are normally distributed and pruned at random places; trained weights are less random, and their
    Huffman codes shorter. A table has 32-bit floats, as in the paper; lengths of Huffman codes count, too.
    Layers are coded one after another, so that memory holds one.

    Args:
        network: one of :data:`CODINGS`.
        seed: of the weights.

    Raises:
        ConfigError: if *network* is none of them.
    """
    if network.name not in CODINGS:
        raise ConfigError(f"network must be one of {', '.join(CODINGS)} (got {network.name!r})")
    layers, codings = network.layers(), CODINGS[network.name]
    found = {
        name: _streams(name, layers[name].weight_shape, coding, seed) for name, coding in codings.items()
    }
    fixed = tuple(LayerSize(name, one.weights, one.bits) for name, one in found.items())
    huffman = tuple(LayerSize(name, one.weights, one.huffman_bits) for name, one in found.items())
    without, coded = (PublishedRate(rate, _SOURCE) for rate in _RATES[network.name])
    return NetworkSize("deep compression P+Q", fixed, without), NetworkSize(
        "deep compression P+Q+H", huffman, coded
    )


def _streams(name: str, shape: tuple[int, ...], coding: LayerCoding, seed: int) -> CodeStreams:
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    book = CodebookWeights("codebook", coding.code_bits, density=coding.density)
    codes = book(rng.standard_normal(shape)).codes
    return measure(codes, coding.code_bits, coding.index_bits, FLOAT_BITS)
