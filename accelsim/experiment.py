"""One YAML: an architecture, a network, a dataflow and an energy table, run layer by layer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from accelsim.arch import Arch
from accelsim.config import Document, build, find, load_yaml, resolve
from accelsim.energy import EnergyTable
from accelsim.errors import ConfigError, LegalityError
from accelsim.mapping import Dataflow
from accelsim.network import Network
from accelsim.result import Result
from accelsim.session import Plans, Session
from accelsim.settings import Settings
from accelsim.sim import Engine


@dataclass(frozen=True)
class Experiment:
    """A validated run, ready to go; :func:`load` makes one."""

    settings: Settings
    arch: Arch
    network: Network
    energy: EnergyTable
    plans: Plans

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
        return Session(settings, self.arch, self.network, self.energy, self.plans).run()


def load(path: str, **overrides: Any) -> Experiment:
    """The experiment of a run file, or of a packaged run by name.

    Args:
        path: a file, or a name from ``accelsim list runs``.
        overrides: values for dotted keys, written with two underscores: ``arch__dram="ideal"``.

    Raises:
        ConfigError: every fault of the file at once, one line each.
    """
    dotted = {key.replace("__", "."): value for key, value in overrides.items()}
    return from_document(load_yaml(find("runs", path), "runs").with_overrides(dotted))


def from_document(document: Document) -> Experiment:
    """The experiment that *document* describes."""
    settings = document
    for key in ("arch", "network", "energy"):
        if key in settings:
            settings = settings.without(key)
    experiment = Experiment(
        settings=build(settings, Settings),
        arch=build(resolve(document, "arch", "arch"), Arch),
        network=build(resolve(document, "network", "networks"), Network),
        energy=build(resolve(document, "energy", "energy"), EnergyTable),
        plans=_plans(document),
    )
    _check_names(experiment, document)
    _check_mappings(experiment, document)
    return experiment


def _plans(document: Document) -> Plans:
    name = document["dataflow"].value if "dataflow" in document else Settings.dataflow
    try:
        cls = find_dataflow(str(name))
    except ConfigError as error:
        raise document["dataflow"].origin.error(str(error)) from None
    given = document["mapping"].fields if "mapping" in document else {}
    return Plans(cls, {layer: build(sizes, cls) for layer, sizes in given.items()})


def _check_mappings(experiment: Experiment, document: Document) -> None:
    """Mappings that the run file gives must be legal."""
    layers = experiment.network.layers(experiment.settings.batch)
    for name, dataflow in experiment.plans.given.items():
        try:
            dataflow.map(layers[name], experiment.arch)
        except LegalityError as error:
            raise LegalityError(document["mapping"][name].origin.says(str(error))) from None


def _check_names(experiment: Experiment, document: Document) -> None:
    """Layers that the run file names must be layers of the network."""
    settings = experiment.settings
    known = list(experiment.network.layers(settings.batch))
    for key in ("layers", "mapping", "density"):
        for name in getattr(settings, key) or ():
            if name not in known:
                raise document[key].origin.error(
                    f"must name layers of {experiment.network.name}: {', '.join(known)} (got {name!r})"
                )


def find_dataflow(name: str) -> type[Dataflow]:
    """``row_stationary`` is RowStationary of ``dataflows/row_stationary.py``; a dotted path is anybody's class.

    Raises:
        ConfigError: if there is none.
    """
    module, _, cls = name.rpartition(".") if "." in name else (f"dataflows.{name}", "", name)
    try:
        found = getattr(import_module(module), cls if "." in name else _camel(cls))
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"dataflow must be a file of dataflows/ or a dotted class (got {name!r})") from error
    dataflow: type[Dataflow] = found
    return dataflow


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
