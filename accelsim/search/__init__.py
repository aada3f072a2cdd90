"""The best mapping of a layer, and what it will cost."""

from accelsim.mapping.rules import Rule
from accelsim.mapping.space import Batch, Space
from accelsim.search.best import evaluate_choice, search
from accelsim.search.cost import cost, work_prices
from accelsim.search.goal import Candidate, Found, Objective
from accelsim.search.grid import GridSpace
from accelsim.search.sizes import Sizes

__all__ = [
    "Batch",
    "Candidate",
    "Found",
    "GridSpace",
    "Objective",
    "Rule",
    "Sizes",
    "Space",
    "cost",
    "evaluate_choice",
    "search",
    "work_prices",
]
