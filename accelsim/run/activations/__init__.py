"""Where the values of a run come from, and how they go from layer to layer: as integers, or as reals."""

from accelsim.run.activations.activations import Activations
from accelsim.run.activations.densities import density_ifmap
from accelsim.run.activations.flow import Flow
from accelsim.run.activations.integers import Integers, fit_store
from accelsim.run.activations.labels import label_accuracy
from accelsim.run.activations.reals import Reals

__all__ = [
    "Activations",
    "Flow",
    "Integers",
    "Reals",
    "density_ifmap",
    "fit_store",
    "label_accuracy",
]
