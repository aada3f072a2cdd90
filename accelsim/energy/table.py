"""An energy table: the figures of one technology, and which of them each action adds up."""

import math
import re
from typing import Literal

from accelsim.checks import at_least, description
from accelsim.energy.access import Access, GlbAs, Price
from accelsim.energy.laws import Adder, AnyCost, Cells, Gates, Lut, Ratio, RegisterFile, Sram
from accelsim.errors import ConfigError

_ACTION = re.compile(r"[a-z_]+\.[a-z0-9_]+:[a-z_]+")


@description
class Free:
    """An action without a price, and why."""

    why: str

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise ConfigError(f"why must say why the action is free (got {self.why!r})")


@description
class EnergyTable:
    """Prices of one technology: *costs* are the figures, *actions* the costs that each action adds up.

    *unit* is that of every energy: picojoules, or the energy of one MAC. The tables published price no
    clock and no leakage, so there is neither. An access to the GLB is priced as one to a memory of its size;
    under *glb_as* ``banks`` of the size of one bank, without what chooses among them.
    """

    name: str
    node_nm: int
    unit: Literal["pJ", "mac"]
    source: str
    costs: dict[str, AnyCost]
    actions: dict[str, tuple[str, ...] | Free]
    glb_as: GlbAs = "whole"

    def __post_init__(self) -> None:
        at_least(1, node_nm=self.node_nm)
        self._check_costs()
        if self.glb_as == "banks" and not self._has_glb_by_size():
            raise ConfigError("glb_as: banks needs a price of the GLB by its size, an sram of several points")

    def _has_glb_by_size(self) -> bool:
        """Whether an access to the GLB costs more where it is larger."""
        glb = [
            self.costs[term] for name in self.actions if name.startswith("glb.") for term in self.terms(name)
        ]
        return any(isinstance(law, Sram) and len(law.points) > 1 for law in glb)

    @property
    def label(self) -> str:
        """The name, and what is not as the table prices it by itself."""
        return self.name if self.glb_as == "whole" else f"{self.name} (GLB as {self.glb_as})"

    def _check_costs(self) -> None:
        for name, terms in self.actions.items():
            if not _ACTION.fullmatch(name):
                raise ConfigError(f"actions must be named component.action:operand (got {name!r})")
            if terms == ():
                raise ConfigError(f"actions.{name} must name its costs, or say why it is free (got [])")
        for name, cost in self._named_costs():
            if cost not in self.costs:
                known = ", ".join(self.costs)
                raise ConfigError(f"{name} must name a cost of the table: {known} (got {cost!r})")
        unused = sorted(set(self.costs) - {cost for _, cost in self._named_costs()})
        if unused:
            raise ConfigError(f"costs.{unused[0]} must be part of an action's price (it is part of none)")
        for name, law in self.costs.items():
            if isinstance(law, Ratio) and isinstance(self.costs[law.of], Ratio):
                raise ConfigError(f"costs.{name}.of must name a cost that is no ratio (got {law.of!r})")
            if isinstance(law, Gates | Cells) and not isinstance(self.costs[law.of], Adder):
                raise ConfigError(f"costs.{name}.of must name a cost of kind adder (got {law.of!r})")
            if isinstance(law, RegisterFile | Lut) and not isinstance(self.costs[law.beyond], Sram):
                raise ConfigError(f"costs.{name}.beyond must name a cost of kind sram (got {law.beyond!r})")

    def _named_costs(self) -> list[tuple[str, str]]:
        """Every place that names a cost, and the name."""
        found = []
        for name, law in self.costs.items():
            if isinstance(law, Ratio | Gates | Cells):
                found.append((f"costs.{name}.of", law.of))
            if isinstance(law, RegisterFile | Lut):
                found.append((f"costs.{name}.beyond", law.beyond))
        return found + [(f"actions.{name}", term) for name in self.actions for term in self.terms(name)]

    def terms(self, name: str) -> tuple[str, ...]:
        """The costs that the action *name* adds up; none if it is free.

        Raises:
            ConfigError: if the table has no price for it.
        """
        if name not in self.actions:
            raise ConfigError(f"energy table {self.name!r} must price {name!r} (it has no such action)")
        terms = self.actions[name]
        return () if isinstance(terms, Free) else terms

    def price(self, access: Access) -> Price:
        """The price of one action.

        Raises:
            ConfigError: if the table has none for it.
        """
        own = access._replace(glb_as=self.glb_as)
        parts = [self.costs[term].price(own, self.costs) for term in self.terms(access.name)]
        return Price(math.fsum(p.energy for p in parts), bool(parts) and all(p.published for p in parts))
