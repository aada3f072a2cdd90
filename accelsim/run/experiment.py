"""One YAML: an architecture, a network, a dataflow and an energy table, run layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from accelsim.config import Document, Resolved, find, load_yaml
from accelsim.energy import EnergyTable
from accelsim.engines.simulate import Engine
from accelsim.errors import ConfigError, LegalityError
from accelsim.machine import Arch
from accelsim.mapping.nest import Dataflow, Mapping
from accelsim.network.graph import Network
from accelsim.network.layer import Layer
from accelsim.run.file import _parts, collected
from accelsim.run.mapping_files import with_mapping
from accelsim.run.pruning_sources import check_pruning_names, with_pruning
from accelsim.run.result import Result
from accelsim.run.scheme_sources import check_scheme_names as check_schemes
from accelsim.run.scheme_sources import with_schemes
from accelsim.run.session import Session, resolved
from accelsim.run.settings import Settings
from accelsim.run.telling import told
from accelsim.search.estimate import Forecast, forecast
from accelsim.search.mapper import Mappers, Plans
from accelsim.values.schemes import machines, schemes_of


@dataclass(frozen=True)
class Experiment:
    """A validated run, ready to go; :func:`load` makes one."""

    settings: Settings
    arch: Arch
    network: Network
    energy: EnergyTable
    plans: Plans
    document: Document  # where all that was written
    overrides: dict[str, Any] = field(default_factory=dict)  # part of *document*, by dotted key

    def run(
        self, *, engine: Engine | None = None, values: bool | None = None, seed: int | None = None
    ) -> Result:
        """Simulate every layer in order, each on the ofmap of the one before.

        Args:
            engine: ``fast`` or ``reference``; both give the same result.
            values: False for timing and dense counts without tensors.
            seed: of every generated tensor.

        Raises:
            ConfigError: if a layer cannot be mapped or a tensor does not fit.
            SimulationError: if the machine cannot go on.
        """
        given = {"engine": engine, "values": values, "seed": seed}
        changes: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
        settings = replace(self.settings, **changes)
        told_of = replace(self, document=self.document.with_overrides(changes))
        with told_of._located():
            return self._session(settings).run()

    def config(self) -> Resolved:
        """The run in full as plain data, defaults included; written as YAML it is a run file.

        Raises:
            ConfigError: if the machine cannot run so; that a layer cannot be mapped is said when it runs.
        """
        with self._located(), suppress(LegalityError):
            self._session(self.settings)
        return resolved(self.settings, self.arch, self.network, self.energy)

    def machines(self) -> dict[str, Arch]:
        """The machine as each layer of the network sees it, by name: with the datapath of its scheme.

        Raises:
            LegalityError: if the machine cannot have that of one.
        """
        schemes = schemes_of(self.settings.datapaths, self.network.layers())
        with self._located():
            return machines(self.arch, self.network, schemes)

    def mappings(self) -> Iterator[Mapping]:
        """The loop nest of every layer of the run, in order, without running it.

        Raises:
            LegalityError: if a layer has no legal mapping.
        """
        choosers, own = self._choosers(runner_up=False), self.machines()
        for layer in self._layers():
            with self._located():
                chosen = choosers.on(own[layer.name]).choose(layer)
                yield chosen.dataflow.map(layer, own[layer.name])

    def forecasts(self) -> Iterator[Forecast]:
        """For every layer of the run, in order: its loop nest, what its counts say, and what came second.

        Nothing is simulated, save by a search for latency or energy-delay product.

        Raises:
            LegalityError: if a layer has no legal mapping.
        """
        choosers, own = self._choosers(runner_up=True), self.machines()
        for layer in self._layers():
            with self._located():
                yield forecast(layer, choosers.on(own[layer.name]))

    def _choosers(self, *, runner_up: bool) -> Mappers:
        return Mappers(self.plans, self.energy, self.settings.objective, runner_up=runner_up)

    def _layers(self) -> Iterator[Layer]:
        layers = self.network.layers(self.settings.batch)
        return (layers[name] for name in self.settings.layers or layers)

    def _session(self, settings: Settings) -> Session:
        return Session(settings, self.arch, self.network, self.energy, self.plans)

    @contextmanager
    def _located(self) -> Iterator[None]:
        """Add file and line to an error that says which part of the run is at fault."""
        try:
            yield
        except ConfigError as error:
            if not error.at:
                raise
            raise type(error)(told(self.document, error)) from error


def load(path: str, /, **overrides: Any) -> Experiment:
    """The experiment of a run file, or of a packaged run by name.

    Args:
        path: a file, or a name from ``accelsim list runs``.
        overrides: values for dotted keys, written with two underscores: ``arch__dram="ideal"``.

    Raises:
        ConfigError: every fault of the file at once, one line each.
    """
    dotted: dict[str, Any] = {}
    for key, value in overrides.items():
        name = key.replace("__", ".")
        if dotted.setdefault(name, value) != value:
            raise ConfigError(f"{name} must be given one value (got {dotted[name]!r} and {value!r})")
    document = load_yaml(find("runs", path), "runs").with_overrides(dotted)
    return replace(from_document(document), overrides=dotted)


def from_document(document: Document) -> Experiment:
    """The experiment that *document* describes."""
    written = document
    document = with_schemes(with_pruning(with_mapping(document)))
    experiment = Experiment(**_parts(document), document=document)
    _check_names(experiment, document)
    check_schemes(written, experiment.network)
    _check_mappings(experiment, document)
    return experiment


def _check_mappings(experiment: Experiment, document: Document) -> None:
    """Mappings that the run file gives to layers that it runs must be legal."""
    layers, plans = experiment.network.layers(experiment.settings.batch), experiment.plans
    given = [name for name in experiment.settings.layers or layers if name in plans.given]
    machines = experiment.machines() if given else {}
    collected(
        {
            name: partial(_check_mapping, document, name, plans.given[name], layers[name], machines[name])
            for name in given
        }
    )


def _check_mapping(document: Document, name: str, given: Dataflow, layer: Layer, machine: Arch) -> None:
    """Raise LegalityError, told where it is at fault, if a *given* mapping is not legal."""
    try:
        given.map(layer, machine)
    except LegalityError as error:
        refusal = LegalityError(str(error), at=("mapping", name))
        raise LegalityError(told(document, refusal)) from LegalityError(f"{name}: {error}")


def _check_names(experiment: Experiment, document: Document) -> None:
    """Layers that the run file names must be layers of the network."""
    settings, network = experiment.settings, experiment.network
    known = list(network.layers(settings.batch))
    if not known:
        raise document["network"].origin.error("must have a layer to run: conv, fc or gemm (got none)")
    wrong = []
    for key in ("layers", "mapping", "density"):
        for at, name in enumerate(getattr(settings, key) or ()):
            if name not in known:
                why = f"must name layers of {network.name}: {', '.join(known)} (got {name!r})"
                place = (key, at if key == "layers" else name)
                wrong.append(told(document, ConfigError(why, at=place, also=[("network",)])))
    if wrong:
        raise ConfigError("\n".join(wrong))
    check_pruning_names(document, network)
