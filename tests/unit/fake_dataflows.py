"""Dataflows that only tests run, named by their dotted path."""

from dataclasses import dataclass, replace
from typing import Any

from accelsim.errors import LegalityError
from accelsim.machine import Arch
from accelsim.mapping.nest import Mapping
from accelsim.network.layer import Layer
from dataflows.row_stationary import RowStationary
from dataflows.weight_stationary import WeightStationary


@dataclass(frozen=True)
class OneFilter(RowStationary):
    """Row stationary with one filter in the array at a time."""

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        whole = replace(self, p=1, t=1)
        return RowStationary(**whole.__dict__).map(layer, arch)


@dataclass(frozen=True)
class NothingInPes(WeightStationary):
    """Weight stationary without the loops that its PEs run."""

    @staticmethod
    def nest(layer: Layer, arch: Arch, x: Any) -> Mapping:
        mapping = WeightStationary.nest(layer, arch, x)
        return replace(mapping, loops=tuple(loop for loop in mapping.loops if loop.level != "pe"))


@dataclass(frozen=True)
class Unmappable:
    """Fits nowhere."""

    m: int

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        raise LegalityError("GLB, psums: needs 9 words, has 8 (1 too many)")

    @classmethod
    def space(cls, layer: Layer, arch: Arch) -> Any:
        raise LegalityError("no choice is legal")
