"""Where the values of a run come from, and how they go from layer to layer: as integers, or as reals."""

from accelsim.run.activations.activations import Activations as Activations
from accelsim.run.activations.integers import Integers as Integers
from accelsim.run.activations.labels import label_accuracy as label_accuracy
from accelsim.run.activations.reals import Reals as Reals

Flow = Integers | Reals
"""Where values come from, and how a layer computes with them."""
