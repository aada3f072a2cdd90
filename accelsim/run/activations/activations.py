"""The outputs of nodes, kept while a later node reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from accelsim.errors import ConfigError
from accelsim.network.graph import INPUT, Network
from accelsim.network.layer import Tensor
from accelsim.network.nodes import Compute


class Activations:
    """What has been computed so far, by node."""

    def __init__(self, network: Network, wanted: Sequence[str], given: Callable[[str], bool]) -> None:
        """Of a run of the layers *wanted*; whether a layer is *given* its ifmap, whatever comes before."""
        self.sources = network.sources()
        self._order = [node.name for node in network.nodes]
        self._layers = {node.name for node in network.nodes if isinstance(node, Compute)}
        self._wanted, self._given = wanted, given
        self._held: dict[str, Tensor] = {}

    @property
    def needs_input(self) -> bool:
        """Whether a layer of the run reads the network's input, by itself or through glue."""
        return self._needed(INPUT)

    def put(self, name: str, output: Tensor) -> None:
        """Keep the *output* of *name*."""
        self._held[name] = output

    def ready(self, name: str) -> bool:
        """Whether all that *name* reads is there."""
        return all(source in self._held for source in self.sources[name])

    def inputs(self, name: str) -> list[Tensor]:
        """All that *name* reads, in order."""
        return [self._held[source] for source in self.sources[name]]

    def read(self, name: str, source: str) -> Tensor:
        """The output of *source*, which layer *name* reads.

        Raises:
            ConfigError: if it is not run.
        """
        if source not in self._held:
            raise ConfigError(
                f"{name} needs the ofmap of {source}, which is not run;"
                f" add its layers or set density.{name}.ifmap",
                at=("layers",),
            )
        return self._held[source]

    def forget(self, name: str) -> None:
        """Drop what no node after *name* reads."""
        later = self._order[self._order.index(name) + 1 :]
        read = {source for reader in later for source in self.sources[reader]}
        self._held = {k: v for k, v in self._held.items() if k in read}

    def raw(self, source: str) -> bool:
        """Whether *source* is the network's input, or comes of it without any layer."""
        if source == INPUT:
            return True
        return source not in self._layers and all(self.raw(other) for other in self.sources[source])

    def _needed(self, name: str) -> bool:
        readers = [reader for reader, sources in self.sources.items() if name in sources]
        return any(
            not self._given(reader) if reader in self._wanted else self._needed(reader)
            for reader in readers
            if reader in self._wanted or reader not in self._layers
        )
