"""A run against its dense counterpart: the same network and values, but zeros treated as values."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accelsim.config import Document, Resolved, to_plain
from accelsim.errors import ConfigError, LegalityError
from accelsim.machine import Sparsity
from accelsim.run.experiment import Experiment
from accelsim.run.result import Result
from accelsim.studies.comparing import outcomes
from accelsim.studies.comparison import TOTAL, Refusal
from accelsim.studies.sparsity.coding import codings, summed
from accelsim.studies.sparsity.layer import Gain, imbalance
from accelsim.studies.tidy import Tidy

_RUN, DENSE_RUN = "run", "dense"
"""Names of the two runs, in errors and in progress."""


@dataclass(frozen=True)
class Gains(Tidy):
    """What zeros saved in each layer of a run, and in all of them together."""

    own: Result
    dense: Result
    layers: tuple[Gain, ...]

    @property
    def name(self) -> str:
        """Name of the run."""
        return self.own.name

    @property
    def config(self) -> Resolved:
        """The run in full; a run file of it gives the same gains."""
        return self.own.config

    @cached_property
    def total(self) -> Gain:
        """All layers together, one after another."""
        return Gain(
            own=self.own.total,
            dense=self.dense.total,
            macs_per_cycle=self.layers[0].macs_per_cycle,
            imbalance=sum(layer.imbalance for layer in self.layers),
            codings=summed(coding for layer in self.layers for coding in layer.codings),
        )

    def __getitem__(self, name: str) -> Gain:
        """The layer called *name*, or the total. Raises KeyError, which lists what there is."""
        by_name = {layer.name: layer for layer in self.layers} | {TOTAL: self.total}
        if name not in by_name:
            raise KeyError(f"layers are {', '.join(by_name)} (got {name!r})")
        return by_name[name]

    def rows(self) -> Iterator[dict[str, object]]:
        """A tidy row per layer, the total last; energy in the unit of the table."""
        unit = self.own.energy_unit.lower()
        for layer in (*self.layers, self.total):
            yield {
                name.removesuffix("_pj") + f"_{unit}" * name.endswith("_pj"): v
                for name, v in layer.row().items()
            }


def against_dense(experiment: Experiment, jobs: int | None = None) -> Gains:
    """Run *experiment* and its dense counterpart, and say what zeros saved and what took it back.

    The counterpart has the same network, values, pruning and given mappings, and the same machine but for
    ``sparsity``: nothing is gated, skipped or coded, but for what the datapath does by itself. What is
    searched is searched for it anew.

    Args:
        experiment: the run.
        jobs: processes at work at a time, with the same result; 1: in this process.

    Raises:
        ConfigError: if the run is at fault, or *jobs* is below 1.
        LegalityError: if one of the two cannot be mapped; the message begins with ``run`` or ``dense``.
        SimulationError: if a machine cannot go on.
    """
    document = experiment.document
    found = outcomes({_RUN: document, DENSE_RUN: dense_document(document)}, jobs)
    return gains_of(ran(_RUN, found[_RUN]), ran(DENSE_RUN, found[DENSE_RUN]))


def gains_of(own: Result, dense: Result) -> Gains:
    """The gains of *own* over *dense*, the results of a run and of its dense counterpart.

    Raises:
        ConfigError: if PEs do not have equally many lanes in all layers.
    """
    for one, other in zip(own.layers, dense.layers, strict=True):
        if one.ofmap is not None and other.ofmap is not None:
            assert np.array_equal(one.ofmap, other.ofmap), "skipping changes no sum"
    used = (own.machines[layer.name] for layer in own.layers)
    lanes = sorted({arch.pe.macs_per_cycle * arch.datapath.lanes for arch in used})
    if len(lanes) > 1:
        raise ConfigError(f"PEs must have equally many lanes in every layer (got {lanes})")
    layers = (
        Gain(
            own=one,
            dense=other,
            macs_per_cycle=lanes[0],
            imbalance=imbalance(one),
            codings=codings(own.machines[one.name], one),
        )
        for one, other in zip(own.layers, dense.layers, strict=True)
    )
    return Gains(own, dense, tuple(layers))


def dense_document(document: Document) -> Document:
    """The run file of the dense counterpart of *document*: ``sparsity`` with every key that says dense."""
    return document.with_overrides({"sparsity": to_plain(Sparsity())})


def ran(label: str, outcome: Result | Refusal) -> Result:
    """*outcome*, which must be a result. Raises LegalityError, which begins with *label*."""
    if isinstance(outcome, Refusal):
        raise LegalityError(f"{label}: {outcome}")
    return outcome
