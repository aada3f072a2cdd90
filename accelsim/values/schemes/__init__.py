"""Schemes: how layers are quantised, on which hardware, and what becomes of their values.

A scheme is one file of ``configs/schemes``: a datapath, a quantiser of weights and one of ifmaps, which fit.
A run names them under ``datapaths``, for all layers or layer by layer.
"""

from accelsim.values.schemes.assigning import ALL, Datapaths, check_all, schemes_of
from accelsim.values.schemes.machines import machines, readers
from accelsim.values.schemes.quantising import quantise_ifmap, quantise_weights, rescaled
from accelsim.values.schemes.scheme import Scheme
from accelsim.values.schemes.storing import RealStore, leaving
from accelsim.values.schemes.trained import Trained, generated, load_step, load_trained, untrained

__all__ = [
    "ALL",
    "Datapaths",
    "RealStore",
    "Scheme",
    "Trained",
    "check_all",
    "generated",
    "leaving",
    "load_step",
    "load_trained",
    "machines",
    "quantise_ifmap",
    "quantise_weights",
    "readers",
    "rescaled",
    "schemes_of",
    "untrained",
]
