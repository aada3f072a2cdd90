"""Schemes: how layers are quantised, on which hardware, and what becomes of their values.

A scheme is one file of ``configs/schemes``: a datapath, a quantiser of weights and one of ifmaps, which fit.
A run names them under ``datapaths``, for all layers or layer by layer.
"""

from accelsim.values.schemes.assigning import schemes_of as schemes_of
from accelsim.values.schemes.machines import machines as machines
from accelsim.values.schemes.quantising import rescaled as rescaled
from accelsim.values.schemes.scheme import Scheme as Scheme
