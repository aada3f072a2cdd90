"""What one image costs under a scheme: energy of the arithmetic and of the array around it, cycles, bits."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from accelsim.energy import by_component
from accelsim.report.comparison.schemes.parts import arithmetic_energy
from accelsim.run.result import OPERANDS, LayerResult, Result
from accelsim.studies.comparison import TOTAL, Comparison

_HALF = 0.5
"""Share of the energy from which on the array is what limits."""

Range = tuple[int, int]
"""The least and the most."""


@dataclass(frozen=True)
class SchemeCost:
    """One layer, or all of them together, of one image; energy in the unit of the table.

    The arithmetic is what the multiplier, or what takes its place, spends: MACs and look-ups of codes. The
    array is all else: register files, NoC, GLB, DRAM, and the coding of words without their zeros.
    """

    layer: str
    schemes: tuple[str, ...]
    accuracy: float | None  # share of images that are right; of all layers, with labels
    macs: float
    cycles: float
    by_component: Mapping[str, float]  # energy; the parts sum to the whole
    by_part: Mapping[str, float]  # of the arithmetic, likewise
    dram_bits: float  # that cross its link
    weights: int
    weight_bits: int | None  # of all codes, tables and scales in memory
    word_bits: Mapping[str, Range]  # by operand, of a word
    datapath_um2: float | None  # of a PE's arithmetic with its tables; of several layers the largest

    @property
    def energy(self) -> float:
        """Energy of the arithmetic and of the array."""
        return math.fsum(self.by_component.values())

    @property
    def arithmetic(self) -> float:
        """Energy of the arithmetic."""
        return math.fsum(self.by_part.values())

    @property
    def arithmetic_per_mac(self) -> float:
        """Energy of the arithmetic per algorithmic MAC."""
        return self.arithmetic / self.macs

    @property
    def array_share(self) -> float:
        """Share of the energy that is the array's."""
        return 1 - self.arithmetic / self.energy if self.energy else 0.0

    @property
    def limited_by(self) -> Literal["array", "arithmetic"]:
        """What takes the larger part of the energy."""
        return "array" if self.array_share >= _HALF else "arithmetic"

    @property
    def largest(self) -> str:
        """The component that takes the most energy."""
        return max(self.by_component, key=lambda name: self.by_component[name])

    @property
    def bits_per_weight(self) -> float | None:
        """Bits in memory over weights."""
        return None if self.weight_bits is None or not self.weights else self.weight_bits / self.weights


def has_schemes(comparison: Comparison) -> bool:
    """Whether any label ran under a scheme."""
    return any(layer.scheme for result in comparison.results.values() for layer in result.layers)


def scheme_costs(comparison: Comparison) -> dict[str, SchemeCost]:
    """All layers together of every label that ran."""
    return {label: list(layer_costs(result))[-1] for label, result in comparison.results.items()}


def layer_costs(result: Result) -> Iterator[SchemeCost]:
    """Every layer of *result*, and all of them together last."""
    weights = {name: math.prod(layer.weight_shape) for name, layer in result.network.layers().items()}
    for layer in result.layers:
        yield _cost(layer.name, [layer], result, weights, None)
    yield _cost(TOTAL, result.layers, result, weights, result.accuracy)


def _cost(
    name: str,
    layers: Sequence[LayerResult],
    result: Result,
    weights: Mapping[str, int],
    accuracy: float | None,
) -> SchemeCost:
    images = result.settings.batch
    known = [layer for layer in layers if layer.weight_bits is not None]
    return SchemeCost(
        layer=name,
        schemes=tuple(dict.fromkeys(layer.scheme for layer in layers if layer.scheme)),
        accuracy=accuracy,
        macs=sum(layer.macs for layer in layers) / images,
        cycles=sum(layer.cycles for layer in layers) / images,
        by_component=_sums((by_component(layer.energy_pj) for layer in layers), images),
        by_part=_sums(map(arithmetic_energy, layers), images),
        dram_bits=sum(layer.dram_bits for layer in layers) / images,
        weights=sum(weights[layer.name] for layer in known),
        weight_bits=sum(layer.weight_bits or 0 for layer in known) if known else None,
        datapath_um2=max((layer.datapath_um2 for layer in layers if layer.datapath_um2), default=None),
        word_bits={word: _range(layer.word_bits[word] for layer in layers) for word in OPERANDS},
    )


def _sums(parts: Iterable[Mapping[str, float]], images: int) -> dict[str, float]:
    """*parts* of several layers by name, for one of so many *images*."""
    found = list(parts)
    names = dict.fromkeys(name for one in found for name in one)
    return {name: math.fsum(one.get(name, 0.0) for one in found) / images for name in names}


def _range(bits: Iterable[int]) -> Range:
    found = list(bits)
    return min(found), max(found)
