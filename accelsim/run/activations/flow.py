"""What a run asks of its values."""

from collections.abc import Sequence
from typing import Protocol

from accelsim.engines.simulate import Values
from accelsim.network.layer import Layer, Tensor
from accelsim.network.nodes import Compute


class Flow(Protocol):
    """Where values come from, and how a layer computes with them."""

    def network_input(self) -> Tensor:
        """The network's input, ``(N, C, H, W)``."""

    def given_ifmap(self, layer: Layer) -> Tensor | None:
        """The ifmap of the density or mask that the run file sets for *layer*; None if it sets none."""

    def values(self, node: Compute, layer: Layer, inputs: Sequence[Tensor], *, raw: bool) -> Values:
        """The operands of *node*, and how its psums are stored.

        Args:
            node: of the network.
            layer: its layer.
            inputs: activations ``(N, C, H, W)``, in the order of the node's sources.
            raw: whether the first of them is the network's input, which DRAM keeps uncoded.
        """
