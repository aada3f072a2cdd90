"""How the digits network is quantised: what the packaged run ``digits`` says under each of its labels."""

from dataclasses import dataclass
from pathlib import Path

from accelsim.errors import ConfigError
from accelsim.network.nodes import Compute
from accelsim.run.experiment import Experiment, from_document, load
from accelsim.studies.variants import variants
from accelsim.values.quant import AnyActivation, AnyQuantiser, FloatWeights
from accelsim.values.schemes import rescaled, schemes_of

_RUN = "digits"
"""The run file that has all schemes."""


@dataclass(frozen=True)
class LayerScheme:
    """The quantisers of one layer, and whether it ends in a ReLU."""

    weights: AnyQuantiser
    ifmap: AnyActivation
    relu: bool


@dataclass(frozen=True)
class NetworkScheme:
    """How each layer of the digits network is quantised, and which trained network that is."""

    layers: dict[str, LayerScheme]  # in the order they run
    file: Path  # of the trained network
    ifmap_bits: int | None  # width of the codes that the steps in the file are for; None: of the scheme's

    @property
    def of_floats(self) -> bool:
        """Whether all weights are floats."""
        return all(isinstance(layer.weights, FloatWeights) for layer in self.layers.values())

    def step(self, name: str, ifmap_scale: float) -> float:
        """The step of a code of the ifmap of layer *name*, of the *ifmap_scale* in the file.

        Codes of another width span the same range.
        """
        return rescaled(ifmap_scale, self.ifmap_bits, self.layers[name].ifmap)


def by_label() -> dict[str, NetworkScheme]:
    """The scheme of each label of the run's ``compare`` block, in order."""
    return {label: scheme_of(from_document(document)) for label, document in variants(load(_RUN)).items()}


def by_file() -> dict[str, NetworkScheme]:
    """The scheme that each trained network is trained in, by the name of its file without ``.npz``.

    Of the labels that run it, the first is what it is trained for.
    """
    found: dict[str, NetworkScheme] = {}
    for scheme in by_label().values():
        found.setdefault(scheme.file.stem, scheme)
    return found


def scheme_of(experiment: Experiment) -> NetworkScheme:
    """The scheme of a run of the digits network.

    Raises:
        ConfigError: if the run has no schemes, or no file of weights.
    """
    settings, network = experiment.settings, experiment.network
    if settings.datapaths is None or isinstance(settings.weights, str):
        raise ConfigError(f"{settings.name} must have datapaths and a file of weights (got a run without)")
    relu = {node.name for node in network.nodes if isinstance(node, Compute) and node.activation == "relu"}
    layers = {
        name: LayerScheme(own.weights, own.ifmap, name in relu)
        for name, own in schemes_of(settings.datapaths, network.layers()).items()
    }
    return NetworkScheme(layers, Path(settings.weights.file), settings.weights.ifmap_bits)
