"""Which mapping a layer gets: the one given, or the best that a search finds."""

from collections.abc import Callable, Iterable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, fields, replace

from accelsim.energy import EnergyTable, actions_of, prices
from accelsim.engines.fast import layer as fast
from accelsim.errors import LegalityError, blaming
from accelsim.machine import Arch
from accelsim.mapping.nest import Dataflow, Mapping, parameters
from accelsim.network.layer import Layer
from accelsim.passes.build import check_mapping
from accelsim.program.jobs import make_program
from accelsim.search.best import evaluate_choice, search
from accelsim.search.goal import Candidate, Found, Objective


@dataclass(frozen=True)
class Plans:
    """The dataflow of a run: its class, and the mappings that were given, by layer."""

    cls: type[Dataflow]
    given: MappingOf[str, Dataflow]


@dataclass(frozen=True)
class Chosen:
    """The mapping of a layer, and the search that found it."""

    dataflow: Dataflow
    found: Found | None  # None: the mapping was given

    def map(self, layer: Layer, arch: Arch) -> Mapping:
        """The nest for *layer* on *arch*, of which passes can be made.

        Raises:
            LegalityError: with the rule that it breaks.
        """
        mapping = self.dataflow.map(layer, arch)
        check_mapping(mapping)
        return mapping


@dataclass(eq=False)
class Mapper:
    """Chooses the mappings of one run on one machine; layers that differ in name alone are searched once."""

    plans: Plans
    arch: Arch
    prices: MappingOf[str, float]
    objective: Objective
    runner_up: bool = field(kw_only=True)
    _searched: dict[Layer, Chosen] = field(default_factory=dict, init=False)

    def choose(self, layer: Layer) -> Chosen:
        """The mapping that was given for *layer*, or the best by the objective that a search finds.

        Raises:
            LegalityError: if nothing is legal; with the rule that the smallest choice breaks, in numbers.
        """
        if layer.name in self.plans.given:
            return Chosen(self.plans.given[layer.name], None)
        shape = replace(layer, name="")  # repeated blocks of a network share one search
        if shape not in self._searched:
            self._searched[shape] = self._search(layer)
        return self._searched[shape]

    def evaluate(self, layer: Layer, chosen: Chosen) -> Candidate:
        """What action counts say of the mapping *chosen* for *layer*, searched or given."""
        if chosen.found:
            return chosen.found.best
        space = self.plans.cls.space(layer, self.arch)
        return evaluate_choice(space, parameters(chosen.dataflow), self.arch, self.prices)

    def _search(self, layer: Layer) -> Chosen:
        make: Callable[..., Dataflow] = self.plans.cls

        def cycles_of(choice: dict[str, int]) -> int:
            program = make_program(make(**choice).map(layer, self.arch), self.arch)
            return fast.simulate(program, None).cycles

        try:
            space = self.plans.cls.space(layer, self.arch)
            found = search(
                space, layer, self.arch, self.prices, self.objective, cycles_of, runner_up=self.runner_up
            )
        except LegalityError as error:
            raise self._illegal(layer, error) from error
        return Chosen(make(**found.choice), found)

    def _illegal(self, layer: Layer, error: LegalityError) -> LegalityError:
        """*error*, that nothing is legal, in the words of the rule that the smallest choice breaks."""
        make: Callable[..., Dataflow] = self.plans.cls
        names = [size.name for size in fields(self.plans.cls)]  # type: ignore[arg-type]
        why = str(error)
        try:
            make(**dict.fromkeys(names, 1)).map(layer, self.arch)
        except LegalityError as broken:
            so = "; the smallest breaks" if ": needs " in str(broken) else ":"  # a rule, or the machine
            why = f"{layer.name} must have a legal mapping{so} {broken}"
        return LegalityError(why, at=("arch",))


@dataclass(eq=False)
class Mappers:
    """The mappers of one run, one for each machine that its layers see, at the prices of that machine."""

    plans: Plans
    energy: EnergyTable
    objective: Objective
    runner_up: bool = field(kw_only=True)
    _made: dict[Arch, Mapper] = field(default_factory=dict, init=False)

    def on(self, arch: Arch) -> Mapper:
        """The mapper for *arch*, made once.

        Raises:
            ConfigError: if the energy table has no price for what *arch* does.
        """
        if arch not in self._made:
            with blaming("energy", also=[("arch",)]):
                unit = prices(self.energy, arch, actions_of(arch))
            self._made[arch] = Mapper(self.plans, arch, unit, self.objective, runner_up=self.runner_up)
        return self._made[arch]

    def check_prices(self, machines: Iterable[Arch]) -> None:
        """Raise ConfigError if the energy table has no price for what one of *machines* does."""
        for arch in machines:
            self.on(arch)
