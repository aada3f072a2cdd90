"""What a run file says beside its architecture, network and energy table."""

from typing import Literal, get_args

from accelsim.checks import at_least, check_within, description
from accelsim.config import Resolved
from accelsim.engines.simulate import Engine
from accelsim.errors import ConfigError
from accelsim.search import Objective
from accelsim.values.pruning import MaskFile, Prune
from accelsim.values.pruning.description import Layers, check_layers, prune_of
from accelsim.values.quant.protocol import WIDEST_CODE
from accelsim.values.schemes.assigning import Datapaths


@description
class Density:
    """Share of values that are not zero: of the ifmap as stored (pad zeros included), of the stored ofmap.

    An ifmap whose pads alone are more zeros than its density leaves has no others: the densest there is.
    """

    ifmap: float | MaskFile | None = None  # a seeded tensor takes the place of the network's own
    ofmap: float | None = None  # a threshold (a bias) is set so that ReLU leaves this share

    def __post_init__(self) -> None:
        check_within(0, 1, ifmap=None if isinstance(self.ifmap, MaskFile) else self.ifmap, ofmap=self.ofmap)


@description
class Sources:
    """Where zeros among the weights come from; the other keys of ``sparsity`` are the machine's."""

    prune: Layers | None = None

    def __post_init__(self) -> None:
        check_layers(self.prune, "prune")


@description
class TensorFile:
    """Values from an ``.npy`` or ``.npz`` file."""

    file: str
    key: str | None = None


@description
class InputFile(TensorFile):
    """The network's input: integers or, in a run with schemes, the first images of a file of any numbers."""

    scale: float | None = None  # the real that an integer 1 is; by default 2**(1 - word_bits)

    def __post_init__(self) -> None:
        if self.scale is not None and self.scale <= 0:
            raise ConfigError(f"scale must be positive (got {self.scale:g})")


@description
class WeightFile(TensorFile):
    """Weights, one array per layer, named like it; in a run with schemes, see ``load_trained``."""

    ifmap_bits: int | None = (
        None  # width of the codes that the steps of ifmaps are for; by default the scheme's
    )

    def __post_init__(self) -> None:
        check_within(1, WIDEST_CODE, ifmap_bits=self.ifmap_bits)


@description
class Settings:
    """How to run a network: batch, layers, mappings, where values come from."""

    name: str
    dataflow: str = "row_stationary"
    batch: int = 1
    layers: tuple[str, ...] | None = None  # by name; None: all
    mapping: Resolved | None = None  # tile sizes by layer; the others are searched
    objective: Objective = "energy"
    density: dict[str, Density] | None = None  # by layer
    sparsity: Sources | None = None
    input: Literal["random", "picture"] | InputFile = "random"
    weights: Literal["random"] | WeightFile = "random"
    datapaths: Datapaths | None = None  # schemes by layer: the run is one of reals; None: of integers
    labels: TensorFile | None = None  # (N,), what the largest output of the last layer should be
    values: bool = True
    engine: Engine = "fast"
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(1, batch=self.batch)
        if self.layers == ():
            raise ConfigError("layers must name at least one layer (got none)")
        if self.engine not in get_args(Engine):
            raise ConfigError(f"engine must be one of {', '.join(get_args(Engine))} (got {self.engine!r})")
        if not isinstance(self.values, bool):
            raise ConfigError(f"values must be true or false (got {self.values!r})")
        if not isinstance(self.seed, int):
            raise ConfigError(f"seed must be an integer (got {self.seed!r})")
        at_least(0, seed=self.seed)
        if self.labels is not None and not self.values:
            raise ConfigError("labels needs values: true (got false)")
        if self.datapaths == {}:
            raise ConfigError("datapaths must name a scheme (got none)")
        if self.datapaths is None:
            self._check_integers()
        else:
            self._check_reals()

    def _check_integers(self) -> None:
        """Raise ConfigError for what only reals have."""
        scale = None if isinstance(self.input, str) else self.input.scale
        bits = None if isinstance(self.weights, str) else self.weights.ifmap_bits
        for name, value in (("input.scale", scale), ("weights.ifmap_bits", bits)):
            if value is not None:
                raise ConfigError(
                    f"{name} needs datapaths, without which values are integers (got {value:g})"
                )

    def _check_reals(self) -> None:
        """Raise ConfigError for what only integers have."""
        for layer in (self.sparsity.prune if self.sparsity else None) or ():
            how = self.prune_of(layer)
            if how is not None and how.codebook_bits is not None:
                why = "codebook_bits needs a run without datapaths; a scheme can share values"
                raise ConfigError(why, at=("sparsity", "prune", layer))

    def density_of(self, layer: str) -> Density:
        """What the run file says of *layer*'s density; nothing, if it does not name it."""
        return (self.density or {}).get(layer, Density())

    def prune_of(self, layer: str) -> Prune | None:
        """How *layer*'s weights are pruned; none, if the run leaves them alone."""
        return prune_of(self.sparsity.prune, layer) if self.sparsity else None
