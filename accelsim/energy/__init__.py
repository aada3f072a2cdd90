"""What actions cost: counts times prices, each price a published figure under a stated law."""

from accelsim.energy.access import word_of as word_of
from accelsim.energy.area import datapath_um2 as datapath_um2
from accelsim.energy.names import COMPONENTS as COMPONENTS
from accelsim.energy.names import actions_of as actions_of
from accelsim.energy.pricing import CATEGORIES as CATEGORIES
from accelsim.energy.pricing import by_component as by_component
from accelsim.energy.pricing import by_operand as by_operand
from accelsim.energy.pricing import price as price
from accelsim.energy.pricing import prices as prices
from accelsim.energy.pricing import provenance as provenance
from accelsim.energy.table import EnergyTable as EnergyTable
