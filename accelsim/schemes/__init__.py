"""Schemes: how layers are quantised, on which hardware, and what becomes of their values.

A scheme is one file of ``configs/schemes``: a datapath, a quantiser of weights and one of ifmaps, which fit.
A run names them under ``datapaths``, for all layers or layer by layer.
"""

from accelsim.schemes.assigning import ALL, Datapaths, check_all, schemes_of
from accelsim.schemes.machines import machines, readers
from accelsim.schemes.quantising import quantise_ifmap, quantise_weights, rescaled
from accelsim.schemes.scheme import Scheme
from accelsim.schemes.sources import check_names, with_schemes
from accelsim.schemes.storing import RealStore, leaving
from accelsim.schemes.trained import Trained, generated, load_step, load_trained, untrained

__all__ = [
    "ALL",
    "Datapaths",
    "RealStore",
    "Scheme",
    "Trained",
    "check_all",
    "check_names",
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
    "with_schemes",
]
