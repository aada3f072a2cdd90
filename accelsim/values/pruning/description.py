"""How the weights of a layer are pruned, and files that say it for the layers of a network."""

from accelsim.checks import at_least, check_within, description
from accelsim.errors import ConfigError, blaming

CODEBOOK_BITS = range(2, 17)
"""Widths of a weight's code: code 0 is zero, so one bit would leave a single value; 16 fill a word."""

_RULES = ("density", "keep", "mask")
"""The keys that say which weights are kept; exactly one is given."""

_PARTNERS = {"block": "density", "of": "keep", "keep": "of", "key": "mask"}
"""Keys that mean nothing unless another key is given, too."""


@description
class MaskFile:
    """Zeros and ones in an ``.npy`` or ``.npz`` file, in the latter by default under the layer's name."""

    mask: str
    key: str | None = None


@description
class Prune:
    """Which weights of a layer are kept: by magnitude, N of M or a mask; and how many values they share."""

    density: float | None = None  # share of the weights that are kept, those of the largest magnitude
    block: tuple[int, int, int, int] | None = None  # (m, c, r, s) weights are kept or dropped as a whole
    keep: int | None = None  # the largest of every *of* consecutive channels
    of: int | None = None
    mask: str | None = None  # a file of the weights' shape, 1 where they are kept
    key: str | None = None  # of the mask in an ``.npz``; by default the layer's name
    codebook_bits: int | None = None  # kept weights share 2**bits - 1 values; datapath codebook stores codes

    def __post_init__(self) -> None:
        self._check_together()
        check_within(0, 1, density=self.density)
        if self.block is not None:
            at_least(1, block=min(self.block))
        if self.keep is not None and self.of is not None:
            at_least(1, of=self.of)
            if not 1 <= self.keep <= self.of:
                raise ConfigError(f"keep must be in 1..of={self.of} (got {self.keep})")
        check_within(CODEBOOK_BITS[0], CODEBOOK_BITS[-1], codebook_bits=self.codebook_bits)

    def _check_together(self) -> None:
        for name, partner in _PARTNERS.items():
            if getattr(self, name) is not None and getattr(self, partner) is None:
                raise ConfigError(f"{name} must come with {partner} (got no {partner})")
        given = [name for name in _RULES if getattr(self, name) is not None]
        if len(given) != 1:
            words = " and ".join(given) or "none"
            raise ConfigError(f"one of density, keep and mask must be given (got {words})")

    @property
    def mask_file(self) -> MaskFile | None:
        """The file of the mask; None if another rule says which weights are kept."""
        return None if self.mask is None else MaskFile(self.mask, self.key)


Layers = dict[str, float | Prune]
"""How the weights of each layer are pruned, by its name; a number is the density of magnitude pruning."""


def prune_of(layers: Layers | None, name: str) -> Prune | None:
    """How layer *name* is pruned; None if it is not."""
    how = (layers or {}).get(name)
    return how if how is None or isinstance(how, Prune) else Prune(density=how)


def check_layers(layers: Layers | None, *at: str) -> None:
    """Raise ConfigError for a number among *layers*, found under the path *at*, that is no density."""
    for name in layers or {}:
        with blaming(*at, name):
            prune_of(layers, name)


@description
class Pruning:
    """Layers of one network and how their weights are pruned; a file of ``configs/pruning``."""

    name: str
    layers: Layers
    source: str = ""

    def __post_init__(self) -> None:
        check_layers(self.layers, "layers")
