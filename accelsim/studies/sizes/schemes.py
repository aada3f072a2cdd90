"""The size of the weights of a network under any scheme, from the shapes of its layers."""

from collections.abc import Iterable

import numpy as np

from accelsim.config import Origin, build, from_plain
from accelsim.network.graph import Network
from accelsim.run.file import DATAPATHS, with_schemes
from accelsim.studies.sizes.size import LayerSize, NetworkSize, published_rate
from accelsim.values.quant import stored_weight_bits
from accelsim.values.schemes import Scheme, schemes_of
from accelsim.values.schemes.assigning import ALL


def scheme_sizes(network: Network, schemes: Iterable[Scheme]) -> list[NetworkSize]:
    """Sizes of the weights of *network* under each of *schemes*, with the first and last layers they except.

    Bits are those of ``Quantised.total_bits``: every code at its full width, tables, and 32 bits a scale.
    """
    return [_size(network, scheme) for scheme in schemes]


def _size(network: Network, scheme: Scheme) -> NetworkSize:
    layers = network.layers()
    found = schemes_of({ALL: scheme}, layers)
    sizes = [
        LayerSize(
            name,
            weights=int(np.prod(layers[name].weight_shape)),
            bits=stored_weight_bits(own.weights, layers[name].weight_shape),
            by_exception=own is not scheme,
        )
        for name, own in found.items()
    ]
    return NetworkSize(scheme.name, tuple(sizes), published_rate(scheme.weights.kind))


def packaged(name: str) -> Scheme:
    """The scheme called *name* in ``accelsim list schemes``, or that of the file *name*.

    Raises:
        ConfigError: if there is none.
    """
    document = with_schemes(from_plain({DATAPATHS: name}, Origin(None, override=DATAPATHS)))
    return build(document[DATAPATHS][ALL], Scheme)
