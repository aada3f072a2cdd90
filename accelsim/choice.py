"""Which mapping a layer gets: the one given, or the best that a search finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from accelsim.arch import Arch
from accelsim.errors import LegalityError
from accelsim.fast import layer as fast
from accelsim.mapping import Dataflow
from accelsim.program import make_program
from accelsim.search import Objective, search
from accelsim.workload import Layer


@dataclass(frozen=True)
class Plans:
    """The class of the dataflow, and the instances that the user gave."""

    cls: type[Dataflow]
    given: Mapping[str, Dataflow]

    def choose(self, layer: Layer, arch: Arch, prices: Mapping[str, float], objective: Objective) -> Dataflow:
        """As given for *layer*, or the best by *objective* that the search finds on *arch* at *prices*.

        Raises:
            LegalityError: if nothing is legal; with the rule that the smallest choice breaks, in numbers.
        """
        if layer.name in self.given:
            return self.given[layer.name]
        cls: Any = self.cls

        def cycles_of(choice: dict[str, int]) -> int:
            program = make_program(cls(**choice).map(layer, arch), arch)
            return fast.simulate(program, None).cycles

        try:
            space = cls.space(layer, arch)
            choice = search(space, layer, arch, prices, objective, cycles_of).choice
        except LegalityError as error:
            raise self._illegal(layer, arch, error) from error
        dataflow: Dataflow = cls(**choice)
        return dataflow

    def _illegal(self, layer: Layer, arch: Arch, error: LegalityError) -> LegalityError:
        """*error*, that nothing is legal, in the words of the rule that the smallest choice breaks."""
        cls: Any = self.cls
        why = str(error)
        try:
            cls(**{field.name: 1 for field in fields(cls)}).map(layer, arch)
        except LegalityError as broken:
            why = f"{layer.name} must have a legal mapping; the smallest breaks {broken}"
        return LegalityError(why, at=("arch",))
