"""One YAML: an architecture, a network, a dataflow and an energy table, run layer by layer."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from accelsim.config import Document, Resolved, find, load_yaml
from accelsim.engines.simulate import Engine
from accelsim.errors import ConfigError, LegalityError
from accelsim.mapping.nest import Mapping
from accelsim.network.layer import Layer
from accelsim.run.file import RunFile, read_run
from accelsim.run.result import Result
from accelsim.run.session import Session, resolved
from accelsim.run.settings import Settings
from accelsim.search.estimate import Forecast, forecast
from accelsim.search.mapper import Mappers


@dataclass(frozen=True)
class Experiment(RunFile):
    """A validated run, ready to go; :func:`load` makes one."""

    overrides: Resolved = field(default_factory=dict)  # part of the document, by dotted key

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
        changes: Resolved = {k: v for k, v in given.items() if v is not None}
        settings = replace(self.settings, **changes)
        told_of = replace(self, document=self.document.with_overrides(changes))
        with told_of.located():
            return self._session(settings).run()

    def config(self) -> Resolved:
        """The run in full as plain data, defaults included; written as YAML it is a run file.

        Raises:
            ConfigError: if the machine cannot run so; that a layer cannot be mapped is said when it runs.
        """
        with self.located(), suppress(LegalityError):
            self._session(self.settings)
        return resolved(self.settings, self.arch, self.network, self.energy)

    def mappings(self) -> Iterator[Mapping]:
        """The loop nest of every layer of the run, in order, without running it.

        Raises:
            LegalityError: if a layer has no legal mapping.
        """
        choosers, own = self._choosers(runner_up=False), self.machines()
        for layer in self._layers():
            with self.located():
                chosen = choosers.on(own[layer.name]).choose(layer)
                yield chosen.map(layer, own[layer.name])

    def forecasts(self) -> Iterator[Forecast]:
        """For every layer of the run, in order: its loop nest, what its counts say, and what came second.

        Nothing is simulated, save by a search for latency or energy-delay product.

        Raises:
            LegalityError: if a layer has no legal mapping.
        """
        choosers, own = self._choosers(runner_up=True), self.machines()
        for layer in self._layers():
            with self.located():
                yield forecast(layer, choosers.on(own[layer.name]))

    def _choosers(self, *, runner_up: bool) -> Mappers:
        return Mappers(self.plans, self.energy, self.settings.objective, runner_up=runner_up)

    def _layers(self) -> Iterator[Layer]:
        layers = self.network.layers(self.settings.batch)
        return (layers[name] for name in self.settings.layers or layers)

    def _session(self, settings: Settings) -> Session:
        return Session(settings, self.arch, self.network, self.energy, self.plans)


def load(path: str, /, **overrides: object) -> Experiment:
    """The experiment of a run file, or of a packaged run by name.

    Args:
        path: a file, or a name from ``accelsim list runs``.
        overrides: values for dotted keys, written with two underscores: ``arch__dram="ideal"``.

    Raises:
        ConfigError: every fault of the file at once, one line each.
    """
    dotted: Resolved = {}
    for key, value in overrides.items():
        name = key.replace("__", ".")
        if dotted.setdefault(name, value) != value:
            raise ConfigError(f"{name} must be given one value (got {dotted[name]!r} and {value!r})")
    document = load_yaml(find("runs", path), "runs").with_overrides(dotted)
    return replace(from_document(document), overrides=dotted)


def from_document(document: Document) -> Experiment:
    """The experiment that *document* describes."""
    return Experiment(**vars(read_run(document)))
