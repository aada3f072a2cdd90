"""A network: a DAG of compute nodes and glue, listed so that every node comes after its inputs."""

from collections.abc import Sequence
from difflib import get_close_matches

from accelsim.checks import at_least, description
from accelsim.errors import ConfigError, beginning, blaming
from accelsim.network.host_ops import Glue, Lrn
from accelsim.network.layer import Layer
from accelsim.network.nodes import Compute, ImageShape

INPUT = "input"
"""The name that stands for the network's input."""

Node = Compute | Glue


@description
class Network:
    """*nodes* in the order they run, the last one's output being the network's; checked as a whole."""

    name: str
    input: tuple[int, ...]  # (C, H, W) of one image
    nodes: tuple[Node, ...]
    source: str = ""

    def __post_init__(self) -> None:
        if len(self.input) != 3:
            raise ConfigError(f"input must be [channels, height, width] (got {list(self.input)})")
        at_least(1, input=min(self.input))
        if not self.nodes:
            raise ConfigError("nodes must hold at least one node (got none)")
        self._check_names()
        self.shapes()

    def _check_names(self) -> None:
        names = [node.name for node in self.nodes]
        for at, name in enumerate(names):
            if name in ("", INPUT):
                why = f"a node's name must not be empty or '{INPUT}' (got '{name}')"
                raise ConfigError(why, at=("nodes", at))
            if name in names[:at]:
                raise ConfigError(f"names must be unique (got '{name}' twice)", at=("nodes", at))

    def sources(self) -> dict[str, tuple[str, ...]]:
        """Names of each node's inputs, by the node's name.

        Raises:
            ConfigError: if a node names an input that is not there, or comes later.
        """
        befores = [INPUT, *(node.name for node in self.nodes)]
        sources = {}
        for at, node in enumerate(self.nodes):
            sources[node.name] = node.sources(befores[at])
            for source in sources[node.name]:
                if source not in befores[: at + 1]:
                    raise ConfigError(
                        f"node '{node.name}': an input must be '{INPUT}' or a node listed before"
                        f" (got '{source}'{self._hint(source, befores[: at + 1])})",
                        at=("nodes", at),
                    )
        return sources

    def _hint(self, source: str, known: Sequence[str]) -> str:
        if source in (node.name for node in self.nodes):
            return ", which does not come before"
        close = get_close_matches(source, known, n=1, cutoff=0.5)
        return f"; did you mean '{close[0]}'?" if close else f"; there are {', '.join(known)}"

    def shapes(self) -> dict[str, ImageShape]:
        """``(C, H, W)`` of one image after each node, by name; the network's own under ``input``.

        Raises:
            ConfigError: if a node cannot be built on its inputs; the message begins with the node.
        """
        c, h, w = self.input
        nodes = {node.name: node for node in self.nodes}
        shapes: dict[str, ImageShape] = {INPUT: (c, h, w)}
        for at, (name, sources) in enumerate(self.sources().items()):
            also = [("input",)] if INPUT in sources else ()
            with blaming("nodes", at, also=also), beginning(f"node '{name}'"):
                shapes[name] = _out_shape(nodes[name], [shapes[source] for source in sources])
        return shapes

    def layers(self, batch: int = 1) -> dict[str, Layer]:
        """The layer of every compute node for *batch* images, by name, in the order they run.

        Raises:
            ConfigError: if *batch* is below 1.
        """
        at_least(1, batch=batch)
        shapes, sources = self.shapes(), self.sources()
        return {
            node.name: node.layer([shapes[source] for source in sources[node.name]], batch)
            for node in self.nodes
            if isinstance(node, Compute)
        }

    @property
    def glue(self) -> tuple[str, ...]:
        """Names of the nodes that run on the host between layers; their traffic and time are not modelled."""
        return tuple(
            node.name for node in self.nodes if isinstance(node, Glue) and node.name not in self.left_out
        )

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of the nodes that are not run at all."""
        return tuple(node.name for node in self.nodes if isinstance(node, Lrn))


def _out_shape(node: Node, shapes: Sequence[ImageShape]) -> ImageShape:
    if isinstance(node, Compute):
        layer = node.layer(shapes, 1)
        return layer.m, layer.e, layer.f
    return node.out_shape(shapes)
