"""Sizes of a network's weights under schemes: bits in memory, next to the rates that were published.

Nothing is simulated: the shapes of the layers determine the size; Deep Compression needs seeded weights, too.
"""

from accelsim.studies.sizes.deep_compression import deep_compression as deep_compression
from accelsim.studies.sizes.schemes import packaged as packaged
from accelsim.studies.sizes.schemes import scheme_sizes as scheme_sizes
from accelsim.studies.sizes.size import NetworkSize as NetworkSize
from accelsim.studies.sizes.size import size_frame as size_frame
