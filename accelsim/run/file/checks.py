"""What a run file names must be there, and what it gives must be legal; all faults of a kind at once."""

from functools import partial

from accelsim.config import Document, near
from accelsim.errors import ConfigError, LegalityError
from accelsim.machine import Arch
from accelsim.mapping.nest import Dataflow
from accelsim.network.graph import Network
from accelsim.network.layer import Layer
from accelsim.network.nodes import Compute, has_weights
from accelsim.run.file.locating import located
from accelsim.run.file.named import DATAPATHS, PRUNE, SPARSITY, schemes_by_layer
from accelsim.run.file.parts import RunFile, collected
from accelsim.search.mapper import Chosen
from accelsim.values.schemes.assigning import ALL, check_all


def check_names(run: RunFile) -> None:
    """Layers that the run file names must be layers of the network."""
    settings, network, document = run.settings, run.network, run.document
    known = list(network.layers(settings.batch))
    if not known:
        raise document["network"].origin.error("must have a layer to run: conv, fc or gemm (got none)")
    wrong = []
    for key in ("layers", "mapping", "density"):
        for at, name in enumerate(getattr(settings, key) or ()):
            if name not in known:
                why = f"must name layers of {network.name}: {', '.join(known)} (got {name!r})"
                place = (key, at if key == "layers" else name)
                wrong.append(located(document, ConfigError(why, at=place, also=[("network",)])))
    if wrong:
        raise ConfigError("\n".join(wrong))
    _check_pruning(document, network)


def _check_pruning(document: Document, network: Network) -> None:
    """Layers that a run prunes must be layers of *network* that have weights.

    Raises:
        ConfigError: for all that are not, with file and line.
    """
    block = document.child(SPARSITY)
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
        wrong.append(located(document, ConfigError(why, at=at, also=[("network",)])))
    if wrong:
        raise ConfigError("\n".join(wrong))


def check_schemes(document: Document, network: Network) -> None:
    """Layers with a scheme of their own must be layers of *network*, and all of those must have one.

    Raises:
        ConfigError: for all that are not, with file and line.
    """
    named, known = schemes_by_layer(document), list(network.layers())
    if named is None:
        return
    about = [("network",)]
    wrong = [
        ConfigError(
            f"must name a layer of {network.name}, or {ALL} (got {name!r}){near(name, known)}",
            at=(DATAPATHS, name),
            also=about,
        )
        for name in named.fields
        if name not in (ALL, *known)
    ]
    try:
        check_all(named.fields, known)
    except ConfigError as error:
        wrong = wrong or [ConfigError(str(error), at=(DATAPATHS,), also=about)]
    if wrong:
        raise ConfigError("\n".join(located(document, error) for error in wrong))


def check_mappings(run: RunFile) -> None:
    """Mappings that the run file gives to layers that it runs must be legal."""
    layers, plans = run.layers(), run.plans
    given = [name for name in layers if name in plans.given]
    machines = run.machines() if given else {}
    collected(
        {
            name: partial(_check_mapping, run.document, name, plans.given[name], layers[name], machines[name])
            for name in given
        }
    )


def _check_mapping(document: Document, name: str, given: Dataflow, layer: Layer, machine: Arch) -> None:
    """Raise LegalityError, located where it is at fault, if a *given* mapping is not legal."""
    try:
        Chosen(given, found=None).map(layer, machine)
    except LegalityError as error:
        refusal = LegalityError(str(error), at=("mapping", name))
        raise LegalityError(located(document, refusal)) from LegalityError(f"{name}: {error}")
