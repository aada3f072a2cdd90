"""One YAML: an architecture, a network, a dataflow and an energy table, run layer by layer."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from accelsim.config import Document, Resolved, find, load_yaml
from accelsim.engines.simulate import Engine
from accelsim.errors import ConfigError, LegalityError
from accelsim.mapping.nest import Mapping
from accelsim.network.layer import Layer
from accelsim.run.file import RunFile, read_run
from accelsim.run.result import Result
from accelsim.run.session import Session
from accelsim.search.estimate import Forecast, forecast
from accelsim.search.mapper import Mapper, Mappers

_T = TypeVar("_T")


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
        document = self.document.with_overrides(changes)
        changed = replace(self, settings=replace(self.settings, **changes), document=document)
        with changed.located():
            return Session(changed).run()

    def config(self) -> Resolved:
        """The run in full as plain data, defaults included; written as YAML it is a run file.

        Raises:
            ConfigError: if the machine cannot run so; that a layer cannot be mapped is said when it runs.
        """
        with self.located(), suppress(LegalityError):
            Session(self)
        return self.resolved()

    def mappings(self) -> Iterator[Mapping]:
        """The loop nest of every layer of the run, in order, without running it.

        Raises:
            LegalityError: if a layer has no legal mapping.
        """
        return self._planned(lambda layer, mapper: mapper.choose(layer).map(layer, mapper.arch))

    def forecasts(self) -> Iterator[Forecast]:
        """For every layer of the run, in order: its loop nest, what its counts say, and what came second.

        Nothing is simulated, save by a search for latency or energy-delay product.

        Raises:
            LegalityError: if a layer has no legal mapping.
        """
        return self._planned(forecast, runner_up=True)

    def _planned(self, plan: Callable[[Layer, Mapper], _T], *, runner_up: bool = False) -> Iterator[_T]:
        """What *plan* makes of every layer of the run, in order, and of the mapper of its machine."""
        mappers = Mappers(self.plans, self.energy, self.settings.objective, runner_up=runner_up)
        machines = self.machines()
        for name, layer in self.layers().items():
            with self.located():
                yield plan(layer, mappers.on(machines[name]))


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
