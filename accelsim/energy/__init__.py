"""What actions cost: counts times prices, each price a published figure under a stated law."""

from accelsim.energy.access import Access, Area, Price, Provenance, word_of
from accelsim.energy.area import areas, datapath_um2
from accelsim.energy.names import ACTIONS, ARITHMETIC, COMPONENTS, MACHINE, actions_of
from accelsim.energy.pricing import CATEGORIES, by_component, by_operand, price, prices, provenance
from accelsim.energy.table import EnergyTable, Free

__all__ = [
    "ACTIONS",
    "ARITHMETIC",
    "CATEGORIES",
    "COMPONENTS",
    "MACHINE",
    "Access",
    "Area",
    "EnergyTable",
    "Free",
    "Price",
    "Provenance",
    "actions_of",
    "areas",
    "by_component",
    "by_operand",
    "datapath_um2",
    "price",
    "prices",
    "provenance",
    "word_of",
]
