"""Where the values of a run come from, and how they go from layer to layer: as integers, or as reals."""

from accelsim.flows.activations import Activations
from accelsim.flows.densities import density_ifmap
from accelsim.flows.flow import Flow
from accelsim.flows.integers import Integers, fit_store
from accelsim.flows.labels import accuracy
from accelsim.flows.reals import Reals

__all__ = [
    "Activations",
    "Flow",
    "Integers",
    "Reals",
    "accuracy",
    "density_ifmap",
    "fit_store",
]
