"""What schemes make of the weights of a network: bits in memory, beside the rates that were published.

Nothing is simulated; of a scheme the shapes of the layers say all, of Deep Compression seeded weights do.
"""

from accelsim.studies.sizes.deep_compression import CODINGS, Coding, deep_compression
from accelsim.studies.sizes.published import Published, published
from accelsim.studies.sizes.schemes import packaged, scheme_sizes
from accelsim.studies.sizes.size import LayerSize, Size, to_frame

__all__ = [
    "CODINGS",
    "Coding",
    "LayerSize",
    "Published",
    "Size",
    "deep_compression",
    "packaged",
    "published",
    "scheme_sizes",
    "to_frame",
]
