"""The outputs of nodes, kept while a later node reads them."""

from collections.abc import Container, Sequence

from accelsim.errors import ConfigError
from accelsim.network.graph import INPUT, Network
from accelsim.network.layer import Tensor
from accelsim.network.nodes import Compute


class Activations:
    """The outputs computed so far, ``(N, C, H, W)`` by the name of their node."""

    def __init__(self, network: Network, wanted: Sequence[str], given: Container[str]) -> None:
        """Nothing computed yet.

        Args:
            network: the nodes, in the order they run.
            wanted: names of the layers that run.
            given: names of those whose ifmap the run file sets, so that they need no node before them.
        """
        self.sources = network.sources()
        self._order = [node.name for node in network.nodes]
        self._layers = {node.name for node in network.nodes if isinstance(node, Compute)}
        self._wanted, self._given = wanted, given
        self._held: dict[str, Tensor] = {}

    @property
    def needs_input(self) -> bool:
        """Whether a layer of the run reads the network's input, by itself or through nodes on the host."""
        return self._needed(INPUT)

    def put(self, name: str, output: Tensor) -> None:
        """Keep the *output* ``(N, C, H, W)`` of node *name*."""
        self._held[name] = output

    def ready(self, name: str) -> bool:
        """Whether every output that node *name* reads has been computed."""
        return all(source in self._held for source in self.sources[name])

    def inputs(self, name: str) -> list[Tensor]:
        """The outputs that node *name* reads, in the order of its sources."""
        return [self._held[source] for source in self.sources[name]]

    def read(self, name: str, source: str) -> Tensor:
        """The output of *source*, which layer *name* reads.

        Raises:
            ConfigError: if *source* is not part of the run.
        """
        if source not in self._held:
            raise ConfigError(
                f"{name} needs the ofmap of {source}, which is not run;"
                f" add its layers or set density.{name}.ifmap",
                at=("layers",),
            )
        return self._held[source]

    def forget(self, name: str) -> None:
        """Drop the outputs that no node after *name* reads."""
        later = self._order[self._order.index(name) + 1 :]
        read = {source for reader in later for source in self.sources[reader]}
        self._held = {k: v for k, v in self._held.items() if k in read}

    def raw(self, source: str) -> bool:
        """Whether *source* is the network's input, or made of it without any layer."""
        if source == INPUT:
            return True
        return source not in self._layers and all(self.raw(other) for other in self.sources[source])

    def _needed(self, name: str) -> bool:
        readers = [reader for reader, sources in self.sources.items() if name in sources]
        return any(
            reader not in self._given if reader in self._wanted else self._needed(reader)
            for reader in readers
            if reader in self._wanted or reader not in self._layers
        )
