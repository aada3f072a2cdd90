"""What actions cost: counts times prices, each price a published figure under a stated law."""

from accelsim.energy.access import Access, Price, Provenance
from accelsim.energy.pricing import (
    CATEGORIES,
    actions_of,
    by_component,
    by_operand,
    price,
    prices,
    provenance,
)
from accelsim.energy.table import ACTIONS, COMPONENTS, EnergyTable, Free

__all__ = [
    "ACTIONS",
    "CATEGORIES",
    "COMPONENTS",
    "Access",
    "EnergyTable",
    "Free",
    "Price",
    "Provenance",
    "actions_of",
    "by_component",
    "by_operand",
    "price",
    "prices",
    "provenance",
]
