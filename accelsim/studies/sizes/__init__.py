"""Sizes of a network's weights under schemes: bits in memory, next to the rates that were published.

Nothing is simulated: the shapes of the layers determine the size; Deep Compression needs seeded weights, too.
"""

from accelsim.studies.sizes.deep_compression import CODINGS, LayerCoding, deep_compression
from accelsim.studies.sizes.published import PublishedRate, published_rate
from accelsim.studies.sizes.schemes import packaged, scheme_sizes
from accelsim.studies.sizes.size import LayerSize, NetworkSize, size_frame

__all__ = [
    "CODINGS",
    "LayerCoding",
    "LayerSize",
    "NetworkSize",
    "PublishedRate",
    "deep_compression",
    "packaged",
    "published_rate",
    "scheme_sizes",
    "size_frame",
]
