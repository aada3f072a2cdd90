"""Which runs a sweep of densities is made of, and their gains."""

import math
from collections.abc import Sequence
from dataclasses import replace

from accelsim.config import Document, to_plain
from accelsim.config.document import Plain
from accelsim.errors import ConfigError, LegalityError
from accelsim.machine import Arch
from accelsim.network.layer import Layer
from accelsim.network.nodes import Compute, has_weights
from accelsim.run.experiment import Experiment
from accelsim.run.result import Result
from accelsim.studies.comparing import outcomes
from accelsim.studies.comparison import Refusal
from accelsim.studies.sparsity.against import DENSE_RUN, dense_document, gains_of, ran
from accelsim.studies.sparsity.sweep import SWEPT_OPERANDS, Sweep, SweepPoint, SweptOperands
from accelsim.values.pruning import Prune


def density_sweep(
    experiment: Experiment,
    densities: Sequence[float],
    jobs: int | None = None,
    operands: SweptOperands = "both",
) -> Sweep:
    """Run *experiment* at each of *densities*, and once on its dense counterpart, which no density changes.

    At each density the weights of every layer are pruned to it by magnitude, and its ifmap is a seeded tensor
    of that density. Stored pad zeros bound the density of an ifmap: a higher one is lowered to the bound.

    Args:
        experiment: the run; its own pruning gives way, but for blocks and shared values.
        densities: shares of values that are not zero, in 0..1, each once, in any order.
        jobs: processes at work at a time, with the same result; 1: in this process.
        operands: whose density is swept.

    Raises:
        ConfigError: if densities or operands are not as above, or the run is at fault.
        LegalityError: if the dense counterpart, or every density, cannot be mapped.
        SimulationError: if a machine cannot go on.
    """
    check_densities(densities, operands)
    ordered = sorted(densities)
    documents = {f"density {density:g}": _at(experiment, density, operands) for density in ordered}
    # Nothing depends on values there, so that one dense run serves all densities.
    uncoded = dense_document(experiment.document).with_overrides({"values": False})
    found = outcomes({DENSE_RUN: uncoded, **documents}, jobs)
    dense = ran(DENSE_RUN, found[DENSE_RUN])
    points = tuple(
        _point(experiment, density, operands, found[label], dense)
        for density, label in zip(ordered, documents, strict=True)
    )
    refused = [(point.density, point.outcome) for point in points if isinstance(point.outcome, Refusal)]
    if len(refused) == len(points):
        raise LegalityError("\n".join(f"density {density:g}: {why}" for density, why in refused))
    return Sweep(experiment.settings.name, operands, points, experiment.config())


def check_densities(densities: Sequence[float], operands: SweptOperands) -> None:
    """Raise ConfigError if nothing can be swept over *densities* of *operands*."""
    if operands not in SWEPT_OPERANDS:
        raise ConfigError(f"operands must be one of {', '.join(SWEPT_OPERANDS)} (got {operands!r})")
    if not densities:
        raise ConfigError("densities must hold at least one (got none)")
    for at, density in enumerate(densities):
        if not 0 <= density <= 1:
            raise ConfigError(f"densities must be in 0..1 (got {density:g})")
        if density in densities[:at]:
            raise ConfigError(f"densities must be given once (got {density:g} twice)")


def _at(experiment: Experiment, density: float, operands: SweptOperands) -> Document:
    """The run file of *experiment* at *density*."""
    document = experiment.document
    if operands != "ifmap":
        prune = {name: to_plain(_pruned(experiment, name, density)) for name in _weighted(experiment)}
        document = _unpruned(document).with_overrides({"sparsity": {"prune": prune}})
    if operands != "weight":
        layers = experiment.layers()
        reached = {name: _reached(layer, experiment.arch, density) for name, layer in layers.items()}
        given: dict[str, Plain] = {name: {"ifmap": value} for name, value in reached.items()}
        document = document.with_overrides({"density": given})
    return document


def _unpruned(document: Document) -> Document:
    """*document* without its ``sparsity.prune``."""
    block = document.child("sparsity")
    if block is None or "prune" not in block:
        return document
    return replace(document, value={**document.fields, "sparsity": block.without("prune")})


def _pruned(experiment: Experiment, name: str, density: float) -> Prune:
    """Pruning by magnitude to *density*, in the blocks and with the shared values of *name* in the run."""
    how = experiment.settings.prune_of(name)
    if how is None:
        return Prune(density=density)
    return Prune(density=density, block=how.block, codebook_bits=how.codebook_bits)


def _point(
    experiment: Experiment, density: float, operands: SweptOperands, outcome: Result | Refusal, dense: Result
) -> SweepPoint:
    """The gains of *outcome* over *dense*, which no density changes, with the densities that it was given."""
    ifmap = None if operands == "weight" else _ifmap_density(experiment, density)
    weight = density if operands != "ifmap" and _weighted(experiment) else None
    gains = outcome if isinstance(outcome, Refusal) else gains_of(outcome, dense)
    return SweepPoint(density, ifmap, weight, gains)


def _ifmap_density(experiment: Experiment, density: float) -> float:
    """Over the ifmap words of all layers as stored, where each reaches what it can of *density*."""
    layers, arch = experiment.layers().values(), experiment.arch
    words = [math.prod(_stored(layer, arch)) for layer in layers]
    present = (_reached(layer, arch, density) * n for layer, n in zip(layers, words, strict=True))
    return math.fsum(present) / sum(words)


def _weighted(experiment: Experiment) -> list[str]:
    """Names of the layers that the run simulates and that have weights."""
    nodes = {node.name: node for node in experiment.network.nodes if isinstance(node, Compute)}
    return [name for name in experiment.layers() if has_weights(nodes[name])]


def _stored(layer: Layer, arch: Arch) -> tuple[int, int, int, int]:
    """``(N, C, H, W)`` of the ifmap of *layer* as memories keep it: with pad zeros, or without."""
    n, c, h, w = layer.ifmap_shape
    top, bottom, left, right = layer.pad if arch.padding == "stored" else (0, 0, 0, 0)
    return n, c, h + top + bottom, w + left + right


def _reached(layer: Layer, arch: Arch, density: float) -> float:
    """*density*, or the largest below it that an ifmap of *layer* can have in spite of its pad zeros.

    As :func:`accelsim.run.activations.density_ifmap` takes it: the values' own density must
    round to no more than 1.
    """
    own, stored = math.prod(layer.ifmap_shape[2:]), math.prod(_stored(layer, arch)[2:])
    reached = min(density, own / stored)
    while reached * stored / own > 1:  # own / stored may be rounded up
        reached = math.nextafter(reached, 0)
    return reached
