"""The machine as each layer sees it: with the datapath of its scheme, and words as wide as its codes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from accelsim.errors import LegalityError, beginning
from accelsim.machine import Arch
from accelsim.network.graph import Network
from accelsim.network.nodes import Compute
from accelsim.values.schemes.scheme import Scheme

ReadOperand = tuple[str, int]
"""A layer, and the operand that it reads: 0 its ifmap, 1 the weights of a product of activations."""


def machines(arch: Arch, network: Network, schemes: Mapping[str, Scheme]) -> dict[str, Arch]:
    """*arch* for each layer of *network*, by name.

    Its ofmap words in DRAM are as wide as the widest of those that read them, through what runs in between;
    those that nobody reads stay psums.

    Args:
        arch: the machine of the run; schemes replace its datapath.
        network: all of its layers have one of *schemes*, or none has.
        schemes: by layer; without any, every layer sees *arch* as it is.

    Raises:
        LegalityError: if *arch* cannot have the datapath of a layer; begins with the layer.
    """
    if not schemes:
        return dict.fromkeys(network.layers(), arch)
    own = {name: _hosting(arch, name, scheme) for name, scheme in schemes.items()}
    return {
        name: replace(machine, ofmap_word_bits=_ofmap_bits(network, name, own))
        for name, machine in own.items()
    }


def readers(network: Network, name: str) -> Iterator[ReadOperand]:
    """The layers that read the ofmap of node *name*, by themselves or through what runs in between."""
    nodes = {node.name: node for node in network.nodes}
    for reader, sources in network.sources().items():
        for operand, source in enumerate(sources):
            if source != name:
                continue
            if isinstance(nodes[reader], Compute):  # what runs on the host hands values on
                yield reader, operand
            else:
                yield from readers(network, reader)


def _hosting(arch: Arch, name: str, scheme: Scheme) -> Arch:
    with beginning(f"{name}, {scheme.name} on {arch.name}", LegalityError, at=("datapaths",)):
        return replace(arch, datapath=scheme.datapath)


def _ofmap_bits(network: Network, name: str, own: Mapping[str, Arch]) -> int | None:
    """Bits of an ofmap word of layer *name* in DRAM; None: those of a psum."""
    words = (own[reader].bits(("ifmap", "weight")[operand]) for reader, operand in readers(network, name))
    return max(words, default=None)
