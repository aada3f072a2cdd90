"""What a run file says of where zeros come from, as it is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from accelsim.config import Document, build, near, resolve
from accelsim.config.document import EXTENDS
from accelsim.errors import ConfigError
from accelsim.network.graph import Network
from accelsim.network.nodes import Compute, has_weights
from accelsim.run.telling import told
from accelsim.values.pruning.description import Pruning

SPARSITY, PRUNE, MASK = "sparsity", "prune", "mask"
"""Keys of a run file: the block, how weights are pruned, and a path."""


def with_pruning(document: Document) -> Document:
    """A run whose ``sparsity.prune`` names a pruning file, with the layers of that file in place of its name.

    Raises:
        ConfigError: if there is no such file, or it is none.
    """
    block = document.child(SPARSITY)
    prune = block.child(PRUNE) if block else None
    if block is None or prune is None or prune.value is None:
        return document
    if isinstance(prune.value, dict) and EXTENDS not in prune:
        return document
    file = resolve(block, PRUNE, "pruning")
    build(file, Pruning)
    return _with(document, SPARSITY, _with(block, PRUNE, file["layers"]))


def sources_of(document: Document) -> Document:
    """A run with no more of its ``sparsity`` than where zeros come from, and paths of masks made absolute.

    The rest of that block is the machine's. A path is relative to the file it is written in.
    """
    document = with_pruning(document)
    block = document.child(SPARSITY)
    if block is not None and block.value is not None:
        prune = {key: child for key, child in block.fields.items() if key == PRUNE}
        rest = document.without(SPARSITY)
        document = _with(rest, SPARSITY, replace(block, value=prune)) if prune else rest
    for key in (SPARSITY, "density"):
        if key in document:
            document = _with(document, key, _absolute(document[key]))
    return document


def check_pruning_names(document: Document, network: Network) -> None:
    """Layers that a run prunes must be layers of *network* that have weights.

    Raises:
        ConfigError: for all that are not, with file and line.
    """
    block = with_pruning(document).child(SPARSITY)
    prune = block.child(PRUNE) if block else None
    nodes = {node.name: node for node in network.nodes if isinstance(node, Compute)}
    wrong = []
    for name in prune.fields if prune and prune.value else ():
        if name not in nodes:
            why = f"must name a layer of {network.name} (got {name!r}){near(name, nodes)}"
        elif not has_weights(nodes[name]):
            why = f"must name a layer with weights (got {name!r}, a product of activations)"
        else:
            continue
        at = (SPARSITY, PRUNE, name)
        wrong.append(told(document, ConfigError(why, at=at, also=[("network",)])))
    if wrong:
        raise ConfigError("\n".join(wrong))


def _with(document: Document, key: str, value: Document) -> Document:
    return replace(document, value={**document.fields, key: value})


def _absolute(document: Document) -> Document:
    """*document* with the text under every key ``mask`` as an absolute path."""
    if not isinstance(document.value, dict):
        return document
    fields = {key: _absolute(child) for key, child in document.value.items()}
    path = fields.get(MASK)
    if path is not None and isinstance(path.value, str):
        folder = path.origin.file.parent if path.origin.file else Path()
        fields[MASK] = replace(path, value=str((folder / path.value).resolve()))
    return replace(document, value=fields)
